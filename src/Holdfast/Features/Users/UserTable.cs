using System.Globalization;
using Dapper;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Users;

/// <summary>A member as the list shows them.</summary>
public sealed record UserRow
{
    public required string AccountId { get; init; }

    /// <summary>As this workspace shows it.</summary>
    public required string Name { get; init; }

    public required string Email { get; init; }

    public required string Role { get; init; }

    public string? RoleName { get; init; }

    public string? RolePermissions { get; init; }

    public bool HasTwoFactor { get; init; }

    public DateTimeOffset? SuspendedAt { get; init; }

    public DateTimeOffset? LastSignInAt { get; init; }

    /// <summary>Place in the order: what the next page begins after.</summary>
    public required string NameSort { get; init; }

    /// <summary>The word by which a search found them; empty without one.</summary>
    public string Word { get; init; } = "";

    public Role Rights => Workspaces.Role.Of(Role, RoleName, RolePermissions);
}

/// <summary>Where a page of the list ends.</summary>
public sealed record UserPlace(string Word, string NameSort, string AccountId);

/// <summary>How many people there are of each kind; <see cref="UserTable.MostCounted"/> stands for that many and more.</summary>
public sealed record UserCounts(long All, long WithoutTwoFactor, long NeverSignedIn, long Suspended);

/// <summary>Statements on the list of people. Each page is a range of an index: of members by name where nothing is typed, of their words where something is.</summary>
public static class UserTable
{
    /// <summary>Beyond this, figures say "more than": counting goes on for ever, and nobody reads the last digit.</summary>
    public const int MostCounted = 10_000;

    /// <summary>Up to here it matters how many people a word finds.</summary>
    private const int MostCandidates = 20_000;

    /// <summary>From here on two words are laid over each other before people are looked up one by one: that is slow where many have each and few have both.</summary>
    private const int ManyCandidates = 1_000;

    private const string Columns = "COALESCE(m.shown_name, a.name) AS name, a.email, m.role, r.name AS role_name, r.permissions AS role_permissions, m.has_two_factor, m.suspended_at, a.last_sign_in_at";
    private const string Others = "JOIN accounts a ON a.id = f.account_id LEFT JOIN roles r ON r.workspace_id = m.workspace_id AND r.id = m.role";

    /// <param name="after">Null for the first page.</param>
    public static async Task<List<UserRow>> List(ReadTx tx, string workspaceId, UserSearch search, UserPlace? after, int limit)
    {
        if (search.FindsNobody) return [];
        var args = new DynamicParameters(new { workspaceId, search.Role, word = after?.Word ?? "", nameSort = after?.NameSort ?? "", accountId = after?.AccountId ?? "", limit });
        if (search.Words.Count == 0) return await ByName(tx, search, args);
        var (words, found) = await RarestFirst(tx, workspaceId, search.Words, after);
        IReadOnlyList<string>? few = null;
        if (found >= ManyCandidates)
        {
            few = await WithBoth(tx, workspaceId, words[0], words[1], limit);
            if (few.Count == 0) return [];
            if (few.Count == limit) few = null;
        }
        return await ByWord(tx, search, words, few, after, args);
    }

    private static Task<List<UserRow>> ByName(ReadTx tx, UserSearch search, DynamicParameters args)
    {
        // Nearly everybody is a member: those whom the filter finds are gone through, not all members for the filter. An expression keeps a database that has to guess from the index of roles.
        var role = search.Role.Length == 0 ? "" : search.Role == Role.Member.Key && search.Only.Length > 0 ? " AND role || '' = @Role" : " AND role = @Role";
        var where = role + search.Only switch
        {
            UserSearch.WithoutTwoFactor => " AND has_two_factor = 0",
            UserSearch.NeverSignedIn => " AND never_came = 1",
            UserSearch.Suspended => " AND suspended_at IS NOT NULL",
            _ => "",
        };
        return tx.Many<UserRow>(
            $"""
            SELECT f.account_id, f.name_sort, '' AS word, {Columns}
            FROM (SELECT workspace_id, account_id, name_sort FROM members
                  WHERE workspace_id = @workspaceId AND (name_sort, account_id) > (@nameSort, @accountId){where} ORDER BY name_sort, account_id LIMIT @limit) f
              JOIN members m ON m.workspace_id = f.workspace_id AND m.account_id = f.account_id {Others}
            ORDER BY f.name_sort, f.account_id
            """,
            args);
    }

    /// <summary>The word that the fewest people have finds; looking for the others among those of a word that all have, such as the host of their addresses, would take long. Later pages go on by the word of the first.</summary>
    /// <returns>The words, the two rarest first, and how many people the second of them finds; 0 where that does not matter, and where it is a word of nearly everybody.</returns>
    private static async Task<(IReadOnlyList<string> Words, long Second)> RarestFirst(ReadTx tx, string workspaceId, IReadOnlyList<string> words, UserPlace? after)
    {
        if (words.Count == 1) return (words, 0);
        if (after is not null)
        {
            var lead = words.FirstOrDefault(word => after.Word.StartsWith(word, StringComparison.Ordinal));
            return (lead is null ? words : [lead, .. words.Where(word => word != lead)], 0);
        }
        var (counted, fewest) = (new List<(string Word, long Found)>(), (long)MostCandidates);
        foreach (var word in words)
        {
            var found = await tx.Count("SELECT COUNT(*) FROM (SELECT account_id FROM member_words WHERE workspace_id = @workspaceId AND word >= @word AND word < @above LIMIT @most) AS counted",
                new { workspaceId, word, above = MemberWords.Above(word), most = fewest < ManyCandidates ? fewest : MostCandidates });
            counted.Add((word, found));
            fewest = Math.Min(fewest, found);
            // Whom nobody has needs no second.
            if (found == 0) break;
        }
        // Of a word and its own beginning the longer one stays: it comes first, and finds no more.
        var ordered = counted.OrderBy(c => c.Found).ToList();
        var second = ordered[0].Found >= ManyCandidates && ordered[1].Found < MostCandidates ? ordered[1].Found : 0;
        return ([.. ordered.Select(c => c.Word), .. words.Skip(counted.Count)], second);
    }

    /// <summary>People whom both words find, <paramref name="limit"/> at most, in no order.</summary>
    private static async Task<IReadOnlyList<string>> WithBoth(ReadTx tx, string workspaceId, string one, string other, int limit) => await tx.Many<string>(
        """
        SELECT account_id FROM (
          SELECT account_id FROM member_words WHERE workspace_id = @workspaceId AND word >= @one AND word < @aboveOne
          INTERSECT SELECT account_id FROM member_words WHERE workspace_id = @workspaceId AND word >= @other AND word < @aboveOther) AS found LIMIT @limit
        """,
        new { workspaceId, one, aboveOne = MemberWords.Above(one), other, aboveOther = MemberWords.Above(other), limit });

    /// <summary>The first word finds; the others have to be there as well. Somebody whom two of their words would find comes once, by the first of them.</summary>
    /// <param name="few">When given, nobody else can be meant.</param>
    private static Task<List<UserRow>> ByWord(ReadTx tx, UserSearch search, IReadOnlyList<string> words, IReadOnlyList<string>? few, UserPlace? after, DynamicParameters args)
    {
        var where = (search.Role.Length > 0 ? " AND w.role = @Role" : "") + search.Only switch
        {
            UserSearch.WithoutTwoFactor => " AND w.has_two_factor = 0",
            UserSearch.NeverSignedIn => " AND w.never_came = 1",
            UserSearch.Suspended => " AND w.suspended = 1",
            _ => "",
        };
        for (var i = 0; i < words.Count; i++)
        {
            args.Add(string.Create(CultureInfo.InvariantCulture, $"from{i}"), words[i]);
            args.Add(string.Create(CultureInfo.InvariantCulture, $"to{i}"), MemberWords.Above(words[i]));
            if (i > 0) where += $" AND EXISTS (SELECT 1 FROM member_words o WHERE o.workspace_id = w.workspace_id AND o.account_id = w.account_id AND o.word >= @from{i} AND o.word < @to{i})";
        }
        if (few is not null)
        {
            for (var i = 0; i < few.Count; i++) args.Add(string.Create(CultureInfo.InvariantCulture, $"few{i}"), few[i]);
            where += $" AND w.account_id IN ({string.Join(", ", Enumerable.Range(0, few.Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"@few{i}")))})";
        }
        if (after is not null) where += " AND (w.word, w.name_sort, w.account_id) > (@word, @nameSort, @accountId)";
        return tx.Many<UserRow>(
            $"""
            SELECT f.account_id, f.name_sort, f.word, {Columns}
            FROM (SELECT w.workspace_id, w.account_id, w.name_sort, w.word FROM member_words w
                  WHERE w.workspace_id = @workspaceId AND w.word >= @from0 AND w.word < @to0{where}
                    AND NOT EXISTS (SELECT 1 FROM member_words e WHERE e.workspace_id = w.workspace_id AND e.account_id = w.account_id AND e.word >= @from0 AND e.word < w.word)
                  ORDER BY w.word, w.name_sort, w.account_id LIMIT @limit) f
              JOIN members m ON m.workspace_id = f.workspace_id AND m.account_id = f.account_id {Others}
            ORDER BY f.word, f.name_sort, f.account_id
            """,
            args);
    }

    public static Task<UserCounts> Counts(ReadTx tx, string workspaceId) => tx.One<UserCounts>(
        $"""
        SELECT {Count("")} AS "All", {Count(" AND has_two_factor = 0")} AS WithoutTwoFactor, {Count(" AND never_came = 1")} AS NeverSignedIn, {Count(" AND suspended_at IS NOT NULL")} AS Suspended
        """,
        new { workspaceId, most = MostCounted })!;

    /// <summary>Somebody's live sessions: how many, and when one was last used.</summary>
    public static async Task<(long Count, DateTimeOffset? LastActiveAt)> Sessions(ReadTx tx, string accountId)
    {
        var last = await tx.One<long?>("SELECT MAX(last_active_at) FROM sessions WHERE account_id = @accountId AND ended_at IS NULL", new { accountId });
        var count = await tx.Count("SELECT COUNT(*) FROM sessions WHERE account_id = @accountId AND ended_at IS NULL", new { accountId });
        return (count, last is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null);
    }

    private static string Count(string where) => $"(SELECT COUNT(*) FROM (SELECT account_id FROM members WHERE workspace_id = @workspaceId{where} LIMIT @most) AS counted)";
}
