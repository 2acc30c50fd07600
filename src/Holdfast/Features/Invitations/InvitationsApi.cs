using Holdfast.Features.ApiKeys;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Invitations;

/// <param name="Role">Key or name of a role; absent means member.</param>
/// <param name="Name">Fills in the form of whoever accepts; stands in no letter.</param>
public sealed record InviteOne(string Email, string? Name = null, string? Role = null);

/// <param name="Language">Of the letters; absent means the language of whoever calls: their setting, else Accept-Language, else English.</param>
/// <param name="CheckOnly">Say what would become of each, and send nothing.</param>
/// <param name="Again">Write once more to those with an open invitation; false leaves them out.</param>
public sealed record InviteRequest(IReadOnlyList<InviteOne> Invitations, string? Language = null, bool CheckOnly = false, bool Again = true);

/// <param name="Outcome"><c>invited</c>, <c>sent_again</c> (the older link ended), <c>here_already</c>, <c>invited_already</c>, <c>twice</c> or <c>refused</c>.</param>
/// <param name="Code">Why it was refused.</param>
public sealed record InviteOneAnswer(string Email, string? Role, string Outcome, string? Code);

public sealed record InviteAnswer(IReadOnlyList<InviteOneAnswer> Results);

public sealed record OpenInvitationAnswer(string Id, string Email, string Role, string? RoleName, string? InvitedBy, DateTimeOffset SentAt, DateTimeOffset EndsAt);

public sealed record OpenInvitationsAnswer(IReadOnlyList<OpenInvitationAnswer> Invitations);

/// <param name="Token">What the link in the letter carries.</param>
public sealed record AcceptInvitationRequest(string Token, string Name, PlainPassword Password, string? TimeZone = null);

public static class InvitationsApi
{
    /// <summary>Of one call: its body has to stay small. Files of thousands go by the page.</summary>
    private const int MostListed = 1000;

    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/workspaces/{workspace}/invitations").WithTags("Users");

        group.MapGet("", async (string workspace, HttpContext context, Invite invite) => Results.Ok(new OpenInvitationsAnswer(
                [.. (await invite.Open(context.InWorkspace(), MostListed)).Select(i => new OpenInvitationAnswer(i.Id, i.Email, i.Role, i.RoleName, i.InvitedBy, i.SentAt, i.EndsAt))])))
            .WithName("listInvitations").WithSummary("Open invitations, newest first; 1000 at most").Needs(Permission.UsersInvite).ForKeys(ApiScope.UsersInvite).Produces<OpenInvitationsAnswer>();

        group.MapPost("", async (string workspace, InviteRequest body, HttpContext context, Invite invite, Words words) =>
        {
            if (body.Invitations.Any(one => one is null)) return Api.Refuse(new Refusal("form.required", 400, "invitations"));
            var lines = body.Invitations.Select((one, i) => new InviteLine(i + 1, one.Email.Trim(), one.Name?.Trim() ?? "", one.Role?.Trim() ?? "")).ToList();
            var outcome = await invite.Run(context.InWorkspace(), new InviteForm(lines, Text.Languages.FirstOrDefault(l => l == body.Language) ?? words.Of(context).Culture.TwoLetterISOLanguageName, body.CheckOnly, body.Again), Client.Of(context));
            return outcome.Ok ? Results.Ok(new InviteAnswer([.. outcome.Value.Select(r => new InviteOneAnswer(r.Line.Email, r.Role?.Key, r.Outcome, r.Why?.Code))])) : Api.Refuse(outcome.Refusal);
        }).WithName("invite").WithSummary("Invite people by mail; each succeeds or fails by itself").Needs(Permission.UsersInvite).ForKeys(ApiScope.UsersInvite).Produces<InviteAnswer>().ProducesProblem(400).ProducesProblem(403);

        group.MapPost("/{id}/send-again", async (string workspace, string id, HttpContext context, Invite invite) => Answer(await invite.SendAgain(context.InWorkspace(), id, Client.Of(context))))
            .WithName("sendInvitationAgain").WithSummary("Send it again; the older link ends").Needs(Permission.UsersInvite).Produces(204).ProducesProblem(403).ProducesProblem(429);

        group.MapDelete("/{id}", async (string workspace, string id, HttpContext context, Invite invite) => Answer(await invite.Withdraw(context.InWorkspace(), id, Client.Of(context))))
            .WithName("withdrawInvitation").WithSummary("Withdraw an invitation: its link ends").Needs(Permission.UsersInvite).ForKeys(ApiScope.UsersInvite).Produces(204);

        app.MapPost("/api/v1/invitations/accept", async (AcceptInvitationRequest body, HttpContext context, AcceptInvitation accept) =>
        {
            var outcome = SecretToken.TryHash(body.Token, out var link) ? await accept.AsNew(link, new NewPersonForm(body.Name, body.Password, body.TimeZone), Client.Of(context)) : InvitationRefusals.Over;
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.SetCookies(context, outcome.Value);
            return Results.NoContent();
        }).WithName("acceptInvitation").WithSummary("Make an account with an invitation, and sign in; the session comes as a cookie").WithTags("Users").WithMetadata(new OpenToAllAttribute())
            .Produces(204).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);

        app.MapPost("/api/v1/invitations/join", async (EmailChange.MailedTokenRequest body, HttpContext context, AcceptInvitation accept) =>
        {
            var outcome = SecretToken.TryHash(body.Token, out var link) ? await accept.AsMember(context.Me(), link, Client.Of(context)) : InvitationRefusals.Over;
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("joinWorkspace").WithSummary("Accept an invitation with the account that is signed in").WithTags("Users").Produces(204).ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult Answer(Outcome<string> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
}
