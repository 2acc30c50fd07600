using System.Text;
using System.Text.RegularExpressions;

namespace Holdfast.Mail;

/// <summary>What a mail server answered.</summary>
/// <param name="Code">200 to 599.</param>
/// <param name="Lines">The text of each line, as the server wrote it: not to be believed, not to be logged as it is.</param>
internal sealed partial record SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    private const int LongestExcerpt = 120;

    /// <summary>Servers like to repeat what they refuse. A run of this many characters of the letter in a reply is taken for a quotation.</summary>
    private const int Quotation = 12;

    public bool Positive => Code is >= 200 and < 300;

    public bool Permanent => Code >= 500;

    /// <summary>The code and, if there is one, the enhanced code (RFC 3463), such as <c>550 5.1.1</c>: no word of the server's.</summary>
    public string Codes => EnhancedCode().Match(Lines[0]) is { Success: true } match ? $"{Code} {match.Value}" : $"{Code}";

    /// <summary>
    /// The code and what of the first line may stand in a log: printable ASCII, at most 120 characters, without anything that looks like an address, a link, a
    /// code or a token, and without what it repeats of <paramref name="content"/> or <paramref name="secrets"/>.
    /// </summary>
    public string ForLog(IEnumerable<string> content, IEnumerable<string> secrets)
    {
        var clean = Clean(Lines[0]);
        foreach (var secret in secrets.Where(s => s.Length > 0).SelectMany(AsRepeated)) clean = clean.Replace(secret, "...", StringComparison.OrdinalIgnoreCase);
        clean = WithoutQuotations(clean, content.SelectMany(AsRepeated));
        clean = string.Join(' ', clean.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => Telling().IsMatch(word) ? "..." : word));
        return $"{Code} {(clean.Length > LongestExcerpt ? clean[..LongestExcerpt] : clean)}".TrimEnd();
    }

    private static string Clean(string text) => string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));

    /// <summary>How a text of ours looks in a cleaned reply: sent back in Latin-1, or in UTF-8 (a question mark for each byte).</summary>
    private static string[] AsRepeated(string text) => [Clean(text), Clean(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)))];

    private static string WithoutQuotations(string text, IEnumerable<string> content)
    {
        var hide = new bool[text.Length];
        foreach (var source in content)
        {
            for (var i = 0; i + Quotation <= text.Length; i++)
            {
                if (source.AsSpan().Contains(text.AsSpan(i, Quotation), StringComparison.OrdinalIgnoreCase)) Array.Fill(hide, true, i, Quotation);
            }
        }
        var kept = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (!hide[i]) kept.Append(text[i]);
            else if (i == 0 || !hide[i - 1]) kept.Append("...");
        }
        return kept.ToString();
    }

    [GeneratedRegex(@"^[245]\.[0-9]{1,3}\.[0-9]{1,3}(?= |$)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EnhancedCode();

    /// <summary>A word with an @, a link, four digits in a row, or 24 characters and more.</summary>
    [GeneratedRegex("@|://|[0-9]{4}|.{24}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Telling();
}
