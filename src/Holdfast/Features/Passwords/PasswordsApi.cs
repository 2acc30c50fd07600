using Holdfast.Secrets;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <param name="NewPasswordAgain">Absent counts as repeated rightly: a program does not mistype.</param>
/// <param name="SignOutOthers">Counts where the server asks (<c>Sessions:OnPasswordChange</c> = <c>Ask</c>); default true.</param>
public sealed record ChangePasswordRequest(PlainPassword CurrentPassword, PlainPassword NewPassword, PlainPassword? NewPasswordAgain = null, bool SignOutOthers = true);

/// <param name="SignedOut">How many other sessions were ended.</param>
public sealed record ChangePasswordAnswer(int SignedOut);

/// <param name="Name">Where nobody is signed in yet: what the form holds so far, so that the meter knows which words are too close.</param>
public sealed record StrengthRequest(PlainPassword Password, string? Name = null, string? Email = null, string? Workspace = null);

/// <param name="Score">0 to 4.</param>
/// <param name="Acceptable">What the server would say to it now; breaches are looked up only when the form is sent.</param>
public sealed record StrengthAnswer(int Score, string Label, string? Advice, bool Acceptable);

public static class PasswordsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/password").WithTags("Password");

        group.MapPost("", async (ChangePasswordRequest body, HttpContext context, ChangePassword change) =>
        {
            var again = body.NewPasswordAgain is { IsEmpty: false } typed ? typed : body.NewPassword;
            var outcome = await change.Run(context.Me(), new ChangePasswordForm(body.CurrentPassword, body.NewPassword, again, body.SignOutOthers), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookie(context, outcome.Value.Fresh);
            return Results.Ok(new ChangePasswordAnswer(outcome.Value.SignedOut));
        }).WithName("changePassword").WithSummary("Change the password; the session gets a new token").Produces<ChangePasswordAnswer>().ProducesProblem(400).ProducesProblem(429).ProducesProblem(503);

        group.MapPost("/strength", async (StrengthRequest body, HttpContext context, CheckPassword check, PasswordContexts contexts, StrengthPace pace, Words words) =>
        {
            var count = pace.Count(Client.Of(context).Network);
            count.Tell(context.Response);
            if (count.Refusal is { } refusal) return Api.Refuse(refusal);
            var about = context.MeOrNobody() is { } me ? contexts.Of(me) : contexts.Of(Short(body.Name), Short(body.Email), [Short(body.Workspace)]);
            var strength = await check.Measure(body.Password, about);
            if (!strength.Ok) return Api.Refuse(strength.Refusal);
            var text = words.Of(context);
            var found = strength.Value;
            return Results.Ok(new StrengthAnswer(found.Score, text[found.Label], found.Refusal is { } why ? Problems.Message(why, text) : found.Advice is { } advice ? text[advice] : null, found.Refusal is null));
        }).WithName("measurePassword").WithSummary("How strong a password would be, by the same rules that decide").WithMetadata(new OpenToAllAttribute()).Produces<StrengthAnswer>().ProducesProblem(429).ProducesProblem(503);
    }

    private static string Short(string? text) => text is null ? "" : text.Length > 100 ? text[..100] : text;
}
