using Holdfast.Features.Passwords;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Secure;

/// <param name="Next">What comes next: sign_out, password, factors, or done.</param>
/// <param name="BegunBy">person, or link ("This wasn't me"); absent when nothing has begun.</param>
/// <param name="SignedOut">How many sessions the first step ended.</param>
public sealed record SecureAnswer(string Next, string? BegunBy, long? SignedOut, DateTimeOffset? SignedOutAt, DateTimeOffset? PasswordAt, DateTimeOffset? FactorsAt);

/// <param name="CurrentPassword">The one that is in force.</param>
/// <param name="NewPassword">At least as long as the rules say.</param>
public sealed record SecurePasswordRequest(PlainPassword CurrentPassword, PlainPassword NewPassword);

public static class SecureApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/account/secure").WithTags("Secure my account");

        group.MapGet("", async (HttpContext context, SecureAccount secure) => TypedResults.Ok(Answer(await secure.Open(context.Me()))))
            .WithName("getSecuring").WithSummary("How far \"Secure my account\" got");

        group.MapPost("/sign-out", async (HttpContext context, SecureAccount secure) =>
        {
            var outcome = await secure.SignOut(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Ok(Answer(await secure.Open(context.Me()))) : Api.Refuse(outcome.Refusal);
        }).WithName("secureSignOut").WithSummary("Step 1: sign out everywhere else; begins anew when steps were done before").Produces<SecureAnswer>().ProducesProblem(403);

        group.MapPost("/password", async (SecurePasswordRequest body, HttpContext context, SecureAccount secure) =>
        {
            var outcome = await secure.Password(context.Me(), new ChangePasswordForm(body.CurrentPassword, body.NewPassword, body.NewPassword, SignOutOthers: true), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookie(context, outcome.Value.Fresh);
            return Results.NoContent();
        }).WithName("securePassword").WithSummary("Step 2: a new password; the session gets a new token").Produces(204).ProducesProblem(400).ProducesProblem(409).ProducesProblem(429);

        group.MapPost("/factors", async (HttpContext context, SecureAccount secure) =>
        {
            var outcome = await secure.Factors(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Ok(Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("secureFactors").WithSummary("Step 3: the second factors are the person's own; a summary is mailed, and the admins of their workspaces are asked to look").Produces<SecureAnswer>().ProducesProblem(403).ProducesProblem(409);
    }

    private static SecureAnswer Answer(SecureRun? run) => new(
        (run?.Next ?? SecureStep.SignOut) switch { SecureStep.SignOut => "sign_out", SecureStep.Password => "password", SecureStep.Factors => "factors", _ => "done" }, run?.BegunBy, run?.SignedOut, run?.SignedOutAt, run?.PasswordAt, run?.FactorsAt);
}
