using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>An authenticator app as it is stored.</summary>
public sealed record TotpRow
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required byte[] SealedKey { get; init; }

    /// <summary>Names the key of the ring that sealed it.</summary>
    public required string KeyId { get; init; }

    /// <summary>The last time step of which a code was accepted; 0 before the first.</summary>
    public long LastStep { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>The session that it was begun in: only there it can be confirmed.</summary>
    public required string BegunIn { get; init; }

    /// <summary>End of the set-up; null once it is confirmed.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>Every statement on authenticator apps.</summary>
public static class TotpTable
{
    private const string Columns = "account_id, id, name, sealed_key, key_id, last_step, made_at, begun_in, ends_at, confirmed_at, last_used_at";

    /// <summary>Apps that count, oldest first.</summary>
    public static Task<List<TotpRow>> Confirmed(ReadTx tx, string accountId) =>
        tx.Many<TotpRow>($"SELECT {Columns} FROM totp_apps WHERE account_id = @accountId AND confirmed_at IS NOT NULL ORDER BY confirmed_at, id", new { accountId });

    /// <summary>The set-up that a session has open.</summary>
    public static Task<TotpRow?> Begun(ReadTx tx, string accountId, string sessionId, DateTimeOffset now) => tx.One<TotpRow>(
        $"SELECT {Columns} FROM totp_apps WHERE account_id = @accountId AND begun_in = @sessionId AND confirmed_at IS NULL AND ends_at > @now", new { accountId, sessionId, now });

    /// <summary>Begins a set-up, unless this session has one open.</summary>
    public static async Task Begin(WriteTx tx, TotpRow row, DateTimeOffset now)
    {
        await tx.Execute("DELETE FROM totp_apps WHERE account_id = @AccountId AND begun_in = @BegunIn AND confirmed_at IS NULL AND ends_at <= @now", new { row.AccountId, row.BegunIn, now });
        await tx.Execute(
            """
            INSERT INTO totp_apps (account_id, id, name, sealed_key, key_id, last_step, made_at, begun_in, ends_at)
            VALUES (@AccountId, @Id, @Name, @SealedKey, @KeyId, 0, @MadeAt, @BegunIn, @EndsAt)
            ON CONFLICT (account_id, begun_in) WHERE confirmed_at IS NULL DO NOTHING
            """,
            row);
    }

    /// <summary>Confirms a set-up and burns the code that did it. False when it is another session's, over, or confirmed meanwhile.</summary>
    public static async Task<bool> Confirm(WriteTx tx, string accountId, string id, string sessionId, string name, long step, DateTimeOffset now) => await tx.Execute(
        """
        UPDATE totp_apps SET confirmed_at = @now, last_used_at = @now, last_step = @step, name = @name, ends_at = NULL
        WHERE account_id = @accountId AND id = @id AND begun_in = @sessionId AND confirmed_at IS NULL AND ends_at > @now
        """,
        new { accountId, id, sessionId, name, step, now }) == 1;

    /// <summary>
    /// Accepts a code: asks whether its step is later than the last one and writes it down in the same statement, so that of any number of tries at once one is accepted (RFC 6238 §5.2, ASVS 6.5.1).
    /// </summary>
    public static async Task<bool> Accept(WriteTx tx, string accountId, string id, long step, DateTimeOffset now) => await tx.Execute(
        "UPDATE totp_apps SET last_step = @step, last_used_at = @now WHERE account_id = @accountId AND id = @id AND confirmed_at IS NOT NULL AND last_step < @step",
        new { accountId, id, step, now }) == 1;

    /// <summary>The same key under the newest key of the ring.</summary>
    public static Task Reseal(WriteTx tx, string accountId, string id, string oldKeyId, byte[] sealedKey, string keyId) => tx.Execute(
        "UPDATE totp_apps SET sealed_key = @sealedKey, key_id = @keyId WHERE account_id = @accountId AND id = @id AND key_id = @oldKeyId", new { accountId, id, oldKeyId, sealedKey, keyId });

    public static async Task<bool> Rename(WriteTx tx, string accountId, string id, string name) =>
        await tx.Execute("UPDATE totp_apps SET name = @name WHERE account_id = @accountId AND id = @id AND confirmed_at IS NOT NULL", new { accountId, id, name }) == 1;

    public static async Task<bool> Remove(WriteTx tx, string accountId, string id) =>
        await tx.Execute("DELETE FROM totp_apps WHERE account_id = @accountId AND id = @id AND confirmed_at IS NOT NULL", new { accountId, id }) == 1;

    /// <param name="except">The one app that stays; null removes all, set-ups under way as well.</param>
    public static Task RemoveAll(WriteTx tx, string accountId, string? except) =>
        tx.Execute("DELETE FROM totp_apps WHERE account_id = @accountId AND id <> @except", new { accountId, except = except ?? "" });

    /// <summary>Set-ups under way are over: what they were begun with no longer counts.</summary>
    public static Task EndBegun(WriteTx tx, string accountId) => tx.Execute("DELETE FROM totp_apps WHERE account_id = @accountId AND confirmed_at IS NULL", new { accountId });

    /// <summary>Ends one session's own set-up.</summary>
    public static Task Cancel(WriteTx tx, string accountId, string sessionId) =>
        tx.Execute("DELETE FROM totp_apps WHERE account_id = @accountId AND begun_in = @sessionId AND confirmed_at IS NULL", new { accountId, sessionId });

    public static Task<int> DeleteStale(WriteTx tx, DateTimeOffset now, int limit) => tx.Execute(
        """
        DELETE FROM totp_apps WHERE confirmed_at IS NULL AND (account_id, id) IN
          (SELECT account_id, id FROM totp_apps WHERE confirmed_at IS NULL AND ends_at <= @now ORDER BY ends_at, id LIMIT @limit)
        """,
        new { now, limit });

    /// <summary>For each key of the ring that sealed something: how many apps, and one of them to try.</summary>
    public static Task<List<SealedUnder>> ByKey(ReadTx tx) => tx.Many<SealedUnder>(
        """
        SELECT u.key_id, u.apps, a.account_id, a.id, a.sealed_key
        FROM (SELECT key_id, COUNT(*) AS apps, MIN(id) AS one FROM totp_apps WHERE confirmed_at IS NOT NULL GROUP BY key_id) AS u
        JOIN totp_apps AS a ON a.id = u.one ORDER BY u.key_id
        """);
}

/// <summary>What one key of the ring is still needed for.</summary>
public sealed record SealedUnder
{
    public required string KeyId { get; init; }

    public long Apps { get; init; }

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required byte[] SealedKey { get; init; }
}
