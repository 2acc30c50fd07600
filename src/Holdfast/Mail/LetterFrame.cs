using System.Globalization;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>Makes a letter of its parts, in HTML and in plain text, with the product's name, greeting and footer around them.</summary>
public static class LetterFrame
{
    /// <summary>A longer name is no greeting.</summary>
    private const int LongestGreetedName = 60;

    /// <param name="product">Its name heads the letter and signs it; its colour is used if it can be read; its support address ends it.</param>
    /// <param name="text">The language of the fixed phrases. What is passed in must be in the same language.</param>
    /// <param name="to">One plain address.</param>
    /// <param name="subject">What happened, or what to do.</param>
    /// <param name="heading">The same as a title inside the letter.</param>
    /// <param name="greetingName">First name, as the person typed it; null or empty for none.</param>
    /// <param name="preheader">The line that mailboxes show behind the subject.</param>
    /// <param name="reason">Why the letter comes, one sentence; null for "… has an account at …".</param>
    /// <returns>Texts with control characters cleaned to spaces, so that no name makes a line of its own.</returns>
    /// <exception cref="ArgumentException">A button's address is not a plain http or https address.</exception>
    public static Letter Build(ProductSettings product, Text text, string to, string subject, string heading, string? greetingName, string preheader, IReadOnlyList<LetterPart> parts, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(parts);
        LetterPart[] clean = [.. parts.Select(Clean).Where(part => part is not LetterPart.Facts { Rows.Count: 0 })];
        var name = Clean(product.Name);
        var address = Clean(to);
        var frame = new LetterWords(
            text,
            name,
            Clean(subject),
            Clean(heading),
            Greeting(text, greetingName),
            Clean(preheader),
            Clean(reason) ?? text["letter.footer.account", address, name],
            Clean(reason) ?? text["letter.footer.account.text", address],
            product.SupportAddress is { } support ? text["letter.footer.questions", Clean(support)] : null);
        return new Letter(to, frame.Subject, LetterHtml.Write(frame, LetterColors.Of(product.Color), clean), LetterPlain.Write(frame, clean));
    }

    /// <summary>
    /// Mail programs turn anything like an address into a link. Whoever signs a stranger's address up chooses the name in the greeting: so a name that could be
    /// read as a link, or that is as long as a message, is not spoken.
    /// </summary>
    private static string Greeting(Text text, string? name)
    {
        var clean = Clean(name)?.Trim();
        if (string.IsNullOrEmpty(clean) || clean.Length > LongestGreetedName || clean.AsSpan().IndexOfAny("/:@") >= 0) return text["letter.hello.nobody"];
        for (var dot = clean.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = clean.IndexOf('.', dot + 1))
        {
            if (dot + 1 < clean.Length && char.IsLetterOrDigit(clean[dot + 1])) return text["letter.hello.nobody"];
        }
        return text["letter.hello", clean];
    }

    /// <summary>A name or a reason as a letter may say it that goes to people who never agreed to hear from whoever wrote it: mail programs make no link of it. A dot inside a word becomes one that only looks like it.</summary>
    internal static string Unlinked(string typed)
    {
        var text = new System.Text.StringBuilder(typed.Length);
        for (var i = 0; i < typed.Length; i++)
        {
            var inside = typed[i] == '.' && i > 0 && i + 1 < typed.Length && !char.IsWhiteSpace(typed[i - 1]) && char.IsLetterOrDigit(typed[i + 1]);
            text.Append(inside ? '\u2024' : typed[i]);
        }
        return text.Replace("://", ":/\u2044").ToString();
    }

    private static LetterPart Clean(LetterPart part) => part switch
    {
        LetterPart.Paragraph p => p with { Text = Clean(p.Text), Lead = Clean(p.Lead), Bold = Clean(p.Bold), InPlainText = Clean(p.InPlainText) },
        LetterPart.Aside a => a with { Text = Clean(a.Text), Lead = Clean(a.Lead) },
        LetterPart.Facts f => new LetterPart.Facts([.. f.Rows.Where(r => !string.IsNullOrWhiteSpace(r.Value)).Select(r => (Clean(r.Label), Clean(r.Value)))]),
        LetterPart.Points p => new LetterPart.Points([.. p.Items.Select(i => Clean(i))]),
        LetterPart.Button b => b with { Label = Clean(b.Label), Url = Checked(b.Url), Lifetime = Clean(b.Lifetime), Bold = Clean(b.Bold) },
        LetterPart.Code c => new LetterPart.Code(Clean(c.Value)),
        _ => throw new ArgumentException("A part of no known kind", nameof(part)),
    };

    /// <summary>
    /// Control characters and line ends become spaces; bidirectional embeddings, overrides and isolates (U+202A to U+202E, U+2066 to U+2069) are dropped, because they would turn
    /// round what stands behind a name.
    /// </summary>
    [return: System.Diagnostics.CodeAnalysis.NotNullIfNotNull(nameof(text))]
    private static string? Clean(string? text)
    {
        if (text is null) return null;
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)) continue;
            var space = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (!space) clean.Append(rune.ToString());
            else if (clean.Length > 0 && clean[^1] != ' ') clean.Append(' ');
        }
        return clean.ToString();
    }

    private static string Checked(string url)
    {
        var plain = url.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0 && url.AsSpan().IndexOfAny("\"<>\\^`{|}") < 0;
        if (!plain || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || !url.StartsWith("http", StringComparison.Ordinal))
        {
            throw new ArgumentException("A letter links to plain http and https addresses only", nameof(url));
        }
        return url;
    }
}

/// <summary>The words around a letter's parts, cleaned; not yet encoded.</summary>
internal sealed record LetterWords(Text Text, string Product, string Subject, string Heading, string Greeting, string Preheader, string Reason, string ReasonInPlainText, string? Questions)
{
    /// <summary>The sentences below a button: in HTML they lead over to the address below them.</summary>
    public string BelowButton(LetterPart.Button button) => (button.Tone, button.Lifetime) switch
    {
        (_, null) => Text["letter.link.paste"],
        (LetterTone.Danger, var lifetime) => Text["letter.link.paste_once", lifetime],
        (_, var lifetime) => Text["letter.link.once", lifetime] + " " + Text["letter.link.paste"],
    };

    public string? BelowAddress(LetterPart.Button button) => (button.Tone, button.Lifetime) switch
    {
        (_, null) => null,
        (LetterTone.Danger, var lifetime) => Text["letter.address.once", lifetime],
        (_, var lifetime) => Text["letter.link.once", lifetime],
    };
}
