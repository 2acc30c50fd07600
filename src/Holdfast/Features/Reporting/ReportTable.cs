using System.Globalization;
using Dapper;
using Holdfast.Storage;

namespace Holdfast.Features.Reporting;

/// <summary>How often something happened on one day.</summary>
public sealed record DayCount
{
    /// <summary>Which one, from the beginning of what was asked for.</summary>
    public long Day { get; init; }

    public required string What { get; init; }

    public required string How { get; init; }

    public long N { get; init; }
}

/// <summary>How often something happened in one hour of a workspace.</summary>
public sealed record HourCount
{
    public required string WorkspaceId { get; init; }

    public long Hour { get; init; }

    public required string What { get; init; }

    public required string How { get; init; }

    public long N { get; init; } = 1;
}

/// <summary>An entry of the log from before there were figures.</summary>
public sealed record BacklogEntry
{
    public required string AccountId { get; init; }

    public required string EntryId { get; init; }

    public DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public required string Data { get; init; }
}

/// <summary>Since when somebody is in a workspace.</summary>
public sealed record MemberSince
{
    public required string WorkspaceId { get; init; }

    public DateTimeOffset Since { get; init; }
}

/// <summary>A sign-in from a new browser or country, and who it was.</summary>
public sealed record ArrivalRow
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    /// <summary>It may be listed: then the log still has it, and the person is a member.</summary>
    public bool Listed { get; init; }

    /// <summary>The name in this workspace.</summary>
    public string Person { get; init; } = "";

    public DateTimeOffset At { get; init; }

    public string Data { get; init; } = "{}";

    /// <summary>The personal side of the entry; null when it is gone.</summary>
    public string? Details { get; init; }
}

/// <summary>Every statement on the figures of workspaces.</summary>
public static class ReportTable
{
    /// <summary>Rows of one statement at most.</summary>
    private const int Batch = 100;

    /// <summary>In each workspace that the person is in.</summary>
    /// <param name="only">The one workspace that it is about; empty for what is about the whole account.</param>
    public static Task Insert(WriteTx tx, string accountId, string only, string entryId, Counted counted, long hour) => tx.Execute(
        "INSERT INTO report_events (workspace_id, entry_id, what, how, hour) SELECT workspace_id, @entryId, @What, @How, @hour FROM members WHERE account_id = @accountId AND (@only = '' OR workspace_id = @only)", new { accountId, only, entryId, counted.What, counted.How, hour });

    public static Task InsertArrival(WriteTx tx, string accountId, string entryId) => tx.Execute(
        "INSERT INTO report_arrivals (workspace_id, entry_id, account_id) SELECT workspace_id, @entryId, account_id FROM members WHERE account_id = @accountId", new { accountId, entryId });

    /// <summary>Counts by day. One statement, and so one moment: what is being added up is either here or there.</summary>
    /// <param name="start">First hour (since 1970, UTC).</param>
    /// <param name="end">The hour after the last.</param>
    /// <param name="step">Hours of a day.</param>
    public static Task<List<DayCount>> Days(ReadTx tx, string workspaceId, long start, long end, long step) => tx.Many<DayCount>(
        """
        SELECT (c.hour - @start) / @step AS day, c.what, c.how, CAST(SUM(c.n) AS BIGINT) AS n FROM (
          SELECT hour, what, how, n FROM report_counts WHERE workspace_id = @workspaceId AND hour >= @start AND hour < @end
          UNION ALL
          SELECT hour, what, how, 1 FROM report_events WHERE workspace_id = @workspaceId AND hour >= @start AND hour < @end) c
        GROUP BY (c.hour - @start) / @step, c.what, c.how ORDER BY 1, 2, 3
        """,
        new { workspaceId, start, end, step });

    /// <summary>Takes some of what waits. Another node that wants the same rows waits, and then gets none of them.</summary>
    public static Task<List<HourCount>> Take(WriteTx tx, int limit) => tx.Many<HourCount>(
        """
        DELETE FROM report_events WHERE (workspace_id, entry_id, what) IN (SELECT workspace_id, entry_id, what FROM report_events ORDER BY workspace_id, entry_id, what LIMIT @limit)
        RETURNING workspace_id, hour, what, how
        """,
        new { limit });

    /// <param name="counts">Each hour, name and manner once.</param>
    public static async Task Add(WriteTx tx, IEnumerable<HourCount> counts)
    {
        // In one order, so that no two nodes wait for each other.
        foreach (var some in counts.OrderBy(c => c.WorkspaceId, StringComparer.Ordinal).ThenBy(c => c.Hour).ThenBy(c => c.What, StringComparer.Ordinal).ThenBy(c => c.How, StringComparer.Ordinal).Chunk(Batch))
        {
            var args = new DynamicParameters();
            var rows = new List<string>();
            for (var i = 0; i < some.Length; i++)
            {
                var name = i.ToString(CultureInfo.InvariantCulture);
                args.Add("workspace" + name, some[i].WorkspaceId);
                args.Add("hour" + name, some[i].Hour);
                args.Add("what" + name, some[i].What);
                args.Add("how" + name, some[i].How);
                args.Add("n" + name, some[i].N);
                rows.Add($"(@workspace{name}, @hour{name}, @what{name}, @how{name}, @n{name})");
            }
            await tx.Execute($"INSERT INTO report_counts (workspace_id, hour, what, how, n) VALUES {string.Join(", ", rows)} ON CONFLICT (workspace_id, hour, what, how) DO UPDATE SET n = report_counts.n + excluded.n", args);
        }
    }

    /// <summary>Takes some of what happened before there were figures.</summary>
    public static Task<List<BacklogEntry>> TakeBacklog(WriteTx tx, int limit) => tx.Many<BacklogEntry>(
        "DELETE FROM report_backlog WHERE (account_id, entry_id) IN (SELECT account_id, entry_id FROM report_backlog ORDER BY account_id, entry_id LIMIT @limit) RETURNING account_id, entry_id, at, kind, data", new { limit });

    public static Task<List<MemberSince>> PlacesOf(ReadTx tx, string accountId) => tx.Many<MemberSince>("SELECT workspace_id, since FROM members WHERE account_id = @accountId ORDER BY workspace_id", new { accountId });

    /// <summary>The same for what happened before there were figures.</summary>
    public static Task InsertArrivalOf(WriteTx tx, string workspaceId, string accountId, string entryId) =>
        tx.Execute("INSERT INTO report_arrivals (workspace_id, entry_id, account_id) VALUES (@workspaceId, @entryId, @accountId) ON CONFLICT DO NOTHING", new { workspaceId, entryId, accountId });

    /// <summary>
    /// The newest sign-ins from new browsers and countries, listed or not. To be listed are those of people who are members now and in no other workspace, since they came: events of the account, which are nobody else's to list (SPEC S7).
    /// The few rows are taken first, and only they are joined: a database that has to guess how many people are in no other workspace would go through all of them.
    /// </summary>
    /// <param name="before">Id that the rows before ended with; null for the newest.</param>
    /// <param name="operators">Those of operators may be listed as well.</param>
    public static Task<List<ArrivalRow>> Arrivals(ReadTx tx, string workspaceId, DateTimeOffset from, DateTimeOffset until, string? before, bool operators, int limit) => tx.Many<ArrivalRow>(
        """
        SELECT n.entry_id AS id, n.account_id, COALESCE(m.shown_name, a.name) AS person, e.at, e.data, p.details,
          CASE WHEN e.at >= m.since AND (a.operator_since IS NULL OR @operators = 1) AND NOT EXISTS (SELECT 1 FROM members o WHERE o.account_id = n.account_id AND o.workspace_id <> @workspaceId) THEN 1 ELSE 0 END AS listed
        FROM (SELECT entry_id, account_id FROM report_arrivals WHERE workspace_id = @workspaceId AND entry_id < @before AND entry_id >= @first AND entry_id < @last ORDER BY entry_id DESC LIMIT @limit) n
          LEFT JOIN members m ON m.workspace_id = @workspaceId AND m.account_id = n.account_id LEFT JOIN accounts a ON a.id = n.account_id
          LEFT JOIN audit_entries e ON e.account_id = n.account_id AND e.id = n.entry_id LEFT JOIN audit_personal p ON p.account_id = n.account_id AND p.entry_id = n.entry_id
        ORDER BY n.entry_id DESC
        """,
        // By the id, which begins with the time.
        new { workspaceId, first = Ids.First(from), last = Ids.First(until), before = before ?? "~", operators = operators ? 1 : 0, limit });

    public static Task<int> DeleteArrivalsBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM report_arrivals WHERE (workspace_id, entry_id) IN (SELECT workspace_id, entry_id FROM report_arrivals WHERE entry_id < @first ORDER BY entry_id, workspace_id LIMIT @limit)", new { first = Ids.First(before), limit });
}
