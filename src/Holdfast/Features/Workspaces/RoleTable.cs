using Holdfast.Features.Passwords;
using Holdfast.Storage;

namespace Holdfast.Features.Workspaces;

/// <summary>A custom role as it is listed.</summary>
public sealed record RoleRow
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Permissions { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>Name of who made it; null when that account is gone.</summary>
    public string? MadeBy { get; init; }

    /// <summary>Members who have it, suspended ones included.</summary>
    public long People { get; init; }

    public Role Role => Role.Of(Id, Name, Permissions);
}

/// <summary>Every statement on custom roles.</summary>
public static class RoleTable
{
    /// <summary>By name.</summary>
    public static Task<List<RoleRow>> Of(ReadTx tx, string workspaceId) => tx.Many<RoleRow>(
        """
        SELECT r.id, r.name, r.permissions, r.made_at, a.name AS made_by, (SELECT COUNT(*) FROM members m WHERE m.workspace_id = r.workspace_id AND m.role = r.id) AS people
        FROM roles r LEFT JOIN accounts a ON a.id = r.made_by WHERE r.workspace_id = @workspaceId ORDER BY r.name_key, r.id
        """,
        new { workspaceId });

    /// <summary>A built-in role, or one of this workspace's own. Null when it is neither.</summary>
    public static async Task<Role?> Find(ReadTx tx, string workspaceId, string key)
    {
        if (Role.BuiltIn.FirstOrDefault(role => role.Key == key) is { } builtIn) return builtIn;
        if (!Ids.IsWellFormed(key)) return null;
        var row = await tx.One<RoleRow>("SELECT id, name, permissions, made_at FROM roles WHERE workspace_id = @workspaceId AND id = @key", new { workspaceId, key });
        return row?.Role;
    }

    public static Task<long> Count(ReadTx tx, string workspaceId) => tx.Count("SELECT COUNT(*) FROM roles WHERE workspace_id = @workspaceId", new { workspaceId });

    /// <returns>False when the name is taken.</returns>
    public static async Task<bool> Insert(WriteTx tx, string workspaceId, Role role, string by, DateTimeOffset now) => await tx.Execute(
        """
        INSERT INTO roles (workspace_id, id, name, name_key, permissions, acts, made_at, made_by) VALUES (@workspaceId, @Key, @CustomName, @nameKey, @permissions, @acts, @now, @by)
        ON CONFLICT (workspace_id, name_key) DO NOTHING
        """,
        new { workspaceId, role.Key, role.CustomName, nameKey = NameKey(role.CustomName!), permissions = string.Join(' ', role.Permissions), acts = role.Acts ? 1 : 0, now, by }) == 1;

    /// <returns>False when there is no such role, or another one has the name.</returns>
    public static async Task<bool> Change(WriteTx tx, string workspaceId, Role role) => await tx.Execute(
        """
        UPDATE roles SET name = @CustomName, name_key = @nameKey, permissions = @permissions, acts = @acts WHERE workspace_id = @workspaceId AND id = @Key
          AND NOT EXISTS (SELECT 1 FROM roles o WHERE o.workspace_id = @workspaceId AND o.name_key = @nameKey AND o.id <> @Key)
        """,
        new { workspaceId, role.Key, role.CustomName, nameKey = NameKey(role.CustomName!), permissions = string.Join(' ', role.Permissions), acts = role.Acts ? 1 : 0 }) == 1;

    /// <returns>False when there is no such role, or somebody has it. The workspace has to be held.</returns>
    public static async Task<bool> Delete(WriteTx tx, string workspaceId, string id) => await tx.Execute(
        "DELETE FROM roles WHERE workspace_id = @workspaceId AND id = @id AND NOT EXISTS (SELECT 1 FROM members m WHERE m.workspace_id = @workspaceId AND m.role = @id)", new { workspaceId, id }) == 1;

    internal static string NameKey(string name) => string.Join(' ', FoldedText.Plain(name).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
