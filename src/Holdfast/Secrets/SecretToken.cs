using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Holdfast.Secrets;

/// <summary>
/// 256 random bits that open something: a session, a mailed link, a remembered browser (ASVS 7.2.3, 11.5.1). Only its SHA-256 is ever stored,
/// which is enough for a value that nobody can guess. It cannot be printed; <see cref="Reveal"/> is for the cookie or the link alone.
/// </summary>
[DebuggerDisplay("[token]")]
public readonly struct SecretToken
{
    /// <summary>Length of the text form: 32 bytes in unpadded base64url.</summary>
    public const int TextLength = 43;

    private readonly byte[] _bytes;

    private SecretToken(byte[] bytes) => _bytes = bytes;

    public static SecretToken New() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>A token out of 32 bytes that nobody can guess: the keyed hash of another one.</summary>
    public static SecretToken Of(ReadOnlySpan<byte> bytes) => bytes.Length == 32 ? new(bytes.ToArray()) : throw new ArgumentException("32 bytes", nameof(bytes));

    /// <summary>Reads the text form. False for anything else: wrong length, foreign characters, a non-canonical last symbol.</summary>
    public static bool TryParse(string? text, out SecretToken token)
    {
        token = default;
        if (!TryHash(text, out var hash)) return false;
        var bytes = new byte[32];
        Base64Url.DecodeFromChars(text, bytes);
        token = new SecretToken(bytes);
        _ = hash;
        return true;
    }

    /// <summary>The hash of a token in text form without keeping the token: what the session check needs, free of allocation.</summary>
    public static bool TryHash(ReadOnlySpan<char> text, out TokenHash hash)
    {
        hash = default;
        if (text.Length != TextLength) return false;
        Span<byte> bytes = stackalloc byte[32];
        Span<char> again = stackalloc char[TextLength];
        // Base64 has four spellings of a last symbol that carries only four bits: only the canonical one counts.
        if (Base64Url.DecodeFromChars(text, bytes, out _, out var written) != System.Buffers.OperationStatus.Done || written != 32
            || !Base64Url.TryEncodeToChars(bytes, again, out _) || !text.SequenceEqual(again))
        {
            return false;
        }
        hash = TokenHash.Of(bytes);
        return true;
    }

    public TokenHash Hash => TokenHash.Of(_bytes);

    public string Reveal() => Base64Url.EncodeToString(_bytes);

    public override string ToString() => "[token]";
}

/// <summary>SHA-256 of a <see cref="SecretToken"/>: a value to look up by, of no use to a thief.</summary>
public readonly record struct TokenHash(ulong A, ulong B, ulong C, ulong D)
{
    public static TokenHash Of(ReadOnlySpan<byte> token)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(token, hash);
        return FromBytes(hash);
    }

    public static TokenHash FromBytes(ReadOnlySpan<byte> hash) => new(
        BitConverter.ToUInt64(hash), BitConverter.ToUInt64(hash[8..]), BitConverter.ToUInt64(hash[16..]), BitConverter.ToUInt64(hash[24..]));

    public byte[] ToBytes()
    {
        var bytes = new byte[32];
        BitConverter.TryWriteBytes(bytes, A);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), B);
        BitConverter.TryWriteBytes(bytes.AsSpan(16), C);
        BitConverter.TryWriteBytes(bytes.AsSpan(24), D);
        return bytes;
    }

    public override string ToString() => "[hash]";
}
