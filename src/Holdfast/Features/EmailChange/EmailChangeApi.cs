using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <param name="Email">The address that waits to be confirmed.</param>
/// <param name="EndsAt">Until when the last link works.</param>
public sealed record EmailChangeAnswer(string Email, DateTimeOffset AskedAt, DateTimeOffset SentAt, DateTimeOffset EndsAt);

public sealed record EmailChangeRequest(string Email);

/// <param name="Token">What the link in the letter carries.</param>
public sealed record MailedTokenRequest(string Token);

public static class EmailChangeApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/account/email-change").WithTags("Account");

        group.MapGet("", async (HttpContext context, AskToChangeEmail ask) => await ask.Waiting(context.Me()) is { } waiting ? Results.Ok(Answer(waiting)) : Api.Refuse(EmailChangeRefusals.NothingWaits))
            .WithName("getEmailChange").WithSummary("The new address that waits to be confirmed").Produces<EmailChangeAnswer>().ProducesProblem(404);

        group.MapPost("", async (EmailChangeRequest body, HttpContext context, AskToChangeEmail ask) => Answer(await ask.Run(context.Me(), body.Email, Client.Of(context))))
            .WithName("changeEmail").WithSummary("Ask for another e-mail address: a letter goes there, and a notice to the old one; nothing changes before it is confirmed")
            .Produces<EmailChangeAnswer>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(429);

        group.MapPost("/send-again", async (HttpContext context, AskToChangeEmail ask) => Answer(await ask.SendAgain(context.Me())))
            .WithName("sendEmailChangeAgain").WithSummary("Send the letter again; the older link ends").Produces<EmailChangeAnswer>(202).ProducesProblem(403).ProducesProblem(404).ProducesProblem(429);

        group.MapDelete("", async (HttpContext context, AskToChangeEmail ask) =>
        {
            var outcome = await ask.Withdraw(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("withdrawEmailChange").WithSummary("Keep the old address").Produces(204).ProducesProblem(404);

        group.MapPost("/confirm", async (MailedTokenRequest body, HttpContext context, ConfirmEmail confirm) =>
        {
            var outcome = SecretToken.TryHash(body.Token, out var link) ? await confirm.Run(context.Me(), link, Client.Of(context)) : LinkRefusals.Over;
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("confirmEmail").WithSummary("Confirm the new address with what the link carries, signed in to the same account").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/undo", async (MailedTokenRequest body, HttpContext context, UndoEmailChange undo) =>
        {
            var outcome = SecretToken.TryHash(body.Token, out var link) ? await undo.Run(link, Client.Of(context)) : LinkRefusals.Over;
            return outcome.Ok ? Results.Ok(new EndedAnswer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("undoEmailChange").WithSummary("Put the old address back with what the link carries: all sessions end, the password stops, a link to choose a new one goes to the old address")
            .WithMetadata(new OpenToAllAttribute()).Produces<EndedAnswer>().ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult Answer(Outcome<EmailChange> outcome) => outcome.Ok ? Results.Accepted(null as string, Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);

    private static EmailChangeAnswer Answer(EmailChange waiting) => new(waiting.NewEmail, waiting.AskedAt, waiting.SentAt, waiting.EndsAt);
}
