using Holdfast.Features.Sessions;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>An application by others that a person allowed something.</summary>
/// <param name="Client">Null when it was deleted at this very moment.</param>
/// <param name="Workspace">Name of the one that it sees; null for none, or one that the person has left.</param>
public sealed record AllowedApplication(Grant Grant, OAuthClient? Client, string? Workspace)
{
    public string Name => Client?.Name ?? Grant.ClientId;
}

/// <summary>An application of ours that is open in a session.</summary>
public sealed record OpenApplication(OAuthClient Client, Session Session, DateTimeOffset LastUsedAt);

/// <summary>What a person let applications do.</summary>
/// <param name="Allowed">By others, the last used first.</param>
/// <param name="Open">Ours, the last used first; one for each session.</param>
public sealed record ApplicationsOfPerson(IReadOnlyList<AllowedApplication> Allowed, IReadOnlyList<OpenApplication> Open);

/// <param name="Next">Cursor of the page after; null on the last.</param>
public sealed record MemberGrants(IReadOnlyList<(MemberGrant Grant, OAuthClient? Client)> Items, string? Next);

/// <summary>Lists grants: a person's own, and those that reach into a workspace (ASVS 10.7.3).</summary>
public sealed class ListGrants(Db db, OAuthClients clients)
{
    public const int PageSize = 50;

    public async Task<ApplicationsOfPerson> Of(SignedIn me)
    {
        var all = (await clients.All()).ToDictionary(c => c.Id, StringComparer.Ordinal);
        return await db.Read(async tx =>
        {
            var allowed = (await GrantTable.Of(tx, me.Account.Id)).Where(g => all.GetValueOrDefault(g.ClientId) is not { FirstParty: true }).Select(g => new AllowedApplication(g, all.GetValueOrDefault(g.ClientId), me.Memberships.FirstOrDefault(m => m.WorkspaceId == g.WorkspaceId)?.Workspace)).ToList();
            var open = new List<OpenApplication>();
            // The last used of each application and session stands for the others.
            foreach (var family in (await TokenTable.LiveOf(tx, me.Account.Id)).DistinctBy(f => (f.ClientId, f.SessionId)))
            {
                if (all.GetValueOrDefault(family.ClientId) is { FirstParty: true, IsOn: true } client && await SessionTable.ById(tx, me.Account.Id, family.SessionId) is { EndedAt: null } session) open.Add(new OpenApplication(client, session, family.LastUsedAt));
            }
            return new ApplicationsOfPerson(allowed, open);
        });
    }

    /// <param name="before">Cursor from the page before; anything that is no id counts as none.</param>
    public async Task<MemberGrants> InWorkspace(WorkspaceActor actor, string? before, int limit = PageSize)
    {
        var all = (await clients.All()).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var rows = await db.Read(tx => GrantTable.InWorkspace(tx, actor.WorkspaceId, Ids.IsWellFormed(before) ? before : null, limit + 1));
        return new MemberGrants([.. rows.Take(limit).Select(g => (g, all.GetValueOrDefault(g.ClientId)))], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    /// <summary>What a member allowed others: what reaches into this workspace, and where it is the person's only one, what reaches into none. Never what reaches into another.</summary>
    public async Task<IReadOnlyList<AllowedApplication>> OfMember(WorkspaceActor actor, User user)
    {
        var all = (await clients.All()).ToDictionary(c => c.Id, StringComparer.Ordinal);
        var grants = await db.Read(tx => GrantTable.Of(tx, user.Account.Id));
        return [.. grants.Where(g => all.GetValueOrDefault(g.ClientId) is not { FirstParty: true } && Reaches(g, actor.WorkspaceId, user.OnlyHere)).Select(g => new AllowedApplication(g, all.GetValueOrDefault(g.ClientId), g.WorkspaceId is null ? null : actor.Workspace))];
    }

    internal static bool Reaches(Grant grant, string workspaceId, bool onlyHere) => grant.WorkspaceId == workspaceId || (grant.WorkspaceId is null && onlyHere);
}
