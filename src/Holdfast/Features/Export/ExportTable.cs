using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Export;

/// <summary>Every statement on exports.</summary>
public static class ExportTable
{
    private const string Columns = "account_id, id, asked_at, made_at, ends_at, bytes, sha256, fetched_at, dropped_at";

    /// <summary>Longer than one takes.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(10);

    /// <summary>To be made, and claimed by nobody. A claim that ends later than any lease was written by a clock that ran ahead.</summary>
    private const string Free = "made_at IS NULL AND dropped_at IS NULL AND (claimed_until <= @now OR claimed_until > @leaseEnd)";

    public static Task Insert(WriteTx tx, string accountId, string id, DateTimeOffset now) =>
        tx.Execute("INSERT INTO exports (account_id, id, asked_at, claimed_until, tries) VALUES (@accountId, @id, @now, 0, 0)", new { accountId, id, now });

    public static async Task<DataExport?> Latest(ReadTx tx, string accountId) => (await tx.Many<DataExport>($"SELECT {Columns} FROM exports WHERE account_id = @accountId ORDER BY CASE WHEN fetched_at IS NULL AND dropped_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 1", new { accountId })).FirstOrDefault();

    public static Task<List<DateTimeOffset>> AskedSince(ReadTx tx, string accountId, DateTimeOffset since) =>
        tx.Many<DateTimeOffset>("SELECT asked_at FROM exports WHERE account_id = @accountId AND asked_at > @since ORDER BY asked_at DESC, id", new { accountId, since });

    /// <summary>The one that is being made, or waits to be fetched, is gone.</summary>
    /// <returns>False when there was none.</returns>
    public static async Task<bool> Drop(WriteTx tx, string accountId, DateTimeOffset now) =>
        await tx.Execute("UPDATE exports SET dropped_at = @now, sealed = NULL, link_hash = NULL WHERE account_id = @accountId AND fetched_at IS NULL AND dropped_at IS NULL", new { accountId, now }) > 0;

    public static async Task<bool> AnyDue(ReadTx tx, DateTimeOffset now) =>
        await tx.Count($"SELECT COUNT(*) FROM (SELECT id FROM exports WHERE {Free} LIMIT 1) AS one", new { now, leaseEnd = now + Lease }) == 1;

    /// <summary>Takes the next one to make for itself; another node, or this one after a crash, takes it up after the lease.</summary>
    public static async Task<DataExport?> Claim(WriteTx tx, DateTimeOffset now) => (await tx.Many<DataExport>(
        $"""
        UPDATE exports SET claimed_until = @until, tries = tries + 1
        WHERE {Free} AND (account_id, id) =
          (SELECT account_id, id FROM exports WHERE {Free} ORDER BY claimed_until, account_id, id LIMIT 1)
        RETURNING {Columns}
        """,
        new { now, leaseEnd = now + Lease, until = now + Lease })).SingleOrDefault();

    /// <summary>At the start of a server that has the database to itself: whoever had claimed one is dead.</summary>
    public static Task FreeAll(WriteTx tx) => tx.Execute("UPDATE exports SET claimed_until = 0 WHERE claimed_until > 0 AND made_at IS NULL");

    /// <returns>False when it was made by another one, stopped, or its account is gone.</returns>
    public static async Task<bool> Finish(WriteTx tx, DataExport made, byte[] sealedFile, TokenHash link) => await tx.Execute(
        """
        UPDATE exports SET made_at = @MadeAt, ends_at = @EndsAt, sealed = @sealedFile, bytes = @Bytes, sha256 = @Sha256, link_hash = @link
        WHERE account_id = @AccountId AND id = @Id AND made_at IS NULL AND dropped_at IS NULL
        """,
        new { made.MadeAt, made.EndsAt, sealedFile, made.Bytes, made.Sha256, link, made.AccountId, made.Id }) == 1;

    /// <summary>The one that the link of the letter opens; null when it is not this person's, or not to be had any more.</summary>
    public static Task<DataExport?> Open(ReadTx tx, string accountId, TokenHash link, DateTimeOffset now) => tx.One<DataExport>(
        $"SELECT {Columns} FROM exports WHERE account_id = @accountId AND link_hash = @link AND made_at IS NOT NULL AND fetched_at IS NULL AND dropped_at IS NULL AND ends_at > @now", new { accountId, link, now });

    /// <summary>Uses it up: the file is read and wiped in one transaction.</summary>
    /// <returns>The sealed file; null when somebody was faster.</returns>
    public static async Task<byte[]?> Fetch(WriteTx tx, DataExport open, DateTimeOffset now)
    {
        if (await tx.Execute("UPDATE exports SET fetched_at = @now, link_hash = NULL WHERE account_id = @AccountId AND id = @Id AND fetched_at IS NULL AND dropped_at IS NULL AND ends_at > @now", new { open.AccountId, open.Id, now }) != 1) return null;
        var file = await tx.One<byte[]>("SELECT sealed FROM exports WHERE account_id = @AccountId AND id = @Id", new { open.AccountId, open.Id });
        await tx.Execute("UPDATE exports SET sealed = NULL WHERE account_id = @AccountId AND id = @Id", new { open.AccountId, open.Id });
        return file;
    }

    /// <summary>Wipes what nobody fetched in time.</summary>
    public static Task<int> WipeEnded(WriteTx tx, DateTimeOffset now, int limit) => tx.Execute(
        "UPDATE exports SET sealed = NULL, link_hash = NULL WHERE sealed IS NOT NULL AND (account_id, id) IN (SELECT account_id, id FROM exports WHERE sealed IS NOT NULL AND ends_at <= @now ORDER BY asked_at, account_id, id LIMIT @limit)", new { now, limit });

    public static Task<int> DeleteAskedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM exports WHERE (account_id, id) IN (SELECT account_id, id FROM exports WHERE asked_at < @before ORDER BY asked_at, account_id, id LIMIT @limit)", new { before, limit });
}
