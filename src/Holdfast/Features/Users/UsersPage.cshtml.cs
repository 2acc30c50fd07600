using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>The people of a workspace: found by the beginnings of their names and addresses, filtered, fifty at a time.</summary>
[InWorkspace(Permission.UsersView)]
public sealed class UsersPage(ListUsers list, Db db) : WorkspacePage
{
    public UserSearch Search { get; private set; } = UserSearch.All;

    public FoundUsers People { get; private set; } = new([], null);

    public UserCounts Counts { get; private set; } = new(0, 0, 0, 0);

    public IReadOnlyList<RoleRow> Roles { get; private set; } = [];

    public bool IsFirst { get; private set; }

    public async Task OnGetAsync(string? q, string? role, string? only, string? after)
    {
        Search = UserSearch.Of(q, role, only);
        IsFirst = string.IsNullOrEmpty(after);
        People = await list.Run(Actor, Search, after);
        Counts = await list.Count(Actor);
        Roles = await db.Read(tx => RoleTable.Of(tx, Actor.WorkspaceId));
    }

    public long CountOf(string only) => only switch { UserSearch.WithoutTwoFactor => Counts.WithoutTwoFactor, UserSearch.NeverSignedIn => Counts.NeverSignedIn, UserSearch.Suspended => Counts.Suspended, _ => Counts.All };

    public string Amount(long count) => count >= UserTable.MostCounted ? T["users.more_than", UserTable.MostCounted] : count.ToString("N0", T.Culture);

    /// <summary>The same search with another filter, or on another page.</summary>
    public string Address(string only, string? after = null)
    {
        string[] parts =
        [
            .. Search.Text.Length > 0 ? [$"q={Uri.EscapeDataString(Search.Text)}"] : Array.Empty<string>(), .. Search.Role.Length > 0 ? [$"role={Uri.EscapeDataString(Search.Role)}"] : Array.Empty<string>(),
            .. only.Length > 0 ? [$"only={only}"] : Array.Empty<string>(), .. after is not null ? [$"after={after}"] : Array.Empty<string>(),
        ];
        return parts.Length == 0 ? $"{Base}/users" : $"{Base}/users?{string.Join('&', parts)}";
    }
}
