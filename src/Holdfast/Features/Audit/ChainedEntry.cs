using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Secrets;

namespace Holdfast.Features.Audit;

/// <summary>One link of a chain with the entry that it is about. What is null is not in the database: the entry was taken away, the personal side was erased.</summary>
public sealed record ChainedEntry
{
    public required long Number { get; init; }

    public required string EntryId { get; init; }

    public required string AccountId { get; init; }

    /// <summary>As the chain says.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>UTC milliseconds.</summary>
    public long? At { get; init; }

    public string? Kind { get; init; }

    public string? ActorId { get; init; }

    public string? SessionId { get; init; }

    public string? WorkspaceId { get; init; }

    /// <summary>JSON, byte for byte as it was written.</summary>
    public string? Data { get; init; }

    public byte[]? Commitment { get; init; }

    public byte[]? Salt { get; init; }

    /// <summary>JSON, byte for byte as it was written.</summary>
    public string? Details { get; init; }

    public bool IsThere => Kind is not null;

    /// <summary>The personal side is gone, as erasing a person leaves it; or it is the one that the entry was made with.</summary>
    public bool PersonalFits => Details is null || Salt is null || AuditLog.Commit(Salt, Encoding.UTF8.GetBytes(Details)).AsSpan().SequenceEqual(Commitment);

    /// <summary>
    /// SHA-256 over netstrings (<c>length:bytes,</c>), so that no two entries read alike: <c>holdfast/audit/1</c>, the hash before and the number (decimal), chain, id, time (milliseconds, decimal), kind, account, actor, session, workspace, commitment, data.
    /// Hashes are lower-case hexadecimal; before the first stand 64 zeros.
    /// </summary>
    public byte[] HashAfter(ReadOnlySpan<byte> before, string chain, long number) => Netstrings.Hash(
        "holdfast/audit/1", Convert.ToHexStringLower(before), Text(number), chain, EntryId, Text(At ?? 0), Kind ?? "", AccountId, ActorId ?? "", SessionId ?? "", WorkspaceId ?? "", Convert.ToHexStringLower(Commitment ?? []), Data ?? "");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Where a chain ends. Without its seal, whoever writes to the database could cut it and say that it always ended there.</summary>
public sealed record ChainHead
{
    /// <summary>Before the first entry.</summary>
    public static readonly byte[] NoHash = new byte[32];

    /// <summary>Id of a workspace; empty for what belongs to none.</summary>
    public required string Chain { get; init; }

    public long Number { get; init; }

    public byte[] Hash { get; init; } = NoHash;

    /// <summary>Entries up to this number were deleted for their age; the hash of the last of them is what the first that is left follows.</summary>
    public long PrunedThrough { get; init; }

    public byte[] PrunedHash { get; init; } = NoHash;

    public DateTimeOffset? PrunedAt { get; init; }

    public byte[] Seal { get; init; } = [];

    public string KeyId { get; init; } = "";

    /// <summary>The same head, sealed by the newest key.</summary>
    public ChainHead SealedBy(KeyRing keys) => this with { Seal = keys.Hash(Purpose, Words), KeyId = keys.NewestId };

    /// <summary>True when one of the keys made the seal over exactly this.</summary>
    public bool IsSealedBy(KeyRing keys) => keys.HashWithEach(Purpose, Words).Any(made => CryptographicOperations.FixedTimeEquals(made, Seal));

    private const string Purpose = "audit-head";

    private string Words => string.Create(CultureInfo.InvariantCulture, $"{Chain}\n{Number}\n{Convert.ToHexStringLower(Hash)}\n{PrunedThrough}\n{Convert.ToHexStringLower(PrunedHash)}")
        // Where nothing was ever pruned there is no moment to seal.
        + (PrunedAt is { } at ? string.Create(CultureInfo.InvariantCulture, $"\n{at.ToUnixTimeMilliseconds()}") : "");
}

/// <summary>Texts one after the other so that none can run into the next: each with its length in bytes before it and a comma behind (D. J. Bernstein, netstrings).</summary>
internal static class Netstrings
{
    internal static byte[] Hash(params ReadOnlySpan<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{bytes.Length}:")));
            hash.AppendData(bytes);
            hash.AppendData(","u8);
        }
        return hash.GetHashAndReset();
    }
}
