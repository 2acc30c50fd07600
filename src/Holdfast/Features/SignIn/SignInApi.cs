using Holdfast.Features.Passkeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <param name="Keep">"Keep me signed in"; default false.</param>
/// <param name="TimeZone">IANA name that the browser reports.</param>
public sealed record SignInRequest(string Email, PlainPassword Password, bool Keep = false, string? TimeZone = null);

/// <summary>The password was right, and the sign-in is not done.</summary>
/// <param name="Next"><c>second_factor</c>: send one to <c>/api/v1/sign-in/verify</c>, with the cookie that came along.</param>
/// <param name="Ways">How it may be proven, the usual way first: <c>totp</c>, <c>passkey</c>, <c>recovery_code</c>.</param>
/// <param name="EndsAt">After that it begins anew.</param>
public sealed record SignInAnswer(string Next, IReadOnlyList<string> Ways, DateTimeOffset EndsAt);

/// <param name="Code">Six digits, or a recovery code in any spelling; with a passkey none.</param>
/// <param name="Method">One of <c>ways</c>; default <c>totp</c>.</param>
/// <param name="Remember">Ask no more in this browser, for as many days as the policy allows; default false.</param>
/// <param name="Passkey">With <c>method</c> <c>passkey</c>: the answer to a challenge of <c>/api/v1/sign-in/verify/passkey-options</c>.</param>
public sealed record VerifyRequest(PlainCode? Code = null, string Method = ProofMethod.Totp, string? TimeZone = null, bool Remember = false, PasskeyProof? Passkey = null);

/// <param name="Method">What it was done with.</param>
/// <param name="RecoveryCodesLeft">At three and fewer it is time for new ones.</param>
public sealed record VerifyAnswer(string Method, int RecoveryCodesLeft);

public static class SignInApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Sign-in").WithMetadata(new OpenToAllAttribute());

        group.MapPost("/sign-in", async (SignInRequest body, HttpContext context, SignIn signIn) =>
        {
            var form = new SignInForm(body.Email, body.Password, body.Keep, body.TimeZone, Cookies.Hash(context.Request, Cookies.Session), Cookies.Hash(context.Request, Cookies.Remembered));
            var outcome = await signIn.Run(form, Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            if (outcome.Value is SignInStep.Pending pending)
            {
                Cookies.SetPending(context.Response, pending.Token);
                return Results.Accepted(value: new SignInAnswer(NextStep.SecondFactor, pending.Ways, pending.EndsAt));
            }
            Api.SetCookies(context, ((SignInStep.SignedIn)outcome.Value).Result);
            return Results.NoContent();
        }).WithName("signIn").WithSummary("Sign in; the session comes as a cookie")
            .WithDescription("204: signed in. 202: the password was right, and a second factor is asked for; the cookie that comes with it opens the second step and nothing else, for ten minutes.")
            .Produces(204).Produces<SignInAnswer>(202).ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/sign-in/verify", async (VerifyRequest body, HttpContext context, SecondStep second) =>
        {
            if (Cookies.Hash(context.Request, Cookies.Pending) is not { } pending) return Api.Refuse(PendingRefusals.Over);
            var outcome = await second.Run(pending, new SecondStepForm(new SecondProof(body.Passkey is null ? body.Method : ProofMethod.Passkey, body.Code ?? PlainCode.From(null), body.Passkey?.Answer), body.TimeZone, body.Remember), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookies(context, outcome.Value);
            return Results.Ok(new VerifyAnswer(outcome.Value.Method, outcome.Value.CodesLeft));
        }).WithName("verifySignIn").WithSummary("The second step of a sign-in: a 6-digit code, a passkey or a recovery code; the session comes as a cookie")
            .Produces<VerifyAnswer>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429);

        group.MapDelete("/sign-in/verify", async (HttpContext context, SecondStep second) =>
        {
            if (Cookies.Hash(context.Request, Cookies.Pending) is { } pending) await second.Cancel(pending);
            Cookies.Delete(context.Response, Cookies.Pending);
            return Results.NoContent();
        }).WithName("cancelSignIn").WithSummary("Give up a sign-in that waits for its second step").Produces(204);
    }
}
