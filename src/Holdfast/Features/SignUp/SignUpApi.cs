using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Secrets;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.SignUp;

/// <param name="Language">Of the letters and the account; absent means what the call accepts (Accept-Language), else English.</param>
/// <param name="TimeZone">IANA name.</param>
public sealed record SignUpRequest(string Name, string Email, PlainPassword Password, string? Language = null, string? TimeZone = null);

/// <param name="Again">Secret that asks for the letter once more.</param>
public sealed record SignUpAnswer(string Again);

public sealed record SignUpAgainRequest(string Again);

/// <param name="Token">What the link in the letter carries.</param>
/// <param name="Password">The one that was chosen.</param>
public sealed record ConfirmSignUpRequest(string Token, PlainPassword Password);

public static class SignUpApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/sign-up").WithTags("Sign-in").WithMetadata(new OpenToAllAttribute());

        group.MapPost("", async (SignUpRequest body, HttpContext context, AskToSignUp ask) =>
        {
            var language = Text.Languages.FirstOrDefault(l => l == body.Language) ?? Words.Wish(context.Request) ?? Text.Languages[0];
            var outcome = await ask.Run(new SignUpForm(body.Name, body.Email, body.Password, body.TimeZone, language), Client.Of(context));
            return outcome.Ok ? Results.Accepted(null as string, new SignUpAnswer(outcome.Value.Reveal())) : Api.Refuse(outcome.Refusal);
        }).WithName("signUp").WithSummary("Ask for an account: a letter goes to the address, and no account exists before its link is used")
            .WithDescription("202 for every address, whether it has an account or not: the letter says which. Open only where the setting SignUp:Mode is open.")
            .Produces<SignUpAnswer>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/again", async (SignUpAgainRequest body, HttpContext context, AskToSignUp ask) =>
        {
            var outcome = SecretToken.TryHash(body.Again, out var again) ? await ask.Again(again, Client.Of(context)) : Done.It;
            return outcome.Ok ? Results.Accepted() : Api.Refuse(outcome.Refusal);
        }).WithName("signUpAgain").WithSummary("Send the letter again; the older link ends. One a minute at most, and a few an hour").Produces(202).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/confirm", async (ConfirmSignUpRequest body, HttpContext context, ConfirmSignUp confirm) =>
        {
            if (!SecretToken.TryHash(body.Token, out var link)) return Api.Refuse(LinkRefusals.Over);
            var outcome = await confirm.Run(link, body.Password, Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookies(context, outcome.Value);
            return Results.NoContent();
        }).WithName("confirmSignUp").WithSummary("Make the account with what the link carries and the password that was chosen; the session comes as a cookie")
            .Produces(204).ProducesProblem(401).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }
}
