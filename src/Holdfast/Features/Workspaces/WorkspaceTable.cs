using System.Text;
using Holdfast.Storage;

namespace Holdfast.Features.Workspaces;

/// <summary>A workspace and what it asks of its people.</summary>
public sealed record WorkspaceRow
{
    public required string Id { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? EveryoneSince { get; init; }

    public int EveryoneGraceDays { get; init; }

    /// <summary>Account that turned the rule on.</summary>
    public string? EveryoneBy { get; init; }
}

/// <summary>A workspace that somebody alone owns.</summary>
public sealed record SoleWorkspace
{
    public required string Id { get; init; }

    public required string Slug { get; init; }

    public required string Name { get; init; }

    /// <summary>The owner included.</summary>
    public long People { get; init; }
}

/// <summary>Somebody who could take a workspace over.</summary>
public sealed record Heir
{
    public required string Id { get; init; }

    public required string Email { get; init; }

    public required string Name { get; init; }
}

/// <summary>Somebody who owns a workspace beside another one.</summary>
public sealed record OtherOwner
{
    public required string AccountId { get; init; }

    /// <summary>Set while their own account waits to be deleted.</summary>
    public DateTimeOffset? ClosedAt { get; init; }
}

/// <summary>Every statement on workspaces.</summary>
public static class WorkspaceTable
{
    /// <summary>Longest name, in characters.</summary>
    public const int LongestName = 100;

    /// <summary>The workspaces that are open to somebody, by name. One where they are suspended is not among them.</summary>
    public static Task<List<Membership>> Of(ReadTx tx, string accountId) => tx.Many<Membership>($"{MemberTable.Select} WHERE m.account_id = @accountId AND m.suspended_at IS NULL ORDER BY w.name, w.id", new { accountId });

    public static Task<WorkspaceRow?> ById(ReadTx tx, string id) => tx.One<WorkspaceRow>("SELECT id, slug, name, created_at, everyone_since, everyone_grace_days, everyone_by FROM workspaces WHERE id = @id", new { id });

    /// <summary>By the short name, which one has; else by the name, which several may have.</summary>
    public static async Task<List<string>> Named(ReadTx tx, string slugOrName)
    {
        var one = await tx.Many<string>("SELECT id FROM workspaces WHERE slug = @slugOrName", new { slugOrName });
        return one.Count > 0 ? one : await tx.Many<string>("SELECT id FROM workspaces WHERE name = @slugOrName ORDER BY id LIMIT 2", new { slugOrName });
    }

    /// <returns>The id of the new workspace.</returns>
    public static async Task<string> Insert(WriteTx tx, string name, DateTimeOffset now)
    {
        var id = Ids.New(now);
        var slug = Slug(name);
        for (var number = 1; ; number++)
        {
            var candidate = number == 1 ? slug : $"{slug}-{number}";
            var made = await tx.Execute("INSERT INTO workspaces (id, slug, name, created_at) VALUES (@id, @candidate, @name, @now) ON CONFLICT (slug) DO NOTHING", new { id, candidate, name, now });
            if (made == 1) return id;
        }
    }

    /// <param name="role">owner, admin, member, or the id of a custom role of this workspace.</param>
    public static async Task AddMember(WriteTx tx, string workspaceId, string accountId, string role, DateTimeOffset now)
    {
        await tx.Execute("INSERT INTO members (workspace_id, account_id, role, since) VALUES (@workspaceId, @accountId, @role, @now)", new { workspaceId, accountId, role, now });
        await CopyToMembers.Run(tx, accountId);
    }

    /// <summary>Holds the workspace until the transaction ends: whoever changes its roles or its people does this first, so that two changes at once follow one another and what is read after it stays true.</summary>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> Hold(WriteTx tx, string id) => await tx.Execute("UPDATE workspaces SET slug = slug WHERE id = @id", new { id }) == 1;

    /// <summary>Workspaces that somebody alone owns: nobody else who could act is owner there. Everybody counts among the people, suspended members too.</summary>
    public static Task<List<SoleWorkspace>> SoleOwnerOf(ReadTx tx, string accountId) => tx.Many<SoleWorkspace>(
        """
        SELECT w.id, w.slug, w.name, (SELECT COUNT(*) FROM members p WHERE p.workspace_id = w.id) AS people
        FROM members m JOIN workspaces w ON w.id = m.workspace_id AND w.closed_at IS NULL
        WHERE m.account_id = @accountId AND m.role = 'owner' AND NOT EXISTS (SELECT 1 FROM members o JOIN accounts a ON a.id = o.account_id
          WHERE o.workspace_id = m.workspace_id AND o.role = 'owner' AND o.account_id <> @accountId AND o.suspended_at IS NULL AND a.suspended_at IS NULL AND a.closed_at IS NULL)
        ORDER BY w.id
        """,
        new { accountId });

    /// <summary>Workspaces that somebody owns and may enter, closed ones as well.</summary>
    public static Task<List<string>> OwnedBy(ReadTx tx, string accountId) =>
        tx.Many<string>("SELECT workspace_id FROM members WHERE account_id = @accountId AND role = 'owner' AND suspended_at IS NULL ORDER BY workspace_id", new { accountId });

    /// <summary>Another owner who can act, or else one who may still keep their account; null when there is none.</summary>
    public static async Task<OtherOwner?> OtherOwner(ReadTx tx, string workspaceId, string accountId) => (await tx.Many<OtherOwner>(
        """
        SELECT a.id AS account_id, a.closed_at FROM members o JOIN accounts a ON a.id = o.account_id
        WHERE o.workspace_id = @workspaceId AND o.role = 'owner' AND o.account_id <> @accountId AND o.suspended_at IS NULL AND a.suspended_at IS NULL AND a.erasing_at IS NULL
        ORDER BY CASE WHEN a.closed_at IS NULL THEN 0 ELSE 1 END, o.since, a.id LIMIT 1
        """,
        new { workspaceId, accountId })).FirstOrDefault();

    /// <summary>The member who would take over most naturally: an admin, the one who is there longest. Null when nobody can.</summary>
    public static async Task<Heir?> LikelyHeir(ReadTx tx, string workspaceId, string accountId) => (await tx.Many<Heir>(
        """
        SELECT a.id, a.email, COALESCE(m.shown_name, a.name) AS name FROM members m JOIN accounts a ON a.id = m.account_id
        WHERE m.workspace_id = @workspaceId AND m.account_id <> @accountId AND m.suspended_at IS NULL AND a.suspended_at IS NULL AND a.closed_at IS NULL
        ORDER BY CASE WHEN m.role = 'admin' THEN 0 ELSE 1 END, m.since, m.account_id LIMIT 1
        """,
        new { workspaceId, accountId })).FirstOrDefault();

    /// <summary>Nobody enters it any more, until <see cref="Open"/>.</summary>
    public static Task Close(WriteTx tx, string id, DateTimeOffset now) => tx.Execute("UPDATE workspaces SET closed_at = @now WHERE id = @id", new { id, now });

    public static Task Open(WriteTx tx, string id) => tx.Execute("UPDATE workspaces SET closed_at = NULL WHERE id = @id", new { id });

    public static Task Rename(WriteTx tx, string id, string name) => tx.Execute("UPDATE workspaces SET name = @name WHERE id = @id", new { id, name });

    /// <param name="since">Null turns it off.</param>
    public static Task SetEveryone(WriteTx tx, string id, DateTimeOffset? since, int graceDays, string? by) =>
        tx.Execute("UPDATE workspaces SET everyone_since = @since, everyone_grace_days = @graceDays, everyone_by = @by WHERE id = @id", new { id, since, graceDays, by });

    /// <summary>Letters and digits of the name in lower case, joined by hyphens, at most 40; "workspace" when nothing is left.</summary>
    internal static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var rune in name.Normalize(NormalizationForm.FormKD).ToLowerInvariant().EnumerateRunes())
        {
            if (rune.IsAscii && Rune.IsLetterOrDigit(rune)) slug.Append(rune);
            else if (slug.Length > 0 && slug[^1] != '-' && Rune.GetUnicodeCategory(rune) != System.Globalization.UnicodeCategory.NonSpacingMark) slug.Append('-');
            if (slug.Length >= 40) break;
        }
        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? "workspace" : text;
    }
}
