using Holdfast.Storage;

namespace Holdfast.Features.Recovery;

public sealed record RecoveryRequestRow
{
    public required string Id { get; init; }

    public required byte[] Sealed { get; init; }

    public DateTimeOffset ClaimedUntil { get; init; }

    public int Attempts { get; init; }
}

/// <summary>Every statement on requests for a new password that wait to be answered.</summary>
public static class RecoveryRequestTable
{
    /// <summary>One statement, the same whoever is asked about. It waits for no other row, so that not even its time can tell what is done about an earlier request.</summary>
    /// <returns>False when <paramref name="most"/> are waiting already.</returns>
    public static async Task<bool> Insert(WriteTx tx, string id, byte[] sealedRequest, DateTimeOffset now, int most) => await tx.Execute(
        """
        INSERT INTO recovery_requests (id, sealed, asked_at, claimed_until, attempts)
        SELECT @id, @sealedRequest, @now, 0, 0 WHERE (SELECT COUNT(*) FROM (SELECT id FROM recovery_requests LIMIT @most) AS waiting) < @most
        """,
        new { id, sealedRequest, now, most }) == 1;

    public static async Task<bool> AnyDue(ReadTx tx, DateTimeOffset now) =>
        await tx.Count("SELECT COUNT(*) FROM (SELECT id FROM recovery_requests WHERE claimed_until <= @now LIMIT 1) AS one", new { now }) == 1;

    /// <summary>Takes the next one for itself. Who dies over it leaves a claim that runs out; each try claims it for twice as long, so that one that always fails is no busy loop.</summary>
    /// <param name="lease">Of the first try.</param>
    public static async Task<RecoveryRequestRow?> Claim(WriteTx tx, DateTimeOffset now, TimeSpan lease) => (await tx.Many<RecoveryRequestRow>(
        """
        UPDATE recovery_requests SET claimed_until = @now + @lease * (1 << attempts), attempts = attempts + 1
        WHERE claimed_until <= @now AND id = (SELECT id FROM recovery_requests WHERE claimed_until <= @now ORDER BY claimed_until, id LIMIT 1)
        RETURNING id, sealed, claimed_until, attempts
        """,
        new { now, lease = (long)lease.TotalMilliseconds })).SingleOrDefault();

    /// <returns>False when the claim ran out and somebody else has taken it.</returns>
    public static async Task<bool> Finish(WriteTx tx, RecoveryRequestRow row) =>
        await tx.Execute("DELETE FROM recovery_requests WHERE id = @Id AND claimed_until = @ClaimedUntil", new { row.Id, row.ClaimedUntil }) == 1;

    public static Task<long> Waiting(ReadTx tx) => tx.Count("SELECT COUNT(*) FROM recovery_requests");

    public static Task<int> DeleteAskedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM recovery_requests WHERE id IN (SELECT id FROM recovery_requests WHERE asked_at < @before ORDER BY asked_at, id LIMIT @limit)", new { before, limit });
}
