using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.SignIn
{
    /// <param name="Keep">"Keep me signed in"; default false.</param>
    /// <param name="TimeZone">IANA name that the browser reports.</param>
    public sealed record SignInRequest(string Email, PlainPassword Password, bool Keep = false, string? TimeZone = null);

    public static class SignInApi
    {
        public static void Map(IEndpointRouteBuilder app)
        {
            app.MapPost("/api/v1/sign-in", async (SignInRequest body, HttpContext context, SignIn signIn) =>
            {
                TokenHash? replaces = SecretToken.TryHash(Cookies.Find(context.Request, Cookies.Session), out var old) ? old : null;
                var outcome = await signIn.Run(new SignInForm(body.Email, body.Password, body.Keep, body.TimeZone, replaces), Client.Of(context));
                if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
                Api.SetCookies(context, outcome.Value);
                return Results.NoContent();
            }).WithName("signIn").WithSummary("Sign in; the session comes as a cookie").WithTags("Sign-in").WithMetadata(new OpenToAllAttribute())
                .Produces(204).ProducesProblem(400).ProducesProblem(401).ProducesProblem(429).ProducesProblem(503);

            app.MapPost("/api/v1/step-up", async (StepUpRequest body, HttpContext context, StepUp.StepUp stepUp) =>
            {
                var outcome = await stepUp.ByPassword(context.Me(), body.Password, Client.Of(context));
                if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
                Api.SetCookie(context, outcome.Value);
                return Results.Ok(new StepUpAnswer(outcome.Value.Session.ProvenAt));
            }).WithName("stepUp").WithSummary("Prove once more who you are, before a sensitive action; the session gets a new token").WithTags("Sign-in")
                .Produces<StepUpAnswer>().ProducesProblem(400).ProducesProblem(429).ProducesProblem(503);
        }
    }
}

namespace Holdfast.Features.StepUp
{
    public sealed record StepUpRequest(PlainPassword Password);

    public sealed record StepUpAnswer(DateTimeOffset ProvenAt);
}
