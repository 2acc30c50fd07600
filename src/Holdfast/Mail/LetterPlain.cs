using System.Globalization;
using System.Text;

namespace Holdfast.Mail;

/// <summary>The plain form of a letter: lines of at most 72 characters, facts aligned, the link on a line of its own, however long.</summary>
internal static class LetterPlain
{
    private const int Width = 72;

    /// <summary>Labels beyond this stand on a line of their own.</summary>
    private const int WidestLabel = 24;

    public static string Write(LetterWords words, IReadOnlyList<LetterPart> parts)
    {
        List<string> blocks = [Wrapped(words.Greeting)];
        foreach (var part in parts) Add(blocks, words, part);
        // "-- " and its space begin the signature (RFC 3676 §4.3): mail programs fold or grey it.
        blocks.Add("-- \n" + string.Join('\n', new[] { words.Product, words.ReasonInPlainText, words.Questions }.OfType<string>().Select(line => Wrapped(line))));
        return string.Join("\n\n", blocks.Where(b => b.Length > 0)) + "\n";
    }

    private static void Add(List<string> blocks, LetterWords words, LetterPart part)
    {
        switch (part)
        {
            case LetterPart.Paragraph p:
                blocks.Add(Wrapped(Led(p.Lead, p.InPlainText ?? p.Text)));
                break;
            case LetterPart.Aside a:
                blocks.Add(Wrapped(Led(a.Lead, a.Text)));
                break;
            case LetterPart.Facts f:
                blocks.Add(Aligned(f.Rows));
                break;
            case LetterPart.Points p:
                blocks.Add(string.Join('\n', p.Items.Select(i => Wrapped(i, "  - ", "    "))));
                break;
            case LetterPart.Button b:
                blocks.Add(b.Url);
                if (words.BelowAddress(b) is { } below) blocks.Add(Wrapped(below));
                break;
            case LetterPart.Code c:
                blocks.Add(Wrapped(c.Value, "  ", "  "));
                break;
            default:
                throw new ArgumentException("A part of no known kind", nameof(part));
        }
    }

    private static string Led(string? lead, string text) => string.Join(' ', new[] { lead, text }.Where(s => !string.IsNullOrEmpty(s)));

    private static string Aligned(IReadOnlyList<(string Label, string? Value)> rows)
    {
        var column = 2 + rows.Select(r => Length(r.Label)).Where(l => l <= WidestLabel).DefaultIfEmpty(2).Max() + 2;
        var hanging = new string(' ', column);
        return string.Join('\n', rows.Select(r => Length(r.Label) <= WidestLabel
            ? Wrapped(r.Value!, "  " + r.Label + new string(' ', column - 2 - Length(r.Label)), hanging)
            : Wrapped(r.Label, "  ", "  ") + "\n" + Wrapped(r.Value!, hanging, hanging)));
    }

    /// <summary>Broken at spaces; a word that is too long for a line (a language without spaces, somebody's idea of a name) is cut between characters.</summary>
    private static string Wrapped(string text, string first = "", string hanging = "")
    {
        var output = new StringBuilder(first);
        var used = Length(first);
        var indent = used;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            foreach (var piece in Pieces(word, Width - Math.Max(Length(first), hanging.Length)))
            {
                var length = Length(piece.Text);
                if (used > indent && used + (piece.Joined ? 0 : 1) + length > Width)
                {
                    output.Append('\n').Append(hanging);
                    used = indent = hanging.Length;
                }
                else if (used > indent && !piece.Joined)
                {
                    output.Append(' ');
                    used++;
                }
                output.Append(piece.Text);
                used += length;
            }
        }
        return output.ToString();
    }

    private static IEnumerable<(string Text, bool Joined)> Pieces(string word, int most)
    {
        if (Length(word) <= most)
        {
            yield return (word, false);
            yield break;
        }
        var piece = new StringBuilder();
        var joined = false;
        var elements = StringInfo.GetTextElementEnumerator(word);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (piece.Length > 0 && piece.Length + element.Length > most)
            {
                yield return (piece.ToString(), joined);
                joined = true;
                piece.Clear();
            }
            piece.Append(element);
        }
        yield return (piece.ToString(), joined);
    }

    /// <summary>UTF-16 units: never less than what a mail program counts as a column, but for wide East Asian characters.</summary>
    private static int Length(string text) => text.Length;
}
