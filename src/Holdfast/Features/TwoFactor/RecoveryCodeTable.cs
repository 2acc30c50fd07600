using System.Globalization;
using Dapper;
using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>Every statement on recovery codes.</summary>
public static class RecoveryCodeTable
{
    /// <summary>New codes take the place of all old ones.</summary>
    public static async Task Replace(WriteTx tx, string accountId, IReadOnlyList<byte[]> hashes, string keyId, DateTimeOffset now)
    {
        await DeleteAll(tx, accountId);
        var args = new DynamicParameters(new { accountId, keyId, now });
        for (var i = 0; i < hashes.Count; i++) args.Add(string.Create(CultureInfo.InvariantCulture, $"hash{i}"), hashes[i], System.Data.DbType.Binary);
        await tx.Execute($"INSERT INTO recovery_codes (account_id, code_hash, key_id, made_at) VALUES {string.Join(", ", hashes.Select((_, i) => $"(@accountId, @hash{i}, @keyId, @now)"))}", args);
    }

    /// <summary>Uses a code up: the one statement that makes it single-use. False when it is unknown, another account's, or used.</summary>
    public static async Task<bool> Use(WriteTx tx, string accountId, byte[] hash, DateTimeOffset now) =>
        await tx.Execute("UPDATE recovery_codes SET used_at = @now WHERE account_id = @accountId AND code_hash = @hash AND used_at IS NULL", new { accountId, hash, now }) == 1;

    /// <summary>True when this is one of the codes that count, used or not.</summary>
    public static async Task<bool> Has(ReadTx tx, string accountId, byte[] hash) =>
        await tx.Count("SELECT COUNT(*) FROM recovery_codes WHERE account_id = @accountId AND code_hash = @hash", new { accountId, hash }) == 1;

    public static async Task<int> Left(ReadTx tx, string accountId) => (int)await tx.Count("SELECT COUNT(*) FROM recovery_codes WHERE account_id = @accountId AND used_at IS NULL", new { accountId });

    public static Task DeleteAll(WriteTx tx, string accountId) => tx.Execute("DELETE FROM recovery_codes WHERE account_id = @accountId", new { accountId });

    /// <summary>How many unused codes stand under each key of the ring.</summary>
    public static Task<List<HashedUnder>> ByKey(ReadTx tx) =>
        tx.Many<HashedUnder>("SELECT key_id, COUNT(*) AS codes FROM recovery_codes WHERE used_at IS NULL GROUP BY key_id ORDER BY key_id");
}

/// <summary>What one key of the ring is still needed for.</summary>
public sealed record HashedUnder
{
    public required string KeyId { get; init; }

    public long Codes { get; init; }
}
