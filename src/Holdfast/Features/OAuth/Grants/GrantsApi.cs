using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <param name="Allowed">Applications by others.</param>
/// <param name="Open">Applications of ours that are open in a session.</param>
public sealed record ApplicationsAnswer(IReadOnlyList<AllowedAnswer> Allowed, IReadOnlyList<OpenApplicationAnswer> Open);

/// <param name="Id">Of the grant.</param>
/// <param name="Resources">APIs that it may be used at.</param>
/// <param name="WorkspaceId">The one workspace that it sees; absent for none.</param>
/// <param name="LastUsedFrom">Network address.</param>
public sealed record AllowedAnswer(string Id, string ClientId, string Name, string? Maker, IReadOnlyList<string> Scopes, IReadOnlyList<string> Resources, string? WorkspaceId, DateTimeOffset AllowedAt, DateTimeOffset? LastUsedAt, string? LastUsedFrom);

public sealed record OpenApplicationAnswer(string ClientId, string Name, string SessionId, DateTimeOffset LastUsedAt);

/// <param name="Next">Cursor of the page after; absent on the last.</param>
public sealed record MemberGrantsAnswer(IReadOnlyList<MemberGrantAnswer> Items, string? Next);

/// <param name="Id">Of the grant.</param>
/// <param name="UserId">Whose it is.</param>
public sealed record MemberGrantAnswer(string Id, string UserId, string Person, string ClientId, string Name, string? Maker, IReadOnlyList<string> Scopes, IReadOnlyList<string> Resources, DateTimeOffset AllowedAt, DateTimeOffset? LastUsedAt);

public static class GrantsApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Applications");

        group.MapGet("/me/applications", async (HttpContext context, ListGrants list) =>
        {
            var found = await list.Of(context.Me());
            return Results.Ok(new ApplicationsAnswer([.. found.Allowed.Select(Answer)], [.. found.Open.Select(o => new OpenApplicationAnswer(o.Client.Id, o.Client.Name, o.Session.Id, o.LastUsedAt))]));
        }).WithName("listApplications").WithSummary("Applications that may use the account").Produces<ApplicationsAnswer>();

        group.MapDelete("/me/applications/{id}", async (string id, HttpContext context, RevokeGrant revoke) =>
        {
            var outcome = await revoke.Run(context.Me(), id, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("revokeApplication").WithSummary("Take back what an application was allowed; it stops at once").Produces(204).ProducesProblem(404);

        group.MapGet("/workspaces/{workspace}/applications", async (string workspace, HttpContext context, ListGrants list, string? before = null, int limit = ListGrants.PageSize) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var page = await list.InWorkspace(context.InWorkspace(), before, limit);
            return Results.Ok(new MemberGrantsAnswer([.. page.Items.Select(i => new MemberGrantAnswer(i.Grant.Id, i.Grant.AccountId, i.Grant.Person, i.Grant.ClientId, i.Client?.Name ?? i.Grant.ClientId, i.Client?.Maker, Scope.Split(i.Grant.Scopes), Scope.Split(i.Grant.Resources), i.Grant.MadeAt, i.Grant.LastUsedAt))], page.Next));
        }).WithName("listWorkspaceApplications").WithSummary("Applications by others that people let into the workspace, newest first; `before` takes the cursor `next`").Needs(Permission.UsersView).Produces<MemberGrantsAnswer>().ProducesProblem(400);

        group.MapGet("/workspaces/{workspace}/users/{id}/applications", async (string workspace, string id, HttpContext context, LookAtUser look, ListGrants list) =>
        {
            var user = await look.Run(context.InWorkspace(), id);
            return user.Ok ? Results.Ok((IReadOnlyList<AllowedAnswer>)[.. (await list.OfMember(context.InWorkspace(), user.Value)).Select(a => Answer(a) with { LastUsedFrom = null })]) : Api.Refuse(user.Refusal);
        }).WithName("listUserApplications").WithSummary("Applications by others that one person let into the workspace").Needs(Permission.UsersView).Produces<IReadOnlyList<AllowedAnswer>>();

        group.MapDelete("/workspaces/{workspace}/users/{id}/applications/{grant}", async (string workspace, string id, string grant, HttpContext context, RevokeMemberGrant revoke) =>
        {
            var outcome = await revoke.Run(context.InWorkspace(), id, grant, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("revokeUserApplication").WithSummary("Take back what somebody allowed an application").Needs(Permission.UsersEdit).Produces(204).ProducesProblem(403);
    }

    private static AllowedAnswer Answer(AllowedApplication a) => new(a.Grant.Id, a.Grant.ClientId, a.Name, a.Client?.Maker, Scope.Split(a.Grant.Scopes), Scope.Split(a.Grant.Resources), a.Grant.WorkspaceId, a.Grant.MadeAt, a.Grant.LastUsedAt, a.Grant.LastUsedFrom);
}
