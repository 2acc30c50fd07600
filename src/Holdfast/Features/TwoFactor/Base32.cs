using System.Text;

namespace Holdfast.Features.TwoFactor;

/// <summary>Five bits to a symbol, most significant first, without padding (RFC 4648 §6); the alphabet is the caller's.</summary>
internal static class Base32
{
    /// <summary>RFC 4648 §6: what authenticator apps read.</summary>
    public const string Rfc4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Crockford's: no I, L, O, U, so that no two symbols look alike and no word comes up.</summary>
    public const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <param name="bytes">A multiple of five bytes, so that no bits are left over.</param>
    public static string Encode(ReadOnlySpan<byte> bytes, string alphabet)
    {
        if (bytes.Length % 5 != 0) throw new ArgumentException("Five bytes make eight symbols", nameof(bytes));
        var text = new StringBuilder(bytes.Length / 5 * 8);
        var (bits, held) = (0, 0);
        foreach (var b in bytes)
        {
            bits = (bits << 8) | b;
            held += 8;
            while (held >= 5)
            {
                held -= 5;
                text.Append(alphabet[(bits >> held) & 31]);
                bits &= (1 << held) - 1;
            }
        }
        return text.ToString();
    }

    /// <summary>"ABCDEFGH" as "ABCD", "EFGH".</summary>
    public static IEnumerable<string> Groups(string text) => text.Chunk(4).Select(group => new string(group));
}
