using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Secrets;

namespace Holdfast.Features.TwoFactor;

/// <summary>Time-based codes (RFC 6238, with RFC 4226): SHA-1, six digits, steps of 30 seconds. That is what every authenticator app does; no app does all of anything else.</summary>
public static class Totp
{
    public const int Digits = 6;

    public const int StepSeconds = 30;

    /// <summary>Steps that a phone's clock may be early or late (RFC 6238 §5.2 advises one).</summary>
    public const int Drift = 1;

    private const int Modulus = 1_000_000;

    /// <summary>RFC 6238 §4.2: T = (now − T0) / X, with T0 = 0.</summary>
    public static long StepAt(DateTimeOffset now) => now.ToUnixTimeSeconds() / StepSeconds;

    /// <summary>The code of one step (RFC 4226 §5.3).</summary>
    internal static int Code(TotpKey key, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> mac = stackalloc byte[HMACSHA1.HashSizeInBytes];
#pragma warning disable CA5350 // RFC 6238 with SHA-1 is what apps do; an HMAC does not lean on what SHA-1 has lost.
        HMACSHA1.HashData(key.Bytes, counter, mac);
#pragma warning restore CA5350
        // §5.3: the low four bits of the last byte choose four bytes, whose highest bit is left out.
        var offset = mac[^1] & 0x0f;
        return (BinaryPrimitives.ReadInt32BigEndian(mac[offset..]) & 0x7fffffff) % Modulus;
    }

    /// <summary>The latest step, of those that may be now, whose code was typed; null when none fits. Every step is looked at, whichever fits.</summary>
    public static long? StepOf(TotpKey key, TotpCode typed, DateTimeOffset now)
    {
        var here = StepAt(now);
        long? found = null;
        for (var step = here - Drift; step <= here + Drift; step++)
        {
            if (typed.Is(Code(key, step))) found = step;
        }
        return found;
    }
}

/// <summary>Six digits as they were typed. They cannot be printed.</summary>
[DebuggerDisplay("[code]")]
public readonly struct TotpCode
{
    private readonly int _value;

    private TotpCode(int value) => _value = value;

    /// <summary>False unless these are six digits, however they are grouped.</summary>
    /// <param name="count">How many digits there are; −1 when there is something else among them.</param>
    public static bool TryParse(PlainCode typed, out TotpCode code, out int count)
    {
        var symbols = typed.Symbols();
        count = symbols.All(char.IsAsciiDigit) ? symbols.Length : -1;
        code = count == Totp.Digits ? new TotpCode(int.Parse(symbols, CultureInfo.InvariantCulture)) : default;
        return count == Totp.Digits;
    }

    internal bool Is(int code)
    {
        Span<byte> a = stackalloc byte[4];
        Span<byte> b = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(a, _value);
        BinaryPrimitives.WriteInt32BigEndian(b, code);
        return CryptographicOperations.FixedTimeEquals(a, b);
    }

    public override string ToString() => "[code]";
}

/// <summary>What an app and the server share: 160 random bits (RFC 4226 §4, R6). It cannot be printed; <see cref="Text"/> and <see cref="Uri"/> are for the page of its owner alone.</summary>
[DebuggerDisplay("[key]")]
public sealed class TotpKey
{
    public const int Length = 20;

    private readonly byte[] _bytes;

    private TotpKey(byte[] bytes) => _bytes = bytes;

    public static TotpKey New() => new(RandomNumberGenerator.GetBytes(Length));

    internal ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>For the database: only this key ring opens it, and only for this app of this account.</summary>
    public byte[] Seal(KeyRing keys, string accountId, string appId) => keys.Seal(Purpose(accountId, appId), _bytes);

    /// <summary>Null when no key of the ring opens it, or it was sealed for another app.</summary>
    public static TotpKey? Open(KeyRing keys, string accountId, string appId, byte[] sealedKey) => keys.Open(Purpose(accountId, appId), sealedKey) is { Length: > 0 } bytes ? new TotpKey(bytes) : null;

    internal static TotpKey Of(byte[] bytes) => new(bytes);

    /// <summary>In base32, for typing.</summary>
    public string Text() => Base32.Encode(_bytes, Base32.Rfc4648);

    /// <summary>In groups of four.</summary>
    public IEnumerable<string> Groups() => Base32.Groups(Text());

    /// <summary>What the QR code holds: the "Key Uri Format" that all apps read. The issuer stands in the label for old apps and as a parameter for the others.</summary>
    public string Uri(string issuer, string account)
    {
        // A colon parts the two.
        var name = System.Uri.EscapeDataString(issuer.Replace(":", "", StringComparison.Ordinal).Trim());
        return $"otpauth://totp/{name}:{System.Uri.EscapeDataString(account)}?secret={Text()}&issuer={name}&algorithm=SHA1&digits={Totp.Digits}&period={Totp.StepSeconds}";
    }

    public override string ToString() => "[key]";

    private static string Purpose(string accountId, string appId) => $"totp key {accountId} {appId}";
}
