using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>A key that signs id tokens and logout tokens.</summary>
public sealed record SigningKeyRow
{
    public long Number { get; init; }

    /// <summary>The <c>kid</c>: its thumbprint (RFC 7638).</summary>
    public required string Id { get; init; }

    /// <summary>X and Y, 32 bytes each.</summary>
    public required byte[] PublicKey { get; init; }

    /// <summary>Sealed; null once it is retired.</summary>
    public byte[]? PrivateKey { get; init; }

    /// <summary>Fingerprint of the root key that sealed it.</summary>
    public required string KeyId { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset SignsFrom { get; init; }

    public DateTimeOffset? RetiredAt { get; init; }
}

/// <summary>Every statement on signing keys.</summary>
public static class SigningKeyTable
{
    /// <summary>The newest first.</summary>
    public static Task<List<SigningKeyRow>> All(ReadTx tx) => tx.Many<SigningKeyRow>("SELECT number, id, public_key, private_key, key_id, made_at, signs_from, retired_at FROM oauth_signing_keys ORDER BY number DESC");

    /// <summary>Of two nodes that make the next key at once, the first does.</summary>
    /// <returns>False for the other.</returns>
    public static async Task<bool> Insert(WriteTx tx, SigningKeyRow row) => await tx.Execute(
        "INSERT INTO oauth_signing_keys (number, id, public_key, private_key, key_id, made_at, signs_from) VALUES (@Number, @Id, @PublicKey, @PrivateKey, @KeyId, @MadeAt, @SignsFrom) ON CONFLICT (number) DO NOTHING",
        new { row.Number, row.Id, row.PublicKey, row.PrivateKey, row.KeyId, row.MadeAt, row.SignsFrom }) == 1;

    public static Task Retire(WriteTx tx, long number, DateTimeOffset now) => tx.Execute("UPDATE oauth_signing_keys SET retired_at = @now, private_key = NULL WHERE number = @number AND retired_at IS NULL", new { number, now });

    /// <summary>All before one of them, whatever they are still needed for.</summary>
    public static Task DeleteBefore(WriteTx tx, long number) => tx.Execute("DELETE FROM oauth_signing_keys WHERE number < @number", new { number });

    public static Task<int> DeleteRetiredBefore(WriteTx tx, DateTimeOffset before) => tx.Execute("DELETE FROM oauth_signing_keys WHERE retired_at < @before", new { before });
}
