using Holdfast.Features.ApiKeys;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <param name="Role"><c>owner</c>, <c>admin</c>, <c>member</c>, or the id of a custom role.</param>
/// <param name="RoleName">Of a custom role; absent for the others.</param>
/// <param name="EveryoneNeedsTwoFactor">Whether the workspace asks everybody for two-factor.</param>
public sealed record WorkspaceAnswer(string Id, string Slug, string Name, string Role, string? RoleName, IReadOnlyList<string> Permissions, string ShownName, DateTimeOffset Since, bool EveryoneNeedsTwoFactor);

public sealed record RenameWorkspaceRequest(string Name);

/// <param name="Since">When it was turned on; absent while it is off.</param>
/// <param name="From">From when on it holds for those who were members then.</param>
/// <param name="Without">People without two-factor; at most 10000 are counted.</param>
public sealed record WorkspaceTwoFactorAnswer(bool Everyone, int GraceDays, DateTimeOffset? Since, DateTimeOffset? From, long Without, IReadOnlyList<WithoutTwoFactorAnswer> People);

public sealed record WithoutTwoFactorAnswer(string Id, string Name, string Email, bool Suspended, DateTimeOffset? LastSignInAt);

/// <param name="GraceDays">0 to 90, counted from now; default 14.</param>
/// <param name="Letters">Tell those who have none by letter (500 at most); default true.</param>
public sealed record WorkspaceTwoFactorRequest(bool Everyone, int GraceDays = 14, bool Letters = true);

/// <param name="Sent">Letters that are on their way.</param>
public sealed record WorkspaceTwoFactorChanged(int Sent);

/// <param name="Name">Of a custom role; absent for the built-in ones.</param>
/// <param name="People">Members who have a custom role; absent for the built-in ones.</param>
public sealed record RoleAnswer(string Id, string? Name, bool Custom, IReadOnlyList<string> Permissions, long? People);

/// <param name="Permissions">At least one of <c>users.view</c>, <c>users.invite</c>, <c>users.recover</c>, <c>users.edit</c>, <c>reporting.view</c>, <c>apikeys.manage</c>, <c>settings.edit</c>.</param>
public sealed record RoleRequest(string Name, IReadOnlyList<string> Permissions);

/// <param name="Email">Of the member who becomes owner.</param>
/// <param name="Stay">Stay owner beside them; default false: become an admin.</param>
public sealed record HandOverRequest(string Email, bool Stay = false);

public static class WorkspacesApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/workspaces", (HttpContext context) => TypedResults.Ok<IReadOnlyList<WorkspaceAnswer>>([.. context.Me().Memberships.Select(m => Answer(m, context.Me().Account.Name))]))
            .WithName("listWorkspaces").WithSummary("The workspaces that are open to the person").WithTags("Workspaces");

        var group = app.MapGroup("/api/v1/workspaces/{workspace}").WithTags("Workspaces");
        Own(group);
        Settings(group);
        Roles(group);
    }

    private static void Own(RouteGroupBuilder group)
    {
        group.MapGet("", (string workspace, HttpContext context) => TypedResults.Ok(Answer(context.InWorkspace().Membership, context.Me().Account.Name)))
            .WithName("getWorkspace").WithSummary("The person's place in a workspace").Needs(Permission.None);

        group.MapPost("/leave", async (string workspace, HttpContext context, LeaveWorkspace leave) =>
        {
            var outcome = await leave.Leave(context.InWorkspace(), Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("leaveWorkspace").WithSummary("Leave; the account stays").Needs(Permission.None).Produces(204).ProducesProblem(409);

        group.MapPost("/hand-over", async (string workspace, HandOverRequest body, HttpContext context, LeaveWorkspace leave) =>
        {
            var outcome = await leave.HandOver(context.InWorkspace(), body.Email, body.Stay, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("handOverWorkspace").WithSummary("Make another member owner; for owners").Needs(Permission.None).Produces(204).ProducesProblem(403).ProducesProblem(409);
    }

    private static void Settings(RouteGroupBuilder group)
    {
        group.MapPatch("", async (string workspace, RenameWorkspaceRequest body, HttpContext context, RenameWorkspace rename) =>
        {
            var outcome = await rename.Run(context.InWorkspace(), body.Name, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("renameWorkspace").WithSummary("Another name; the address stays").Needs(Permission.SettingsEdit).Produces(204).ProducesProblem(400);

        group.MapGet("/two-factor", async (string workspace, HttpContext context, RequireTwoFactor require, Db db) =>
        {
            var actor = context.InWorkspace();
            var (row, affected) = (await db.Read(tx => WorkspaceTable.ById(tx, actor.WorkspaceId)), await require.Look(actor));
            return Results.Ok(new WorkspaceTwoFactorAnswer(row!.EveryoneSince is not null, row.EveryoneGraceDays, row.EveryoneSince, row.EveryoneSince?.AddDays(row.EveryoneGraceDays), affected.Count,
                [.. (actor.May(Permission.UsersView) ? affected.People : []).Select(p => new WithoutTwoFactorAnswer(p.AccountId, p.Name, p.Email, p.SuspendedAt is not null, p.LastSignInAt))]));
        }).WithName("getWorkspaceTwoFactor").WithSummary("Whether everybody needs two-factor, and whom the rule meets; by name for those who may see people").Needs(Permission.SettingsEdit).Produces<WorkspaceTwoFactorAnswer>();

        group.MapPut("/two-factor", async (string workspace, WorkspaceTwoFactorRequest body, HttpContext context, RequireTwoFactor require) =>
        {
            var actor = context.InWorkspace();
            if (body.Everyone)
            {
                var on = await require.TurnOn(actor, body.GraceDays, body.Letters, Client.Of(context));
                return on.Ok ? Results.Ok(new WorkspaceTwoFactorChanged(on.Value)) : Api.Refuse(on.Refusal);
            }
            var off = await require.TurnOff(actor, Client.Of(context));
            return off.Ok ? Results.Ok(new WorkspaceTwoFactorChanged(0)) : Api.Refuse(off.Refusal);
        }).WithName("setWorkspaceTwoFactor").WithSummary("Ask everybody for two-factor, or no longer; whoever turns it on has to have it").Needs(Permission.SettingsEdit).Produces<WorkspaceTwoFactorChanged>().ProducesProblem(400).ProducesProblem(403);
    }

    private static void Roles(RouteGroupBuilder group)
    {
        group.MapGet("/roles", async (string workspace, HttpContext context, Db db) =>
        {
            var own = await db.Read(tx => RoleTable.Of(tx, context.InWorkspace().WorkspaceId));
            return Results.Ok<IReadOnlyList<RoleAnswer>>([.. Role.BuiltIn.Select(r => new RoleAnswer(r.Key, null, false, r.Permissions, null)), .. own.Select(r => new RoleAnswer(r.Id, r.Name, true, r.Role.Permissions, r.People))]);
        }).WithName("listRoles").WithSummary("Built-in roles and the workspace's own").Needs(Permission.UsersView).ForKeys(ApiScope.UsersRead).Produces<IReadOnlyList<RoleAnswer>>();

        group.MapPost("/roles", async (string workspace, RoleRequest body, HttpContext context, ChangeRoles roles) =>
        {
            var outcome = await roles.Make(context.InWorkspace(), new RoleForm(body.Name, body.Permissions), Client.Of(context));
            return outcome.Ok ? Results.Created((string?)null, Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("makeRole").WithSummary("Make a role of the workspace's own").Needs(Permission.SettingsEdit).Produces<RoleAnswer>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);

        group.MapPut("/roles/{role}", async (string workspace, string role, RoleRequest body, HttpContext context, ChangeRoles roles) =>
        {
            var outcome = await roles.Change(context.InWorkspace(), role, new RoleForm(body.Name, body.Permissions), Client.Of(context));
            return outcome.Ok ? Results.Ok(Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("changeRole").WithSummary("Change name and permissions; counts from the next request of everybody who has it").Needs(Permission.SettingsEdit).Produces<RoleAnswer>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapDelete("/roles/{role}", async (string workspace, string role, HttpContext context, ChangeRoles roles) =>
        {
            var outcome = await roles.Delete(context.InWorkspace(), role, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("deleteRole").WithSummary("Delete a role that nobody has").Needs(Permission.SettingsEdit).Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    /// <summary>Names the permission, and describes what <see cref="EnterWorkspace"/> answers without it.</summary>
    internal static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, string permission) => route.WithMetadata(new InWorkspaceAttribute(permission)).ProducesProblem(404);

    private static RoleAnswer Answer(Role role) => new(role.Key, role.CustomName, role.IsCustom, role.Permissions, null);

    private static WorkspaceAnswer Answer(Membership m, string name) => new(m.WorkspaceId, m.Slug, m.Workspace, m.Role, m.RoleName, m.Rights.Permissions, m.ShownName ?? name, m.Since, m.EveryoneSince is not null);
}
