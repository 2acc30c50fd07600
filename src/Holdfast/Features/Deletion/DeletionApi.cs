using Holdfast.Features.EmailChange;
using Holdfast.Features.NotMe;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <param name="Case">Such as "ER-2026-0217".</param>
/// <param name="State"><c>grace</c>: it waits; <c>erasing</c>: it runs.</param>
/// <param name="DueAt">When it begins.</param>
public sealed record DeletionAnswer(string Case, string State, DateTimeOffset AskedAt, DateTimeOffset DueAt);

/// <summary>What a deletion would mean.</summary>
/// <param name="DueAt">When it would begin if it were asked for now.</param>
/// <param name="Workspaces">Those that the person alone owns, with others in them: each has to be decided.</param>
public sealed record DeletionPreviewAnswer(DateTimeOffset DueAt, IReadOnlyList<FateAnswer> Deletes, IReadOnlyList<FateAnswer> Keeps, IReadOnlyList<WorkspaceToDecide> Workspaces);

public sealed record FateAnswer(string What, string System);

/// <param name="People">Besides the owner.</param>
public sealed record WorkspaceToDecide(string Id, string Name, long People);

/// <param name="Confirm">Exactly <c>DELETE</c>.</param>
/// <param name="Workspaces">For each workspace that the person alone owns and others are in.</param>
public sealed record DeletionRequest(string Confirm, IReadOnlyList<WorkspaceDecision>? Workspaces = null);

/// <param name="HandTo">Address of the member who becomes owner; absent deletes the workspace too.</param>
public sealed record WorkspaceDecision(string Id, string? HandTo = null);

public sealed record DeleteNowRequest(string Confirm);

public static class DeletionApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/account/deletion").WithTags("Deletion");

        group.MapGet("/preview", async (HttpContext context, LookAtDeletion look) =>
        {
            var preview = await look.Run(context.Me());
            return TypedResults.Ok(new DeletionPreviewAnswer(preview.DueAt, [.. preview.Deletes.Select(f => new FateAnswer(f.Text, f.System))], [.. preview.Keeps.Select(f => new FateAnswer(f.Text, f.System))],
                [.. preview.Workspaces.Where(p => p.Workspace.People > 1).Select(p => new WorkspaceToDecide(p.Workspace.Id, p.Workspace.Name, p.Workspace.People - 1))]));
        }).WithName("previewDeletion").WithSummary("What a deletion would mean: what goes, what stays, when, and what has to be decided");

        group.MapPost("", async (DeletionRequest body, HttpContext context, ScheduleDeletion schedule) =>
        {
            if (body.Workspaces?.Any(w => w is null) == true) return Api.Refuse(new Refusal("form.required", 400, "workspaces"));
            var outcome = await schedule.Run(context.Me(), new DeletionForm(body.Confirm, [.. (body.Workspaces ?? []).Select(w => new WorkspaceChoice(w.Id, w.HandTo))]), Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.ForgetSession(context);
            return Results.Accepted(null as string, Answer(outcome.Value));
        }).WithName("deleteAccount").WithSummary("Ask for the deletion of the account: it closes at once, every session ends, and it is deleted after the days of grace")
            .Produces<DeletionAnswer>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapGet("", async (HttpContext context, KeepAccount keep) => await keep.Mine(context.Me()) is { } open ? Results.Ok(Answer(open.Case)) : Api.Refuse(DeletionRefusals.None))
            .WithName("getDeletion").WithSummary("The deletion that waits; all else but this group, exports, step-up and signing out answers 403 account.closing meanwhile").WithMetadata(new OpenWhileClosingAttribute()).Produces<DeletionAnswer>().ProducesProblem(404);

        group.MapPost("/keep", async (HttpContext context, KeepAccount keep) => NoContent(await keep.ByPerson(context.Me(), Client.Of(context))))
            .WithName("keepAccount").WithSummary("Keep the account: the session that asks is an ordinary one again").WithMetadata(new OpenWhileClosingAttribute()).Produces(204).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/keep-by-link", async (MailedTokenRequest body, HttpContext context, KeepAccount keep) => NoContent(SecretToken.TryHash(body.Token, out var link) ? await keep.ByLink(link, Client.Of(context)) : LinkRefusals.Over))
            .WithName("keepAccountByLink").WithSummary("Keep the account with what the link in a letter carries; signs nobody in").WithMetadata(new OpenToAllAttribute()).Produces(204).ProducesProblem(404);

        group.MapPost("/now", async (DeleteNowRequest body, HttpContext context, DeleteNow now) =>
        {
            var outcome = await now.Run(context.Me(), body.Confirm, Client.Of(context));
            if (!outcome.Ok) return Api.Refuse(outcome.Refusal);
            Api.ForgetSession(context);
            return Results.Accepted(null as string, Answer(outcome.Value) with { State = DeletionState.Erasing });
        }).WithName("deleteAccountNow").WithSummary("Wait no longer: there is no way back").WithMetadata(new OpenWhileClosingAttribute()).Produces<DeletionAnswer>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult NoContent(Outcome<OpenDeletion> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static DeletionAnswer Answer(DeletionCase c) => new(c.Label, c.State, c.AskedAt, c.DueAt);
}
