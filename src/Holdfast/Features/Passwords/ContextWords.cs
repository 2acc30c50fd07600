using System.Text;

namespace Holdfast.Features.Passwords;

/// <summary>The words that somebody who knows the person and the site tries first (SP 800-63B-4 §3.1.1.2: "context-specific words"; ASVS 6.2.11).</summary>
internal sealed class ContextWords
{
    /// <summary>A password has to keep this many characters when all context words are taken out of it.</summary>
    public const int MustRemain = 6;

    private const int ShortestWord = 3; // letters
    private const int LongestWord = 40; // characters; the estimator counts ways to capitalise a word in 64 bits
    private const int MostWords = 256;

    private static readonly HashSet<string> Generic = new(StringComparer.Ordinal)
    {
        "the", "and", "inc", "ltd", "llc", "gmbh",
    };

    private static readonly HashSet<string> GenericHosts = new(StringComparer.Ordinal)
    {
        "com", "net", "org", "edu", "gov", "www", "web", "mail", "email", "smtp", "gmail", "googlemail", "hotmail", "outlook", "live", "msn", "aol", "yahoo", "icloud", "gmx",
        "proton", "protonmail",
    };

    private readonly Dictionary<string, string> _shown = new(StringComparer.Ordinal);
    private readonly HashSet<string> _plain = new(StringComparer.Ordinal);

    /// <param name="sources">Names, e-mail addresses and single words, in any case and script.</param>
    public ContextWords(IEnumerable<string> sources)
    {
        foreach (var source in sources)
        {
            var text = source.Length > 320 ? source[..320] : source;
            var at = text.LastIndexOf('@');
            if (at < 0)
            {
                AddPieces(text);
                continue;
            }
            AddPieces(text[..at]);
            var labels = text[(at + 1)..].Split('.', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            foreach (var label in labels.SkipLast(1).Where(label => !GenericHosts.Contains(FoldedText.Plain(label)))) AddPieces(label);
        }
    }

    /// <summary>The words in plain lower case, for the estimator.</summary>
    public IReadOnlyCollection<string> Plain => _plain;

    /// <summary>The longest context word in <paramref name="password"/>, as the person writes it, when too little remains without such words; otherwise null.</summary>
    public string? Carrying(string password)
    {
        var folded = FoldedText.Unswap(FoldedText.Plain(password));
        var covered = new bool[folded.Length];
        string? longest = null;
        foreach (var word in _shown.Keys)
        {
            for (var at = folded.IndexOf(word, StringComparison.Ordinal); at >= 0; at = folded.IndexOf(word, at + 1, StringComparison.Ordinal))
            {
                covered.AsSpan(at, word.Length).Fill(true);
                if (longest is null || word.Length > longest.Length) longest = word;
            }
        }
        if (longest is null) return null;
        var remaining = 0;
        for (var i = 0; i < folded.Length; i++)
        {
            if (!covered[i] && !char.IsLowSurrogate(folded[i])) remaining++;
        }
        return remaining < MustRemain ? _shown[longest] : null;
    }

    /// <summary>"Ann O'Brien" gives Ann, Brien, OBrien and AnnOBrien; "ann85" gives ann85 and ann.</summary>
    private void AddPieces(string text)
    {
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var pieces = Runs(word, Rune.IsLetterOrDigit);
            foreach (var piece in pieces)
            {
                Add(piece);
                foreach (var letters in Runs(piece, Rune.IsLetter)) Add(letters);
            }
            Add(string.Concat(pieces));
        }
        Add(string.Concat(Runs(text, Rune.IsLetterOrDigit)));
    }

    private static List<string> Runs(string text, Func<Rune, bool> belongs)
    {
        var runs = new List<string>();
        var run = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (belongs(rune) || Rune.GetUnicodeCategory(rune) == System.Globalization.UnicodeCategory.NonSpacingMark)
            {
                run.Append(rune);
                continue;
            }
            if (run.Length > 0) runs.Add(run.ToString());
            run.Clear();
        }
        if (run.Length > 0) runs.Add(run.ToString());
        return runs;
    }

    private void Add(string piece)
    {
        var plain = FoldedText.Plain(piece);
        if (plain.Length > LongestWord || _shown.Count >= MostWords || Generic.Contains(plain)) return;
        if (plain.EnumerateRunes().Count(Rune.IsLetter) < ShortestWord) return;
        _shown.TryAdd(FoldedText.Unswap(plain), piece);
        _plain.Add(plain);
    }
}
