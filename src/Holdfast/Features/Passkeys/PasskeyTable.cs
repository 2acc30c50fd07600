using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Passkeys;

/// <summary>Every statement on passkeys.</summary>
public static class PasskeyTable
{
    private const string Columns = "account_id, id, credential_id, public_key, sign_count, transports, backup_eligible, backed_up, aaguid, rp_id, name, added_at, last_used_at, paused_at, copied_at";

    /// <summary>Oldest first.</summary>
    public static Task<List<Passkey>> Of(ReadTx tx, string accountId) =>
        tx.Many<Passkey>($"SELECT {Columns} FROM passkeys WHERE account_id = @accountId ORDER BY added_at, id", new { accountId });

    public static Task<Passkey?> ByCredential(ReadTx tx, byte[] credentialId) => tx.One<Passkey>($"SELECT {Columns} FROM passkeys WHERE credential_id = @credentialId", new { credentialId });

    /// <summary>What authenticators know the account by; null before its first passkey.</summary>
    public static Task<string?> Handle(ReadTx tx, string accountId) => tx.One<string>("SELECT handle FROM passkey_handles WHERE account_id = @accountId", new { accountId });

    /// <summary>Gives the account <paramref name="handle"/>, unless it has one.</summary>
    public static Task SetHandle(WriteTx tx, string accountId, string handle) =>
        tx.Execute("INSERT INTO passkey_handles (account_id, handle) VALUES (@accountId, @handle) ON CONFLICT (account_id) DO NOTHING", new { accountId, handle });

    /// <returns>False when the credential is registered already, for whomever.</returns>
    public static async Task<bool> Insert(WriteTx tx, Passkey row) => await tx.Execute(
        """
        INSERT INTO passkeys (account_id, id, credential_id, public_key, sign_count, transports, backup_eligible, backed_up, aaguid, rp_id, name, added_at, last_used_at)
        VALUES (@AccountId, @Id, @CredentialId, @PublicKey, @SignCount, @Transports, @eligible, @backedUp, @Aaguid, @RpId, @Name, @AddedAt, @LastUsedAt)
        ON CONFLICT (credential_id) DO NOTHING
        """,
        new
        {
            row.AccountId, row.Id, row.CredentialId, row.PublicKey, row.SignCount, row.Transports, eligible = row.BackupEligible ? 1 : 0, backedUp = row.BackedUp ? 1 : 0, row.Aaguid, row.RpId, row.Name, row.AddedAt, row.LastUsedAt,
        }) == 1;

    /// <summary>
    /// Accepts a signature: asks whether the counter has gone on, where there is one, and stores it in the same statement, so that of two copies used at once one is noticed (WebAuthn L3 §7.2, steps 22 and 24).
    /// </summary>
    /// <param name="alone">Without the password: then it must not be paused.</param>
    public static async Task<bool> Accept(WriteTx tx, Passkey passkey, long signCount, bool backedUp, bool alone, DateTimeOffset now) => await tx.Execute(
        """
        UPDATE passkeys SET sign_count = @signCount, backed_up = @backedUp, last_used_at = @now
        WHERE account_id = @AccountId AND id = @Id AND copied_at IS NULL AND (@alone = 0 OR paused_at IS NULL) AND (sign_count < @signCount OR (sign_count = 0 AND @signCount = 0))
        """,
        new { passkey.AccountId, passkey.Id, signCount, backedUp = backedUp ? 1 : 0, alone = alone ? 1 : 0, now }) == 1;

    /// <summary>Its counter went back: taken no more. False when that was noted before.</summary>
    public static async Task<bool> MarkCopied(WriteTx tx, string accountId, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE passkeys SET copied_at = @now WHERE account_id = @accountId AND id = @id AND copied_at IS NULL", new { accountId, id, now }) == 1;

    /// <summary>From now on all of them need the password beside them, until the person says whose they are.</summary>
    public static Task PauseAll(WriteTx tx, string accountId, DateTimeOffset now) => tx.Execute("UPDATE passkeys SET paused_at = @now WHERE account_id = @accountId AND paused_at IS NULL", new { accountId, now });

    /// <returns>False when it was not paused, or is not there.</returns>
    public static async Task<bool> Resume(WriteTx tx, string accountId, string id) =>
        await tx.Execute("UPDATE passkeys SET paused_at = NULL WHERE account_id = @accountId AND id = @id AND paused_at IS NOT NULL", new { accountId, id }) == 1;

    public static async Task<bool> Rename(WriteTx tx, string accountId, string id, string name) =>
        await tx.Execute("UPDATE passkeys SET name = @name WHERE account_id = @accountId AND id = @id", new { accountId, id, name }) == 1;

    public static async Task<bool> Remove(WriteTx tx, string accountId, string id) => await tx.Execute("DELETE FROM passkeys WHERE account_id = @accountId AND id = @id", new { accountId, id }) == 1;

    public static Task RemoveAll(WriteTx tx, string accountId) => tx.Execute("DELETE FROM passkeys WHERE account_id = @accountId", new { accountId });

    /// <summary>How many there are for each host name: those for another one than today's work no more.</summary>
    public static Task<List<MadeFor>> ByHost(ReadTx tx) => tx.Many<MadeFor>("SELECT rp_id, COUNT(*) AS passkeys FROM passkeys GROUP BY rp_id ORDER BY rp_id");
}

public sealed record MadeFor
{
    public required string RpId { get; init; }

    public long Passkeys { get; init; }
}

/// <summary>Every statement on challenges that were answered, and forms that were sent (<see cref="Web.OnceOnly"/>).</summary>
public static class UsedChallengeTable
{
    /// <summary>Uses a challenge up: the one statement that makes an answer good once, however many bring it at the same time. False when it was used.</summary>
    public static async Task<bool> Use(WriteTx tx, TokenHash challenge, DateTimeOffset endsAt) =>
        await tx.Execute("INSERT INTO used_challenges (challenge_hash, ends_at) VALUES (@challenge, @endsAt) ON CONFLICT (challenge_hash) DO NOTHING", new { challenge, endsAt }) == 1;

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM used_challenges WHERE challenge_hash IN (SELECT challenge_hash FROM used_challenges WHERE ends_at < @before ORDER BY ends_at, challenge_hash LIMIT @limit)", new { before, limit });
}
