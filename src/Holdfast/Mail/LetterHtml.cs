using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Holdfast.Mail;

/// <summary>The HTML form of a letter: tables and inline styles, because that is what mail programs read; a style block only turns it dark.</summary>
internal static class LetterHtml
{
    private const string Fonts = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
    private const string Ink = "#172126";
    private const string Muted = "#56646b";
    private const string Line = "#dde3e6";
    private const string Page = "#f4f7f9";
    private const string Danger = "#ad2622";
    private const string DarkDanger = "#f0968c";
    private const string Body = $"font:400 15px/23px {Fonts}";
    private const string Table = "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";
    private const string WideTable = "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"";

    /// <summary>Keeps every script readable in the source; encodes what means something to HTML, quotes included.</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static string Write(LetterWords words, LetterColors colors, IReadOnlyList<LetterPart> parts)
    {
        var card = string.Concat(parts.Select((part, i) => Written(words, colors, part, last: i == parts.Count - 1)));
        var footer = Of(words.Questions is { } questions ? $"{words.Reason} {questions}" : words.Reason);
        return $$"""
            <!doctype html>
            <html lang="{{words.Text.Culture.TwoLetterISOLanguageName}}" xmlns="http://www.w3.org/1999/xhtml">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="supported-color-schemes" content="light dark">
            <meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
            <title>{{Of(words.Subject)}}</title>
            <!-- Every style that matters is inline. This block only turns the letter dark where a client allows it; !important is needed to beat the inline styles. -->
            <style>
              :root { color-scheme: light dark; supported-color-schemes: light dark; }
              @media (prefers-color-scheme: dark) {
                .hf-page { background-color: #0c1215 !important; }
                .hf-card { background-color: {{LetterColors.DarkCard}} !important; border-color: #2c363b !important; }
                .hf-ink { color: #eceff1 !important; }
                .hf-muted { color: #a9b3b8 !important; }
                .hf-line { border-color: #2c363b !important; }
                .hf-fact { background-color: #0f1518 !important; }
                .hf-link { color: {{colors.DarkLink}} !important; }
                .hf-btn { background-color: {{colors.DarkFill}} !important; }
                .hf-btn a { color: {{LetterColors.DarkButtonText}} !important; border-color: {{colors.DarkFill}} !important; }
                .hf-danger { background-color: {{DarkDanger}} !important; }
                .hf-danger a { color: {{LetterColors.DarkButtonText}} !important; border-color: {{DarkDanger}} !important; }
              }
              [data-ogsc] .hf-ink { color: #eceff1 !important; }
              [data-ogsc] .hf-muted { color: #a9b3b8 !important; }
              [data-ogsc] .hf-link { color: {{colors.DarkLink}} !important; }
              [data-ogsb] .hf-card { background-color: {{LetterColors.DarkCard}} !important; }
              @media (max-width: 480px) { .hf-pad { padding: 24px 20px !important; } }
            </style>
            </head>
            <body class="hf-page" style="margin:0;padding:0;background-color:{{Page}};-webkit-text-size-adjust:100%">
            <div style="display:none;max-height:0;overflow:hidden;mso-hide:all" aria-hidden="true">{{Of(words.Preheader)}}</div>
            {{WideTable}} class="hf-page" style="background-color:{{Page}}">
            <tr><td align="center" style="padding:32px 12px">
              {{WideTable}} style="max-width:560px">
              <tr><td style="padding:0 4px 16px;font:600 16px/24px {{Fonts}};color:{{Ink}}" class="hf-ink">{{Of(words.Product)}}</td></tr>
              <tr><td class="hf-card hf-pad" style="background-color:#ffffff;border:1px solid {{Line}};border-radius:14px;padding:32px">
                <h1 class="hf-ink" style="margin:0 0 12px;font:600 22px/28px {{Fonts}};letter-spacing:-0.01em;color:{{Ink}}">{{Of(words.Heading)}}</h1>
                <p class="hf-ink" style="margin:0 0 16px;{{Body}};color:{{Ink}}">{{Of(words.Greeting)}}</p>
            {{card}}  </td></tr>
              <tr><td class="hf-muted" style="padding:20px 4px 0;font:400 13px/20px {{Fonts}};color:{{Muted}}">{{footer}}</td></tr>
              </table>
            </td></tr></table>
            </body>
            </html>

            """;
    }

    private static string Written(LetterWords words, LetterColors colors, LetterPart part, bool last) => part switch
    {
        LetterPart.Paragraph p => $"    <p class=\"hf-ink\" style=\"margin:{Margin(last)};{Body};color:{Ink}\">{Led(p.Lead, Of(p.Text, p.Bold))}</p>\n",
        LetterPart.Aside a => (a.Line ? $"    <div class=\"hf-line\" style=\"border-top:1px solid {Line};margin:20px 0 16px;font-size:0;line-height:0\">&nbsp;</div>\n" : "")
            + $"    <p class=\"hf-muted\" style=\"margin:{Margin(last)};{Body};color:{Muted}\">{Led(a.Lead, Of(a.Text))}</p>\n",
        LetterPart.Facts f => $"    {Well(string.Concat(f.Rows.Select((row, i) => Row(row.Label, row.Value!, first: i == 0))))}\n",
        LetterPart.Points p => $"    <ul class=\"hf-ink\" style=\"margin:{Margin(last)};padding:0 0 0 20px;{Body};color:{Ink}\">{string.Concat(p.Items.Select(item => $"<li style=\"margin:0 0 6px\">{Of(item)}</li>"))}</ul>\n",
        LetterPart.Button b => Pressed(words, colors, b, last),
        LetterPart.Code c => $"    {Well($"<tr><td class=\"hf-ink\" align=\"center\" style=\"padding:8px 0;font:600 28px/36px {Fonts};letter-spacing:0.12em;color:{Ink}\">{Of(c.Value)}</td></tr>")}\n",
        _ => throw new ArgumentException("A part of no known kind", nameof(part)),
    };

    private static string Pressed(LetterWords words, LetterColors colors, LetterPart.Button button, bool last)
    {
        var (fill, name) = button.Tone == LetterTone.Danger ? (Danger, "hf-danger") : (colors.Fill, "hf-btn");
        var url = Of(button.Url);
        return $"    {Table} style=\"margin:4px 0 20px\"><tr><td class=\"{name}\" align=\"center\" bgcolor=\"{fill}\" style=\"border-radius:9px;background-color:{fill}\">"
            + $"<a href=\"{url}\" style=\"display:inline-block;padding:11px 22px;font:600 15px/20px {Fonts};color:#ffffff;text-decoration:none;border:1px solid {fill};border-radius:9px\">{Of(button.Label)}</a></td></tr></table>\n"
            + $"    <p class=\"hf-muted\" style=\"margin:0 0 8px;{Body};color:{Muted}\">{Of(words.BelowButton(button), button.Bold)}</p>\n"
            + $"    <p class=\"hf-muted\" style=\"margin:{Margin(last)};{Body};color:{Muted}\"><a href=\"{url}\" class=\"hf-link\" style=\"color:{colors.Link};word-break:break-all\">{url}</a></p>\n";
    }

    private static string Well(string rows) =>
        $"{WideTable} class=\"hf-fact\" style=\"background-color:{Page};border-radius:9px;margin:0 0 20px\"><tr><td style=\"padding:8px 16px\">{WideTable}>{rows}</table></td></tr></table>";

    private static string Row(string label, string value, bool first)
    {
        var line = first ? "" : $"border-top:1px solid {Line}";
        return $"<tr><td class=\"hf-muted hf-line\" valign=\"top\" width=\"112\" style=\"padding:8px 12px 8px 0;font:400 13px/22px {Fonts};color:{Muted};{line}\">{Of(label)}</td>"
            + $"<td class=\"hf-ink hf-line\" valign=\"top\" style=\"padding:8px 0;font:400 15px/22px {Fonts};color:{Ink};{line}\">{Of(value)}</td></tr>";
    }

    private static string Margin(bool last) => last ? "0" : "0 0 16px";

    private static string Led(string? lead, string encoded) => string.IsNullOrEmpty(lead) ? encoded : $"<strong>{Of(lead)}</strong> {encoded}".TrimEnd();

    private static string Of(string text) => Encoder.Encode(text);

    /// <summary>The text with its piece in bold, if it has it.</summary>
    private static string Of(string text, string? bold)
    {
        var at = string.IsNullOrEmpty(bold) ? -1 : text.IndexOf(bold, StringComparison.Ordinal);
        return at < 0 ? Of(text) : $"{Of(text[..at])}<strong>{Of(bold!)}</strong>{Of(text[(at + bold!.Length)..])}";
    }
}
