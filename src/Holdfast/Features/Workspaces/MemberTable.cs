using System.Globalization;
using Dapper;
using Holdfast.Storage;

namespace Holdfast.Features.Workspaces;

/// <summary>Every statement on members, and on the words by which they are found.</summary>
public static class MemberTable
{
    internal const string Select =
        """
        SELECT m.workspace_id, w.slug, w.name AS workspace, m.account_id, m.role, r.name AS role_name, r.permissions AS role_permissions, m.since, m.shown_name, m.suspended_at, w.everyone_since, w.everyone_grace_days
        FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.closed_at IS NULL LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role
        """;

    /// <summary>An owner who is neither suspended nor leaving for good besides the one that the statement is about: without one it changes nothing.</summary>
    private const string NotTheLastOwner =
        """
        (role <> 'owner' OR EXISTS (SELECT 1 FROM members o JOIN accounts a ON a.id = o.account_id
          WHERE o.workspace_id = @workspaceId AND o.role = 'owner' AND o.account_id <> @accountId AND o.suspended_at IS NULL AND a.suspended_at IS NULL AND a.closed_at IS NULL))
        """;

    /// <summary>Suspended ones as well. Null when they are no member, or the workspace is closed with its only owner.</summary>
    public static Task<Membership?> Find(ReadTx tx, string workspaceId, string accountId) =>
        tx.One<Membership>($"{Select} WHERE m.workspace_id = @workspaceId AND m.account_id = @accountId", new { workspaceId, accountId });

    /// <summary>Owners and admins who may act, the longest-standing first.</summary>
    /// <returns>Ids of their accounts.</returns>
    public static Task<List<string>> Admins(ReadTx tx, string workspaceId, int limit) => tx.Many<string>(
        "SELECT account_id FROM members WHERE workspace_id = @workspaceId AND role IN ('owner', 'admin') AND suspended_at IS NULL ORDER BY since, account_id LIMIT @limit", new { workspaceId, limit });

    /// <summary>Everybody else who may enter, by name; of a closed workspace as well.</summary>
    /// <returns>Ids of their accounts.</returns>
    public static Task<List<string>> Others(ReadTx tx, string workspaceId, string accountId, int limit) => tx.Many<string>(
        "SELECT account_id FROM members WHERE workspace_id = @workspaceId AND account_id <> @accountId AND suspended_at IS NULL ORDER BY name_sort, account_id LIMIT @limit", new { workspaceId, accountId, limit });

    /// <summary>In how many workspaces somebody is, those included where they are suspended.</summary>
    public static Task<long> CountOf(ReadTx tx, string accountId) => tx.Count("SELECT COUNT(*) FROM members WHERE account_id = @accountId", new { accountId });

    /// <summary>How many have each role, suspended ones included, and how many of them two-factor.</summary>
    public static Task<List<RoleCoverage>> Coverage(ReadTx tx, string workspaceId) => tx.Many<RoleCoverage>(
        "SELECT role, COUNT(*) AS people, CAST(SUM(has_two_factor) AS BIGINT) AS with_two_factor FROM members WHERE workspace_id = @workspaceId GROUP BY role ORDER BY role", new { workspaceId });

    /// <returns>False when they are no member, or the last owner. The workspace has to be held.</returns>
    public static async Task<bool> SetRole(WriteTx tx, string workspaceId, string accountId, string role)
    {
        var changed = await tx.Execute($"UPDATE members SET role = @role WHERE workspace_id = @workspaceId AND account_id = @accountId AND {NotTheLastOwner}", new { workspaceId, accountId, role });
        if (changed == 1) await tx.Execute("UPDATE member_words SET role = @role WHERE workspace_id = @workspaceId AND account_id = @accountId", new { workspaceId, accountId, role });
        return changed == 1;
    }

    public static Task MakeOwner(WriteTx tx, string workspaceId, string accountId) => SetRole(tx, workspaceId, accountId, Role.Owner.Key);

    /// <param name="name">Null shows the person's own.</param>
    public static Task SetShownName(WriteTx tx, string workspaceId, string accountId, string? name) =>
        tx.Execute("UPDATE members SET shown_name = @name WHERE workspace_id = @workspaceId AND account_id = @accountId", new { workspaceId, accountId, name });

    /// <returns>False when they are no member, suspended already, or the last owner. The workspace has to be held.</returns>
    public static async Task<bool> Suspend(WriteTx tx, string workspaceId, string accountId, DateTimeOffset now)
    {
        if (await tx.Execute($"UPDATE members SET suspended_at = @now WHERE workspace_id = @workspaceId AND account_id = @accountId AND suspended_at IS NULL AND {NotTheLastOwner}", new { workspaceId, accountId, now }) != 1) return false;
        await tx.Execute("UPDATE member_words SET suspended = 1 WHERE workspace_id = @workspaceId AND account_id = @accountId", new { workspaceId, accountId });
        return true;
    }

    /// <returns>False when they are no member, or not suspended.</returns>
    public static async Task<bool> Reactivate(WriteTx tx, string workspaceId, string accountId)
    {
        if (await tx.Execute("UPDATE members SET suspended_at = NULL WHERE workspace_id = @workspaceId AND account_id = @accountId AND suspended_at IS NOT NULL", new { workspaceId, accountId }) != 1) return false;
        await tx.Execute("UPDATE member_words SET suspended = 0 WHERE workspace_id = @workspaceId AND account_id = @accountId", new { workspaceId, accountId });
        return true;
    }

    /// <returns>False when they are no member, or the last owner. The workspace has to be held.</returns>
    public static async Task<bool> Remove(WriteTx tx, string workspaceId, string accountId)
    {
        if (await tx.Execute($"DELETE FROM members WHERE workspace_id = @workspaceId AND account_id = @accountId AND {NotTheLastOwner}", new { workspaceId, accountId }) != 1) return false;
        await tx.Execute("DELETE FROM member_words WHERE workspace_id = @workspaceId AND account_id = @accountId", new { workspaceId, accountId });
        return true;
    }

    /// <summary>Holds a person's memberships until the transaction ends.</summary>
    internal static Task HoldOf(WriteTx tx, string accountId) => tx.Execute("UPDATE members SET role = role WHERE account_id = @accountId", new { accountId });

    internal static Task<List<CopiedMember>> CopiedOf(ReadTx tx, string accountId) => tx.Many<CopiedMember>(
        "SELECT workspace_id, role, shown_name, CASE WHEN suspended_at IS NULL THEN 0 ELSE 1 END AS suspended FROM members WHERE account_id = @accountId ORDER BY workspace_id", new { accountId });

    /// <summary>Replaces the copies of one membership.</summary>
    internal static async Task Copy(WriteTx tx, string accountId, CopiedMember member, string nameSort, bool hasTwoFactor, bool neverCame, IReadOnlyList<string> words)
    {
        var args = new DynamicParameters(new { member.WorkspaceId, accountId, nameSort, hasTwoFactor = hasTwoFactor ? 1 : 0, neverCame = neverCame ? 1 : 0, member.Role, suspended = member.Suspended ? 1 : 0 });
        await tx.Execute("UPDATE members SET name_sort = @nameSort, has_two_factor = @hasTwoFactor, never_came = @neverCame WHERE workspace_id = @WorkspaceId AND account_id = @accountId", args);
        await tx.Execute("DELETE FROM member_words WHERE workspace_id = @WorkspaceId AND account_id = @accountId", args);
        if (words.Count == 0) return;
        for (var i = 0; i < words.Count; i++) args.Add(string.Create(CultureInfo.InvariantCulture, $"word{i}"), words[i]);
        var rows = string.Join(", ", words.Select((_, i) => $"(@WorkspaceId, @accountId, @word{i}, @nameSort, @Role, @hasTwoFactor, @neverCame, @suspended)"));
        await tx.Execute($"INSERT INTO member_words (workspace_id, account_id, word, name_sort, role, has_two_factor, never_came, suspended) VALUES {rows}", args);
    }

    /// <summary>Accounts with a membership that has no copies yet: made by an older program.</summary>
    internal static Task<List<string>> NotCopied(ReadTx tx, int limit) => tx.Many<string>("SELECT DISTINCT account_id FROM members WHERE name_sort IS NULL ORDER BY account_id LIMIT @limit", new { limit });
}

/// <summary>How many people of a role have two-factor.</summary>
public sealed record RoleCoverage
{
    /// <summary>Key of the role.</summary>
    public required string Role { get; init; }

    public long People { get; init; }

    public long WithTwoFactor { get; init; }
}

/// <summary>What of a membership goes into its copies.</summary>
internal sealed record CopiedMember
{
    public required string WorkspaceId { get; init; }

    public required string Role { get; init; }

    public string? ShownName { get; init; }

    public bool Suspended { get; init; }
}
