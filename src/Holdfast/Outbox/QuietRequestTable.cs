using Holdfast.Storage;

namespace Holdfast.Outbox;

public sealed record QuietRequestRow
{
    public required string Id { get; init; }

    /// <summary>What is asked: <see cref="IQuietAnswer.Kind"/>.</summary>
    public required string Kind { get; init; }

    public required byte[] Sealed { get; init; }

    public DateTimeOffset ClaimedUntil { get; init; }

    public int Attempts { get; init; }
}

/// <summary>Every statement on what strangers ask about an address and waits to be answered.</summary>
public static class QuietRequestTable
{
    /// <summary>One statement, the same whoever is asked about. It waits for no other row, so that not even its time can tell what is done about an earlier request.</summary>
    /// <returns>False when <paramref name="most"/> are waiting already.</returns>
    public static async Task<bool> Insert(WriteTx tx, string id, string kind, byte[] sealedRequest, DateTimeOffset now, int most) => await tx.Execute(
        """
        INSERT INTO quiet_requests (id, kind, sealed, asked_at, claimed_until, attempts)
        SELECT @id, @kind, @sealedRequest, @now, 0, 0 WHERE (SELECT COUNT(*) FROM (SELECT id FROM quiet_requests LIMIT @most) AS waiting) < @most
        """,
        new { id, kind, sealedRequest, now, most }) == 1;

    public static async Task<bool> AnyDue(ReadTx tx, DateTimeOffset now) =>
        await tx.Count("SELECT COUNT(*) FROM (SELECT id FROM quiet_requests WHERE claimed_until <= @now LIMIT 1) AS one", new { now }) == 1;

    /// <summary>Takes the next one for itself. Who dies over it leaves a claim that runs out; each try claims it for twice as long, so that one that always fails is no busy loop.</summary>
    /// <param name="lease">Of the first try.</param>
    public static async Task<QuietRequestRow?> Claim(WriteTx tx, DateTimeOffset now, TimeSpan lease) => (await tx.Many<QuietRequestRow>(
        """
        UPDATE quiet_requests SET claimed_until = @now + @lease * (1 << attempts), attempts = attempts + 1
        WHERE claimed_until <= @now AND id = (SELECT id FROM quiet_requests WHERE claimed_until <= @now ORDER BY claimed_until, id LIMIT 1)
        RETURNING id, kind, sealed, claimed_until, attempts
        """,
        new { now, lease = (long)lease.TotalMilliseconds })).SingleOrDefault();

    /// <returns>False when the claim ran out and somebody else has taken it.</returns>
    public static async Task<bool> Finish(WriteTx tx, QuietRequestRow row) =>
        await tx.Execute("DELETE FROM quiet_requests WHERE id = @Id AND claimed_until = @ClaimedUntil", new { row.Id, row.ClaimedUntil }) == 1;

    public static Task<long> Waiting(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM quiet_requests");

    public static Task<int> DeleteAskedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM quiet_requests WHERE id IN (SELECT id FROM quiet_requests WHERE asked_at < @before ORDER BY asked_at, id LIMIT @limit)", new { before, limit });
}
