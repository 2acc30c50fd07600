using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Web;

/// <summary>What single fields of a form may hold. Each check answers null or a refusal at the field (ASVS 2.2.1).</summary>
public static class Fields
{
    /// <summary>One line of text that is not empty: no control characters, no lone surrogates, no direction overrides that could disguise it (Unicode TR 36).</summary>
    public static Refusal? Line(string text, string field, int maxLength)
    {
        if (text.Length == 0) return new Refusal("form.required", 400, field);
        if (text.Length > maxLength) return new Refusal("form.too_long", 400, field, Args: maxLength);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar || rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x2028 or 0x2029 || IsNoCharacter(rune.Value))
                return new Refusal("form.characters", 400, field);
        }
        return null;
    }

    /// <summary>Some lines of text that are not empty: as <see cref="Line"/>, but lines may end.</summary>
    /// <param name="text">From <see cref="Lines"/>.</param>
    public static Refusal? Text(string text, string field, int maxLength) => Line(text.Replace('\n', ' '), field, maxLength);

    /// <summary>What a box for several lines sent, trimmed, with line ends of one kind.</summary>
    public static string Lines(string text) => text.ReplaceLineEndings("\n").Trim();

    /// <summary>Code points that Unicode will never make characters (§23.7): normalising some of them throws.</summary>
    private static bool IsNoCharacter(int value) => (value & 0xFFFE) == 0xFFFE || value is >= 0xFDD0 and <= 0xFDEF;

    public static Refusal? Email(string text, string field)
    {
        if (text.Length == 0) return new Refusal("form.required", 400, field);
        return MailAddressShape.IsPlain(text) ? null : new Refusal("form.email", 400, field);
    }
}
