using System.Text.Json;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>One event on its way to one endpoint.</summary>
public sealed record Delivery
{
    public required string EndpointId { get; init; }

    /// <summary>Of the event, as the security log has it.</summary>
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public required string Kind { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Since when it waits: an operator may have sent it once more.</summary>
    public DateTimeOffset Since { get; init; }

    public DateTimeOffset NextTryAt { get; init; }

    public DateTimeOffset ClaimedUntil { get; init; }

    public int Tries { get; init; }

    public DateTimeOffset? DeliveredAt { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    public DateTimeOffset? LastTryAt { get; init; }

    /// <summary>Null when nothing came back.</summary>
    public int? LastStatus { get; init; }

    public string? LastProblem { get; init; }

    /// <summary>Milliseconds of the last try.</summary>
    public long? Took { get; init; }

    public string State => DeliveredAt is not null ? "delivered" : FailedAt is not null ? "failed" : "waiting";
}

/// <summary>An entry of the security log without its personal side.</summary>
public sealed record LoggedEvent
{
    public required string Id { get; init; }

    public required string AccountId { get; init; }

    public DateTimeOffset At { get; init; }

    public required string Kind { get; init; }

    public required string ActorId { get; init; }

    public required string SessionId { get; init; }

    public required string WorkspaceId { get; init; }

    public required string Data { get; init; }

    public IReadOnlyDictionary<string, string> Facts => JsonSerializer.Deserialize(Data, WebJson.Default.DictionaryStringString)!;
}

/// <summary>An endpoint for which something is due.</summary>
public sealed record DueEndpoint
{
    public required string EndpointId { get; init; }

    public int Failures { get; init; }

    /// <summary>Counted up to <see cref="WebhookEndpoint.MostAtOnce"/>.</summary>
    public long Events { get; init; }
}

/// <summary>What waits for an endpoint, and what was given up.</summary>
public sealed record Backlog
{
    public required string EndpointId { get; init; }

    public long Waiting { get; init; }

    /// <summary>Since when the oldest of those that wait does; null when none does.</summary>
    public DateTimeOffset? Oldest { get; init; }

    public long Failed { get; init; }
}

/// <summary>Every statement on events that are told to endpoints.</summary>
public static class DeliveryTable
{
    /// <summary>
    /// Goes in one trip with the entry of the security log and in its transaction. The database itself looks who wants to hear of it: nothing that is cached could miss an endpoint that was added a moment ago,
    /// and where there is none this reads an empty table.
    /// </summary>
    public const string Queue =
        """
        ;
        INSERT INTO webhook_deliveries (endpoint_id, id, account_id, kind, at, since, next_try_at, claimed_until, tries)
        SELECT e.id, @id, @AccountId, @Kind, @at, @at, @at, 0, 0 FROM webhook_endpoints e
        WHERE e.removed_at IS NULL AND (e.all_kinds = 1 OR EXISTS (SELECT 1 FROM webhook_kinds k WHERE k.endpoint_id = e.id AND k.kind = @Kind))
        """;

    private const string Columns = "endpoint_id, id, account_id, kind, at, since, next_try_at, claimed_until, tries, delivered_at, failed_at, last_try_at, last_status, last_problem, took";

    /// <summary>A moment that lies further ahead than any that is ever set was set by a clock that was wrong.</summary>
    private const string IsDue = "delivered_at IS NULL AND failed_at IS NULL AND (next_try_at <= @now OR next_try_at > @latest) AND (claimed_until <= @now OR claimed_until > @longest)";

    /// <summary>An endpoint that is neither paused nor resting.</summary>
    private const string IsReady = "e.removed_at IS NULL AND e.paused_at IS NULL AND (e.hold_until <= @now OR e.hold_until > @farthest)";

    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(5);

    /// <summary>An event for one endpoint, whatever it wants to hear of.</summary>
    public static Task Add(WriteTx tx, string endpointId, string id, string accountId, string kind, DateTimeOffset now) => tx.Execute(
        """
        INSERT INTO webhook_deliveries (endpoint_id, id, account_id, kind, at, since, next_try_at, claimed_until, tries) VALUES (@endpointId, @id, @accountId, @kind, @now, @now, @now, 0, 0)
        ON CONFLICT (endpoint_id, id) DO NOTHING
        """,
        new { endpointId, id, accountId, kind, now });

    /// <summary>Endpoints that are neither paused nor resting, and for which something is due.</summary>
    public static async Task<List<DueEndpoint>> Due(ReadTx tx, DateTimeOffset now, TimeSpan lease) => [.. (await tx.Many<DueEndpoint>(
        $"""
        SELECT e.id AS endpoint_id, e.failures, (SELECT COUNT(*) FROM (SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND {IsDue} LIMIT {WebhookEndpoint.MostAtOnce}) AS waiting) AS events
        FROM webhook_endpoints e WHERE {IsReady} ORDER BY e.id
        """,
        Times(now, lease, null))).Where(due => due.Events > 0)];

    /// <summary>Whether <see cref="Claim"/> would find one if nobody else claimed at the same moment.</summary>
    public static async Task<bool> IsAnyDue(ReadTx tx, string endpointId, DateTimeOffset now, TimeSpan lease) => await tx.Count(
        $"""
        SELECT COUNT(*) FROM webhook_endpoints e WHERE e.id = @endpointId AND {IsReady}
          AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = @endpointId AND {IsDue})
        """,
        Times(now, lease, endpointId)) == 1;

    /// <summary>Takes the event of this endpoint that waits longest until <paramref name="lease"/> is over; another node, or this one after a crash, takes it up after that.</summary>
    public static async Task<Delivery?> Claim(WriteTx tx, string endpointId, DateTimeOffset now, TimeSpan lease) => (await tx.Many<Delivery>(
        $"""
        UPDATE webhook_deliveries SET claimed_until = @until, tries = tries + 1
        WHERE endpoint_id = @endpointId AND {IsDue}
          AND id = (SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = @endpointId AND {IsDue} ORDER BY d.next_try_at, d.id LIMIT 1)
          AND EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = @endpointId AND {IsReady})
        RETURNING {Columns}
        """,
        Times(now, lease, endpointId))).SingleOrDefault();

    private static object Times(DateTimeOffset now, TimeSpan lease, string? endpointId) =>
        new { endpointId = endpointId ?? "", now, until = now + lease, latest = now + WebhookEndpoint.LongestWait + Slack, longest = now + lease + Slack, farthest = now + WebhookEndpoint.LongestHold + Slack };

    /// <summary>The entry that it tells of; null when the log keeps it no longer.</summary>
    public static Task<LoggedEvent?> Event(ReadTx tx, Delivery delivery) => tx.One<LoggedEvent>(
        "SELECT id, account_id, at, kind, actor_id, session_id, workspace_id, data FROM audit_entries WHERE account_id = @AccountId AND id = @Id", new { delivery.AccountId, delivery.Id });

    public static Task Finish(WriteTx tx, Delivery d, DateTimeOffset now, int status, long took) => tx.Execute(
        "UPDATE webhook_deliveries SET delivered_at = @now, failed_at = NULL, claimed_until = 0, last_try_at = @now, last_status = @status, last_problem = NULL, took = @took WHERE endpoint_id = @EndpointId AND id = @Id AND delivered_at IS NULL",
        new { d.EndpointId, d.Id, now, status, took });

    /// <summary>Nothing happens when somebody else has taken it meanwhile. Whoever sent it again during this try has said when it is due.</summary>
    public static Task Postpone(WriteTx tx, Delivery d, DateTimeOffset now, DateTimeOffset nextTry, int? status, string problem, long took) => tx.Execute(
        """
        UPDATE webhook_deliveries SET next_try_at = CASE WHEN since = @Since THEN @nextTry ELSE next_try_at END, claimed_until = 0, last_try_at = @now, last_status = @status, last_problem = @problem, took = @took
        WHERE endpoint_id = @EndpointId AND id = @Id AND claimed_until = @ClaimedUntil AND delivered_at IS NULL
        """,
        new { d.EndpointId, d.Id, d.ClaimedUntil, d.Since, now, nextTry, status, problem, took });

    /// <summary>The last try failed: it is shown, and sent once more when an operator says so, or has said so during the try.</summary>
    public static Task Fail(WriteTx tx, Delivery d, DateTimeOffset now, int? status, string problem, long took) => tx.Execute(
        """
        UPDATE webhook_deliveries SET failed_at = CASE WHEN since = @Since THEN @now END, claimed_until = 0, last_try_at = @now, last_status = @status, last_problem = @problem, took = @took
        WHERE endpoint_id = @EndpointId AND id = @Id AND claimed_until = @ClaimedUntil AND delivered_at IS NULL
        """,
        new { d.EndpointId, d.Id, d.ClaimedUntil, d.Since, now, status, problem, took });

    /// <summary>The server stops: it did not count as a try.</summary>
    public static Task PutBack(WriteTx tx, Delivery d) => tx.Execute(
        "UPDATE webhook_deliveries SET claimed_until = 0, tries = tries - 1 WHERE endpoint_id = @EndpointId AND id = @Id AND claimed_until = @ClaimedUntil AND delivered_at IS NULL", new { d.EndpointId, d.Id, d.ClaimedUntil });

    /// <summary>The endpoint answers again: what waits for its next try need not wait longer.</summary>
    public static Task Release(WriteTx tx, string endpointId, DateTimeOffset now) => tx.Execute(
        "UPDATE webhook_deliveries SET next_try_at = @now WHERE endpoint_id = @endpointId AND delivered_at IS NULL AND failed_at IS NULL AND next_try_at > @now", new { endpointId, now });

    /// <summary>Gives up what began to wait before <paramref name="before"/>, some at a time.</summary>
    public static Task<int> GiveUp(WriteTx tx, string endpointId, DateTimeOffset before, DateTimeOffset now, string problem, int limit) => tx.Execute(
        """
        UPDATE webhook_deliveries SET failed_at = @now, last_problem = @problem WHERE endpoint_id = @endpointId AND delivered_at IS NULL AND failed_at IS NULL AND claimed_until <= @now AND id IN
          (SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = @endpointId AND d.delivered_at IS NULL AND d.failed_at IS NULL AND d.since < @before AND d.claimed_until <= @now ORDER BY d.next_try_at, d.id LIMIT @limit)
        """,
        new { endpointId, before, now, problem, limit });

    /// <summary>What waits for a paused endpoint waits no longer than for one that is down.</summary>
    public static Task<int> GiveUpPaused(WriteTx tx, DateTimeOffset before, DateTimeOffset now, string problem, int limit) => tx.Execute(
        """
        UPDATE webhook_deliveries SET failed_at = @now, last_problem = @problem WHERE delivered_at IS NULL AND failed_at IS NULL AND (endpoint_id, id) IN
          (SELECT d.endpoint_id, d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
            WHERE e.paused_at IS NOT NULL AND d.delivered_at IS NULL AND d.failed_at IS NULL AND d.since < @before AND d.claimed_until <= @now ORDER BY d.endpoint_id, d.id LIMIT @limit)
        """,
        new { before, now, problem, limit });

    /// <summary>One event once more, however it stands.</summary>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> Again(WriteTx tx, string endpointId, string id, DateTimeOffset now) => await tx.Execute(
        "UPDATE webhook_deliveries SET delivered_at = NULL, failed_at = NULL, since = @now, next_try_at = @now, tries = 0 WHERE endpoint_id = @endpointId AND id = @id", new { endpointId, id, now }) == 1;

    /// <summary>Those that were given up, some at a time.</summary>
    public static Task<int> FailedAgain(WriteTx tx, string endpointId, DateTimeOffset now, int limit) => tx.Execute(
        """
        UPDATE webhook_deliveries SET failed_at = NULL, since = @now, next_try_at = @now, tries = 0 WHERE endpoint_id = @endpointId AND failed_at IS NOT NULL AND id IN
          (SELECT d.id FROM webhook_deliveries d WHERE d.endpoint_id = @endpointId AND d.failed_at IS NOT NULL ORDER BY d.failed_at, d.id LIMIT @limit)
        """,
        new { endpointId, now, limit });

    public static Task<long> CountFailed(ReadTx tx, string endpointId) => tx.Count("SELECT COUNT(*) FROM webhook_deliveries WHERE endpoint_id = @endpointId AND failed_at IS NOT NULL", new { endpointId });

    public static Task<List<Backlog>> Backlogs(ReadTx tx) => tx.Many<Backlog>(
        """
        SELECT e.id AS endpoint_id, (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.delivered_at IS NULL AND d.failed_at IS NULL) AS waiting,
          (SELECT MIN(d.since) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.delivered_at IS NULL AND d.failed_at IS NULL) AS oldest,
          (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.failed_at IS NOT NULL) AS failed
        FROM webhook_endpoints e WHERE e.removed_at IS NULL ORDER BY e.id
        """);

    /// <summary>The newest events first.</summary>
    /// <param name="before">Id of the event that the page before ended with; null for the newest.</param>
    /// <param name="failed">Only those that were given up.</param>
    public static Task<List<Delivery>> Of(ReadTx tx, string endpointId, string? before, bool failed, int limit) => tx.Many<Delivery>(
        $"SELECT {Columns} FROM webhook_deliveries WHERE endpoint_id = @endpointId AND id < @before {(failed ? "AND failed_at IS NOT NULL" : "")} ORDER BY id DESC LIMIT @limit", new { endpointId, before = before ?? "~", limit });

    public static Task<Delivery?> Find(ReadTx tx, string endpointId, string id) => tx.One<Delivery>($"SELECT {Columns} FROM webhook_deliveries WHERE endpoint_id = @endpointId AND id = @id", new { endpointId, id });

    /// <summary>At the start of the one server that there can be: nobody else holds anything.</summary>
    public static Task FreeAll(WriteTx tx) => tx.Execute("UPDATE webhook_deliveries SET claimed_until = 0 WHERE claimed_until > 0 AND delivered_at IS NULL AND failed_at IS NULL");

    public static Task<int> DeleteDeliveredBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM webhook_deliveries WHERE (endpoint_id, id) IN (SELECT endpoint_id, id FROM webhook_deliveries WHERE delivered_at IS NOT NULL AND delivered_at < @before ORDER BY delivered_at, endpoint_id, id LIMIT @limit)", new { before, limit });

    public static Task<int> DeleteFailedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        """
        DELETE FROM webhook_deliveries WHERE (endpoint_id, id) IN (SELECT d.endpoint_id, d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id
          WHERE d.failed_at IS NOT NULL AND d.failed_at < @before ORDER BY d.endpoint_id, d.failed_at, d.id LIMIT @limit)
        """,
        new { before, limit });

    public static Task<int> DeleteOfRemoved(WriteTx tx, int limit) => tx.Execute(
        """
        DELETE FROM webhook_deliveries WHERE (endpoint_id, id) IN (SELECT d.endpoint_id, d.id FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id WHERE e.removed_at IS NOT NULL ORDER BY d.endpoint_id, d.id LIMIT @limit)
        """,
        new { limit });
}
