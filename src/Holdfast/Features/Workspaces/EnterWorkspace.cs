using Holdfast.Features.ApiKeys;
using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>Names the permission that a route below <c>/w/{workspace}</c> or <c>/api/v1/workspaces/{workspace}</c> asks for. Without it such a route answers nobody.</summary>
/// <param name="permission">One of <see cref="Holdfast.Features.Workspaces.Permission"/>; <see cref="Workspaces.Permission.None"/> where belonging is enough.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class InWorkspaceAttribute(string permission) : Attribute
{
    public string Permission { get; } = permission;
}

/// <summary>The signed-in person as a member of the workspace that the address names.</summary>
public sealed record WorkspaceActor(SignedIn Me, Membership Membership)
{
    /// <summary>The key with which a program acts in the maker's name; null when they act themselves. <see cref="Membership"/> is then what the key leaves of theirs, and their session is none.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>With a key: looks at it, and at whoever made it, once more; set with <see cref="Key"/>.</summary>
    public Func<ReadTx, Task<Outcome<WorkspaceActor>>>? KeyAgain { get; init; }

    public string WorkspaceId => Membership.WorkspaceId;

    public string Slug => Membership.Slug;

    public string Workspace => Membership.Workspace;

    /// <summary>The name that others of this workspace know them by.</summary>
    public string Name => Membership.ShownName ?? Me.Account.Name;

    public bool May(string permission) => Membership.Rights.Allows(permission);

    /// <summary>
    /// Holds the workspace and looks again at who acts, in the transaction of what they do: a role that was taken away a moment ago no longer counts. Refuses with <c>workspace.not_allowed</c> (403), with <c>session.ended</c> (401), and with
    /// <c>request.not_found</c> (404) when they are no member any more.
    /// </summary>
    public async Task<Outcome<Membership>> Again(WriteTx tx, string permission)
    {
        await WorkspaceTable.Hold(tx, WorkspaceId);
        if (KeyAgain is { } again)
        {
            var now = await again(tx);
            if (!now.Ok) return now.Refusal;
            return now.Value.May(permission) ? now.Value.Membership : WorkspaceRefusals.NotAllowed;
        }
        if (!await SessionTable.IsStill(tx, Me.Session)) return SessionRefusals.Ended;
        if (await MemberTable.Find(tx, WorkspaceId, Me.Account.Id) is not { SuspendedAt: null } membership) return WorkspaceRefusals.NotFound;
        return membership.Rights.Allows(permission) ? membership : WorkspaceRefusals.NotAllowed;
    }
}

/// <summary>The one place that decides who may enter a workspace's routes: 404 for whoever is no member (it does not tell whether there is such a workspace), 403 for members without the permission (ASVS 8.2.1, 8.4.1).</summary>
public sealed class EnterWorkspace(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is RouteEndpoint endpoint && IsOfWorkspace(endpoint))
        {
            var needed = endpoint.Metadata.GetMetadata<InWorkspaceAttribute>() ?? throw new InvalidOperationException($"{endpoint.RoutePattern.RawText} names no permission");
            if (context.InWorkspaceOrNone() is { } program)
            {
                // Gate has looked at key, workspace and scope; the maker may have lost the permission.
                if (program.May(needed.Permission)) await next(context);
                else await Problems.Answer(context, WorkspaceRefusals.NotAllowed);
                return;
            }
            var (me, slug) = (context.Me(), context.GetRouteValue("workspace") as string);
            if (me.Memberships.FirstOrDefault(m => m.Slug == slug) is not { } membership)
            {
                await Problems.Answer(context, WorkspaceRefusals.NotFound);
                return;
            }
            var actor = new WorkspaceActor(me, membership);
            context.Features.Set(actor);
            if (!actor.May(needed.Permission))
            {
                await Problems.Answer(context, WorkspaceRefusals.NotAllowed);
                return;
            }
        }
        await next(context);
    }

    /// <summary>By its pattern, not by what it says of itself: a route that forgot to name its permission is caught.</summary>
    internal static bool IsOfWorkspace(RouteEndpoint endpoint)
    {
        var pattern = endpoint.RoutePattern.RawText?.TrimStart('/') ?? "";
        return pattern.StartsWith("w/", StringComparison.OrdinalIgnoreCase) || pattern.StartsWith("api/v1/workspaces/", StringComparison.OrdinalIgnoreCase) || endpoint.Metadata.GetMetadata<InWorkspaceAttribute>() is not null;
    }
}

public static class WorkspaceActors
{
    /// <summary>The member that this request acts as.</summary>
    /// <exception cref="InvalidOperationException">The route is not one of a workspace.</exception>
    public static WorkspaceActor InWorkspace(this HttpContext context) => context.InWorkspaceOrNone() ?? throw new InvalidOperationException("This request is in no workspace");

    public static WorkspaceActor? InWorkspaceOrNone(this HttpContext context) => context.Features.Get<WorkspaceActor>();
}

public static class WorkspaceRefusals
{
    public static readonly Refusal NotFound = new("request.not_found", 404);
    public static readonly Refusal NotAllowed = new("workspace.not_allowed", 403);
}
