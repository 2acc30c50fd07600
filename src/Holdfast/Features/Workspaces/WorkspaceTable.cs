using System.Text;
using Holdfast.Storage;

namespace Holdfast.Features.Workspaces;

/// <summary>A person's place in a workspace.</summary>
public sealed record Membership
{
    public required string WorkspaceId { get; init; }

    public required string Slug { get; init; }

    public required string Workspace { get; init; }

    /// <summary>owner, admin or member.</summary>
    public required string Role { get; init; }

    public DateTimeOffset Since { get; init; }
}

/// <summary>Every statement on workspaces and members.</summary>
public static class WorkspaceTable
{
    public static Task<List<Membership>> Of(ReadTx tx, string accountId) => tx.Many<Membership>(
        """
        SELECT m.workspace_id, w.slug, w.name AS workspace, m.role, m.since
        FROM members m JOIN workspaces w ON w.id = m.workspace_id
        WHERE m.account_id = @accountId ORDER BY w.name, w.id
        """,
        new { accountId });

    /// <summary>By the short name of its address, or by its name as it is written. Null when there is none.</summary>
    public static async Task<string?> Find(ReadTx tx, string slugOrName) => (await tx.Many<string>(
        "SELECT id FROM workspaces WHERE slug = @slugOrName OR name = @slugOrName ORDER BY CASE WHEN slug = @slugOrName THEN 0 ELSE 1 END, id LIMIT 1", new { slugOrName })).FirstOrDefault();

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

    public static Task AddMember(WriteTx tx, string workspaceId, string accountId, string role, DateTimeOffset now) =>
        tx.Execute("INSERT INTO members (workspace_id, account_id, role, since) VALUES (@workspaceId, @accountId, @role, @now)", new { workspaceId, accountId, role, now });

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
