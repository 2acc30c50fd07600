using System.Collections.Frozen;
using System.Text;

namespace Holdfast.Features.Passwords;

/// <summary>
/// Passwords that everybody tries first, whatever score is asked for (ASVS 6.2.4: at least the top 3000 that fit the policy; zxcvbn's list
/// holds 30,000, of which 11,611 have eight characters or more), and those made of one short piece or one row of signs.
/// </summary>
internal static class CommonPasswords
{
    /// <summary>A password that repeats something shorter than this is that something, to an attacker. In code points.</summary>
    private const int ShortestRepeatable = 6;

    /// <summary>Of the pieces whose repetitions within a password count once; keeps the search linear.</summary>
    private const int LongestPiece = 16;

    private static readonly string[] Rows =
    [
        "`1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./", "qwertyuiopasdfghjklzxcvbnm", "~!@#$%^&*()_+", "1234567890ß", "qwertzuiopüasdfghjklöäyxcvbnm", "azertyuiopqsdfghjklmwxcvbn",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmikolp", "147258369",
    ];

    private static readonly string[] RowsBackwards = [.. Rows.Select(Backwards)];

    private static readonly Lazy<FrozenSet<string>> Listed = new(ReadList);

    /// <summary>True when the whole of it is in the list (in any case, with accents, with the usual swaps, backwards), or is a row or a repetition.</summary>
    public static bool Has(string password)
    {
        var plain = FoldedText.Plain(password);
        if (plain.Length == 0) plain = password;
        var period = Period(plain);
        if (period > 0)
        {
            if (period < ShortestRepeatable) return true;
            plain = First(plain, period);
        }
        return IsListed(plain) || IsListed(Backwards(plain)) || IsRow(plain);
    }

    /// <summary>
    /// With each repetition told once, in any case: all of it when it is one piece at least twice ("Ab1ab1ab" is "Ab1"), and within it each short
    /// piece that stands three times or more in a row ("ababababc" is "abc").
    /// </summary>
    public static string WithoutRepetition(string password)
    {
        var period = Period(password.ToLowerInvariant());
        if (period > 0) return First(password, period);
        Rune[] runes = [.. password.EnumerateRunes()];
        var kept = new StringBuilder(password.Length);
        for (var at = 0; at < runes.Length;)
        {
            var (piece, length) = Run(runes, at);
            foreach (var rune in runes.AsSpan(at, piece)) kept.Append(rune);
            at += length;
        }
        return kept.ToString();
    }

    /// <summary>The piece at a place and how far its repetitions reach: (1, 1) where nothing is repeated.</summary>
    private static (int Piece, int Length) Run(Rune[] runes, int at)
    {
        for (var piece = 1; piece <= LongestPiece && at + piece * 3 <= runes.Length; piece++)
        {
            var end = at + piece;
            while (end < runes.Length && Rune.ToLowerInvariant(runes[end]) == Rune.ToLowerInvariant(runes[end - piece])) end++;
            var times = (end - at) / piece;
            if (times >= 3) return (piece, times * piece);
        }
        return (1, 1);
    }

    /// <summary>Its first code points.</summary>
    public static string First(string text, int codePoints)
    {
        var at = 0;
        for (; codePoints > 0 && at < text.Length; codePoints--) at += char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;
        return text[..at];
    }

    /// <summary>The list as it is embedded in the estimator, most frequent first.</summary>
    internal static IEnumerable<string> ReadLines()
    {
        using var stream = typeof(Zxcvbn.Zxcvbn).Assembly.GetManifestResourceStream("zxcvbn-core.Dictionaries.passwords.lst")
            ?? throw new InvalidOperationException("zxcvbn-core has no list of passwords at the known place.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0) yield return line;
        }
    }

    private static FrozenSet<string> ReadList() => ReadLines().Select(line => FoldedText.Unswap(FoldedText.Plain(line))).ToFrozenSet(StringComparer.Ordinal);

    private static bool IsListed(string plain) => Listed.Value.Contains(FoldedText.Unswap(plain));

    /// <summary>One step up or down from each sign to the next ("abcdefgh", "98765432"), ten following nine, or a run along a keyboard.</summary>
    private static bool IsRow(string plain)
    {
        if (Rows.Any(row => row.Contains(plain, StringComparison.Ordinal)) || RowsBackwards.Any(row => row.Contains(plain, StringComparison.Ordinal))) return true;
        Rune[] runes = [.. plain.EnumerateRunes()];
        return runes.Length > 2 && (Steps(runes, 1) || Steps(runes, -1));
    }

    private static bool Steps(Rune[] runes, int step)
    {
        for (var i = 1; i < runes.Length; i++)
        {
            var (from, to) = (runes[i - 1].Value, runes[i].Value);
            var wraps = (from, to, step) is ('9', '0', 1) or ('0', '9', -1) or ('z', 'a', 1) or ('a', 'z', -1);
            if (to - from != step && !wraps) return false;
        }
        return true;
    }

    /// <summary>The shortest period that fits at least twice, in code points; 0 when there is none. Linear (Knuth, Morris and Pratt's failure function).</summary>
    private static int Period(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var border = new int[runes.Length + 1];
        for (int i = 1, k = 0; i < runes.Length; i++)
        {
            while (k > 0 && runes[i] != runes[k]) k = border[k];
            if (runes[i] == runes[k]) k++;
            border[i + 1] = k;
        }
        var period = runes.Length - border[runes.Length];
        return runes.Length > 1 && period * 2 <= runes.Length ? period : 0;
    }

    private static string Backwards(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes().Reverse()) result.Append(rune);
        return result.ToString();
    }
}
