using Holdfast.Features.Passkeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.StepUp;

/// <summary>One of the three: the password, a code, or a passkey.</summary>
/// <param name="Code">Six digits, or a recovery code in any spelling.</param>
/// <param name="Method">What the code is: <c>totp</c> (default) or <c>recovery_code</c>.</param>
/// <param name="Passkey">The answer to a challenge of <c>/api/v1/step-up/passkey-options</c>; with it <c>method</c> need not be said.</param>
public sealed record StepUpRequest(PlainPassword? Password = null, PlainCode? Code = null, string Method = ProofMethod.Totp, PasskeyProof? Passkey = null);

public sealed record StepUpAnswer(DateTimeOffset ProvenAt);

public static class StepUpApi
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/api/v1/step-up", async (StepUpRequest body, HttpContext context, StepUp stepUp) =>
    {
        var outcome = body.Passkey is { } passkey
            ? await stepUp.BySecondFactor(context.Me(), new SecondProof(ProofMethod.Passkey, PlainCode.From(null), passkey.Answer), Client.Of(context))
            : body.Code is { } code
            ? await stepUp.BySecondFactor(context.Me(), new SecondProof(body.Method, code), Client.Of(context))
            : await stepUp.ByPassword(context.Me(), body.Password ?? PlainPassword.From(null), Client.Of(context));
        if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
        Api.SetCookie(context, outcome.Value);
        return Results.Ok(new StepUpAnswer(outcome.Value.Session.ProvenAt));
    }).WithName("stepUp").WithSummary("Prove once more who you are, before a sensitive action; the session gets a new token").WithTags("Sign-in").WithMetadata(new OpenWhileEnrollingAttribute(), new OpenWhileClosingAttribute())
        .WithDescription("Where an action answers step_up.second_factor_required, a code or a passkey is wanted: the password alone does not do.")
        .Produces<StepUpAnswer>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429).ProducesProblem(503);
}
