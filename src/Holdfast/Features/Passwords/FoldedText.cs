using System.Globalization;
using System.Text;

namespace Holdfast.Features.Passwords;

/// <summary>Text in the form in which an attacker's tool sees it: without case, accents and the usual swaps. For comparing only; never what is hashed.</summary>
internal static class FoldedText
{
    /// <summary>Compatibility form without marks, in lower case: <c>Pässwörd</c> and <c>ｐａｓｓｗｏｒｄ</c> both become <c>password</c>. Never throws.</summary>
    public static string Plain(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) clean.Append(rune.Value == 0xFFFE ? "\uFFFD" : rune.ToString()); // Normalize throws on U+FFFE and on lone surrogates.
        var plain = new StringBuilder(text.Length);
        foreach (var rune in clean.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark) continue;
            var lower = Rune.ToLowerInvariant(rune);
            plain.Append(lower.Value switch
            {
                'ß' => "ss",
                'æ' => "ae",
                'œ' => "oe",
                'ø' => "o",
                'ł' => "l",
                'đ' or 'ð' => "d",
                'þ' => "th",
                'ı' => "i",
                _ => lower.ToString(),
            });
        }
        return plain.ToString();
    }

    /// <summary>Of characters that are swapped for each other (a, 4, @) one stands for all. What is looked for has to be treated alike.</summary>
    public static string Unswap(string plain) => string.Create(plain.Length, plain, static (result, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            result[i] = from[i] switch
            {
                '4' or '@' => 'a',
                '8' => 'b',
                '3' or '€' => 'e',
                '6' or '9' => 'g',
                '1' or 'l' or '!' or '|' => 'i',
                '0' => 'o',
                '5' or '$' => 's',
                '7' or '+' => 't',
                '2' => 'z',
                var other => other,
            };
        }
    });
}
