using System.Text;
using Holdfast.Web;

namespace Holdfast.Features.Invitations;

/// <summary>Reads what somebody typed or uploaded into lines. Rules only.</summary>
public static class ReadInvitations
{
    /// <summary>Characters of a CSV file.</summary>
    public const int LongestText = 1_000_000;

    /// <summary>Addresses one a line, or with commas or semicolons between, such as <c>Marek Nowak &lt;marek@x.example&gt;</c>. What is beyond <see cref="Invite.Most"/> stays one piece, and is refused as too many.</summary>
    public static IReadOnlyList<InviteLine> Addresses(string text, string role)
    {
        var lines = new List<InviteLine>();
        foreach (var piece in text.Split(['\n', '\r', ',', ';'], Invite.Most + 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var open = piece.LastIndexOf('<');
            var (name, email) = open >= 0 && piece.EndsWith('>') ? (piece[..open].Trim().Trim('"').Trim(), piece[(open + 1)..^1].Trim()) : ("", piece);
            lines.Add(new InviteLine(lines.Count + 1, email, name, role));
        }
        return lines;
    }

    /// <summary>
    /// Columns <c>email</c>, <c>name</c>, <c>role</c> in any order, named in the first line; only <c>email</c> has to be there. Commas, or semicolons as spreadsheets in many countries write them; quotes as in RFC 4180. Empty lines are left out.
    /// Refuses with <c>csv.too_long</c> (413), <c>csv.characters</c>, <c>csv.quotes</c>, <c>csv.no_email_column</c> (400).
    /// </summary>
    public static Outcome<IReadOnlyList<InviteLine>> Csv(string text)
    {
        if (text.Length > LongestText) return new Refusal("csv.too_long", 413, "file");
        // What is no UTF-8 was replaced while it was read: names would be damaged.
        if (text.Contains('\uFFFD', StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal)) return new Refusal("csv.characters", 400, "file");
        text = text.TrimStart('\uFEFF');
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        var head = end < 0 ? text : text[..end];
        var separator = head.Contains(';', StringComparison.Ordinal) && !head.Contains(',', StringComparison.Ordinal) ? ';' : ',';
        if (Rows(text, separator) is not { } rows) return new Refusal("csv.quotes", 400, "file");
        if (rows.Count == 0) return new Refusal("csv.no_email_column", 400, "file");
        var names = rows[0].Cells.Select(cell => cell.Trim().ToLowerInvariant()).ToList();
        var (email, name, role) = (names.IndexOf("email"), names.IndexOf("name"), names.IndexOf("role"));
        if (email < 0) return new Refusal("csv.no_email_column", 400, "file");
        return rows.Skip(1).Where(row => row.Cells.Any(cell => cell.Trim().Length > 0)).Select(row => new InviteLine(row.Line, Cell(row.Cells, email), Cell(row.Cells, name), Cell(row.Cells, role))).ToList();
    }

    private static string Cell(List<string> cells, int index) => index >= 0 && index < cells.Count ? cells[index].Trim() : "";

    /// <summary>Null when a quote is left open.</summary>
    private static List<(int Line, List<string> Cells)>? Rows(string text, char separator)
    {
        var rows = new List<(int, List<string>)>();
        var (cells, cell, quoted, line, begun) = (new List<string>(), new StringBuilder(), false, 1, 1);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\n' || (c == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'))) line++;
            if (quoted)
            {
                if (c != '"') cell.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
                else quoted = false;
            }
            else if (c == '"' && cell.Length == 0) quoted = true;
            else if (c == separator) End(cells, cell);
            else if (c is '\n' or '\r')
            {
                if (c == '\r' && i + 1 < text.Length && text[i + 1] == '\n') continue;
                End(cells, cell);
                rows.Add((begun, cells));
                (cells, begun) = ([], line);
            }
            else cell.Append(c);
        }
        if (quoted) return null;
        if (cell.Length > 0 || cells.Count > 0)
        {
            End(cells, cell);
            rows.Add((begun, cells));
        }
        return rows;
    }

    private static void End(List<string> cells, StringBuilder cell)
    {
        cells.Add(cell.ToString());
        cell.Clear();
    }
}
