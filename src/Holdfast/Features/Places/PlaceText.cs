using System.Globalization;
using System.Text;

namespace Holdfast.Features.Places;

/// <summary>Names out of a file that somebody else wrote: bounded, one line, nothing that turns or hides the text around it.</summary>
public static class PlaceText
{
    /// <summary>Longest name of a place, in characters. The longest real one has 85 letters.</summary>
    public const int LongestName = 100;

    /// <param name="utf8">Any length; what is no UTF-8 is left out.</param>
    /// <param name="longest">In UTF-16 units; the rest is cut off.</param>
    /// <returns>Null when nothing is left.</returns>
    public static string? Clean(ReadOnlySpan<byte> utf8, int longest = LongestName)
    {
        // A character is at most four bytes; as many again may fall away.
        utf8 = utf8[..Math.Min(utf8.Length, longest * 8)];
        Span<char> text = stackalloc char[longest];
        var length = 0;
        var gap = false;
        while (utf8.Length > 0)
        {
            var status = Rune.DecodeFromUtf8(utf8, out var rune, out var used);
            utf8 = utf8[used..];
            if (status != System.Buffers.OperationStatus.Done || IsHidden(rune)) continue;
            if (Rune.IsWhiteSpace(rune) || Rune.IsControl(rune))
            {
                gap = length > 0;
                continue;
            }
            if (length + (gap ? 1 : 0) + rune.Utf16SequenceLength > longest) break;
            if (gap) text[length++] = ' ';
            gap = false;
            length += rune.EncodeToUtf16(text[length..]);
        }
        return length == 0 ? null : new string(text[..length]);
    }

    /// <summary>Format characters turn the direction of text or hide it; two of them join letters (Persian, Hindi) and stay. Private and unassigned ones say something else on every machine.</summary>
    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format => rune.Value is not (0x200C or 0x200D),
        UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate => true,
        _ => false,
    };
}
