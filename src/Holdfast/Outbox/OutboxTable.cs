using Holdfast.Storage;

namespace Holdfast.Outbox;

public sealed record OutboxRow
{
    public required string Id { get; init; }

    public required string Kind { get; init; }

    public byte[]? Sealed { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public int Attempts { get; init; }
}

/// <summary>Every statement on what waits to be sent.</summary>
public static class OutboxTable
{
    public static Task Insert(WriteTx tx, string id, string accountId, string kind, byte[] sealedLetter, DateTimeOffset now) => tx.Execute(
        """
        INSERT INTO outbox (id, account_id, kind, sealed, created_at, next_try_at, claimed_until, attempts)
        VALUES (@id, @accountId, @kind, @sealedLetter, @now, @now, 0, 0)
        """,
        new { id, accountId, kind, sealedLetter, now });

    /// <summary>Takes the next due row for itself until <paramref name="until"/>; another node, or this one after a crash, takes it up after that.</summary>
    public static async Task<OutboxRow?> Claim(WriteTx tx, DateTimeOffset now, DateTimeOffset until) => (await tx.Many<OutboxRow>(
        """
        UPDATE outbox SET claimed_until = @until, attempts = attempts + 1
        WHERE done_at IS NULL AND failed_at IS NULL AND next_try_at <= @now AND claimed_until <= @now AND id =
          (SELECT id FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND next_try_at <= @now AND claimed_until <= @now ORDER BY next_try_at, id LIMIT 1)
        RETURNING id, kind, sealed, created_at, attempts
        """,
        new { now, until })).SingleOrDefault();

    /// <summary>Sent: the letter itself, with its link, is wiped.</summary>
    public static Task Finish(WriteTx tx, string id, DateTimeOffset now) =>
        tx.Execute("UPDATE outbox SET done_at = @now, sealed = NULL, last_problem = NULL WHERE id = @id AND done_at IS NULL", new { id, now });

    public static Task Postpone(WriteTx tx, string id, DateTimeOffset nextTry, string problem) =>
        tx.Execute("UPDATE outbox SET next_try_at = @nextTry, claimed_until = 0, last_problem = @problem WHERE id = @id AND done_at IS NULL", new { id, nextTry, problem });

    /// <summary>Given up: kept as a row without the letter, for operators to see.</summary>
    public static Task GiveUp(WriteTx tx, string id, DateTimeOffset now, string problem) =>
        tx.Execute("UPDATE outbox SET failed_at = @now, sealed = NULL, last_problem = @problem WHERE id = @id AND done_at IS NULL", new { id, now, problem });

    public static Task<OutboxState?> State(ReadTx tx) => tx.One<OutboxState>(
        "SELECT COUNT(*) AS waiting, MIN(created_at) AS oldest FROM outbox WHERE done_at IS NULL AND failed_at IS NULL");

    public static Task<long> Failed(ReadTx tx, DateTimeOffset since) => tx.Count("SELECT COUNT(*) FROM outbox WHERE failed_at IS NOT NULL AND failed_at >= @since", new { since });

    public static Task<int> DeleteFinishedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE created_at < @before AND (done_at IS NOT NULL OR failed_at IS NOT NULL) ORDER BY created_at, id LIMIT @limit)", new { before, limit });
}

/// <summary>How much waits, and since when.</summary>
public sealed record OutboxState
{
    public long Waiting { get; init; }

    public DateTimeOffset? Oldest { get; init; }
}
