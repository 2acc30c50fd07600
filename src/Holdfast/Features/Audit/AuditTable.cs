using System.Globalization;
using System.Text.Json;
using Dapper;
using Holdfast.Features.Webhooks;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

/// <summary>An entry as it is read back, with its personal side where that still exists.</summary>
public sealed record AuditRow
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public required string ActorId { get; init; }

    public required string SessionId { get; init; }

    public required string Data { get; init; }

    public string? Details { get; init; }

    public IReadOnlyDictionary<string, string> Facts => Parse(Data);

    public IReadOnlyDictionary<string, string> Personal => Details is null ? new Dictionary<string, string>(StringComparer.Ordinal) : Parse(Details);

    private static Dictionary<string, string> Parse(string json) => JsonSerializer.Deserialize(json, WebJson.Default.DictionaryStringString)!;
}

/// <summary>Every statement on the security log. There is no update and no delete: the database refuses both, but for what <see cref="PruneAudit"/> has marked. Each entry waits for its place in the chain (<see cref="SealAudit"/>).</summary>
public static class AuditTable
{
    // Together they are one way to the database and back: nearly every change has an entry.
    private const string InsertAlone =
        """
        INSERT INTO audit_entries (account_id, id, at, kind, actor_id, session_id, workspace_id, data, commitment)
        VALUES (@AccountId, @id, @at, @Kind, @actor, @SessionId, @WorkspaceId, @data, @commitment);
        INSERT INTO audit_personal (account_id, entry_id, salt, details) VALUES (@AccountId, @id, @salt, @details);
        INSERT INTO audit_queue (chain, entry_id, account_id) VALUES (@WorkspaceId, @id, @AccountId)
        """;

    private const string InsertAndQueue = InsertAlone + DeliveryTable.Queue;

    public static Task Insert(WriteTx tx, string id, DateTimeOffset at, AuditEvent what, string data, byte[] commitment, byte[] salt, string details) => tx.Execute(
        EventTypes.IsSent(what.Kind) ? InsertAndQueue : InsertAlone,
        new { what.AccountId, id, at, what.Kind, actor = what.ActorId ?? what.AccountId, what.SessionId, what.WorkspaceId, data, commitment, salt, details });

    /// <summary>A person's entries, newest first.</summary>
    /// <param name="kinds">Only these kinds; all when empty.</param>
    /// <param name="before">Id of the entry that the page before ended with; null for the newest.</param>
    public static Task<List<AuditRow>> OfAccount(ReadTx tx, string accountId, IReadOnlyList<string> kinds, DateTimeOffset since, string? before, int limit)
    {
        // One parameter for each kind: Dapper writes a list in two ways, one for each engine.
        var args = new DynamicParameters(new { accountId, since, before = before ?? "~", limit });
        for (var i = 0; i < kinds.Count; i++) args.Add(string.Create(CultureInfo.InvariantCulture, $"kind{i}"), kinds[i]);
        var wanted = kinds.Count > 0 ? $"AND e.kind IN ({string.Join(", ", args.ParameterNames.Where(name => name.StartsWith("kind", StringComparison.Ordinal)).Select(name => "@" + name))})" : "";
        return tx.Many<AuditRow>(
            $"""
            SELECT e.id, e.account_id, e.at, e.kind, e.actor_id, e.session_id, e.data, p.details
            FROM audit_entries e LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id
            WHERE e.account_id = @accountId AND e.at >= @since AND e.id < @before {wanted}
            ORDER BY e.id DESC LIMIT @limit
            """,
            args);
    }

    /// <summary>A person's entries of one workspace, and those of no workspace since <paramref name="wholeAccountSince"/>; newest first.</summary>
    /// <param name="wholeAccountSince">Null for none of those.</param>
    public static Task<List<AuditRow>> OfMember(ReadTx tx, string accountId, string workspaceId, DateTimeOffset? wholeAccountSince, string? before, int limit) => tx.Many<AuditRow>(
        """
        SELECT e.id, e.account_id, e.at, e.kind, e.actor_id, e.session_id, e.data, p.details
        FROM audit_entries e LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id
        WHERE e.account_id = @accountId AND e.id < @before AND (e.workspace_id = @workspaceId OR (e.workspace_id = '' AND e.at >= @whole))
        ORDER BY e.id DESC LIMIT @limit
        """,
        new { accountId, workspaceId, whole = wholeAccountSince?.ToUnixTimeMilliseconds() ?? long.MaxValue, before = before ?? "~", limit });

    /// <summary>How many entries of some kinds there are, back to the last one of another kind.</summary>
    /// <param name="stop">The kind at which counting ends.</param>
    /// <param name="most">More are not counted.</param>
    public static async Task<int> CountBackTo(ReadTx tx, string accountId, string stop, IReadOnlyList<string> kinds, DateTimeOffset since, int most) =>
        // By the id, which begins with the time: no older entry is read.
        (await tx.Many<string>("SELECT kind FROM audit_entries WHERE account_id = @accountId AND id >= @first ORDER BY id DESC LIMIT @most", new { accountId, first = Ids.First(since), most }))
        .TakeWhile(kind => kind != stop).Count(kind => kinds.Contains(kind, StringComparer.Ordinal));

    public static Task<List<AuditRow>> OfSession(ReadTx tx, string accountId, string sessionId, int limit) => tx.Many<AuditRow>(
        """
        SELECT e.id, e.account_id, e.at, e.kind, e.actor_id, e.session_id, e.data, p.details
        FROM audit_entries e LEFT JOIN audit_personal p ON p.account_id = e.account_id AND p.entry_id = e.id
        WHERE e.account_id = @accountId AND e.session_id = @sessionId
        ORDER BY e.id DESC LIMIT @limit
        """,
        new { accountId, sessionId, limit });
}
