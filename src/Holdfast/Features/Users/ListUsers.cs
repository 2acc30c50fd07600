using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Users;

/// <param name="Next">Cursor of the page after; null on the last.</param>
public sealed record FoundUsers(IReadOnlyList<UserRow> People, string? Next);

/// <summary>The people of a workspace, by name, fifty at a time.</summary>
public sealed class ListUsers(Db db, UserCursor cursor)
{
    public const int PageSize = 50;

    public const int Most = 200;

    /// <param name="after">Cursor of the page before; anything that is none counts as the beginning.</param>
    /// <param name="limit">1 to <see cref="Most"/>.</param>
    public async Task<FoundUsers> Run(WorkspaceActor actor, UserSearch search, string? after, int limit = PageSize)
    {
        var found = await db.Read(tx => UserTable.List(tx, actor.WorkspaceId, search, cursor.Read(actor.WorkspaceId, after), limit + 1));
        return new FoundUsers([.. found.Take(limit)], found.Count > limit ? cursor.Write(actor.WorkspaceId, found[limit - 1]) : null);
    }

    /// <summary>It is none, or a cursor of ours.</summary>
    public bool Knows(WorkspaceActor actor, string? after) => string.IsNullOrEmpty(after) || cursor.Read(actor.WorkspaceId, after) is not null;

    public Task<UserCounts> Count(WorkspaceActor actor) => db.Read(tx => UserTable.Counts(tx, actor.WorkspaceId));
}
