using System.Text;
using Holdfast.Features.Passwords;

namespace Holdfast.Features.Workspaces;

/// <summary>The words by which somebody is found, and how names sort: without case and accents, so that both databases and all keyboards agree. Rules only.</summary>
public static class MemberWords
{
    /// <summary>Words of one member that are kept; further ones are not found.</summary>
    public const int Most = 24;

    /// <summary>Words of a search that count.</summary>
    public const int MostAsked = 6;

    private const int LongestWord = 60;

    /// <summary>How a name sorts among others: its words in lower case, without accents.</summary>
    public static string SortKey(string name) => string.Join(' ', Split(name));

    /// <summary>Each word once.</summary>
    /// <param name="texts">Names and the e-mail address.</param>
    public static IReadOnlyList<string> Of(params string?[] texts) => [.. texts.OfType<string>().SelectMany(Split).Distinct(StringComparer.Ordinal).Take(Most)];

    /// <summary>What somebody looks for: the beginnings of words, the longest first, because it is likely to find the fewest.</summary>
    public static IReadOnlyList<string> Asked(string text) => [.. Split(text).Distinct(StringComparer.Ordinal).OrderByDescending(word => word.Length).Take(MostAsked)];

    /// <summary>Above every word that begins with <paramref name="prefix"/>, in the order of both databases (UTF-8).</summary>
    public static string Above(string prefix) => prefix + "\U0010FFFF";

    private static List<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in FoldedText.Plain(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                if (word.Length < LongestWord) word.Append(rune);
            }
            else if (rune.Value is '\'' or '’') continue; // O’Donoghue is one word, however it is typed.
            else End();
        }
        End();
        return words;

        void End()
        {
            if (word.Length > 0) words.Add(word.ToString());
            word.Clear();
        }
    }
}
