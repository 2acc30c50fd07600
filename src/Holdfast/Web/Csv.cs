using System.Text;

namespace Holdfast.Web;

/// <summary>Comma-separated values (RFC 4180) that spreadsheets take for text: what begins like a formula gets an apostrophe (ASVS 1.2.10).</summary>
public static class Csv
{
    public static void Row(StringBuilder csv, params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) csv.Append(',');
            var cell = cells[i];
            if (cell.Length > 0 && cell[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n') cell = "'" + cell;
            csv.Append('"').Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        }
        csv.Append("\r\n");
    }
}
