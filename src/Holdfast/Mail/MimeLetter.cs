using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Mail;

/// <summary>
/// Writes a <see cref="Letter"/> as the bytes of an RFC 5322 message: <c>multipart/alternative</c> with a plain and an HTML part, both UTF-8 in base64,
/// so that no text of a letter can look like a header, a boundary or the end of the message.
/// </summary>
public static class MimeLetter
{
    /// <summary>RFC 5322 §2.1.1: lines should not be longer than 78; RFC 2047 §2 says 76 where a line has encoded words.</summary>
    private const int LineLength = 76;

    /// <summary>Bytes in one encoded word: 39 → 52 in base64, 64 with its frame, 73 behind "Subject: ". RFC 2047 §2 allows 75 and 76.</summary>
    private const int BytesPerWord = 39;

    /// <summary>Words of plain ASCII up to this length are folded between; longer ones are encoded, because they cannot be folded.</summary>
    private const int LongestPlainWord = 60;

    /// <param name="letter">Its texts may hold anything; its subject and address no control characters.</param>
    /// <param name="fromName">The product's name, any language, without control characters.</param>
    /// <param name="from">The sender's plain address.</param>
    /// <param name="messageId">Left part of the Message-ID (RFC 5322 §3.6.4): ASCII letters, digits, dots and hyphens, the same at every retry.</param>
    /// <param name="date">The Date header, written in UTC.</param>
    /// <returns>Lines end in CRLF and are at most 76 characters long, unless an address is longer. Pure ASCII, unless the recipient's or the sender's local part is not (RFC 6532).</returns>
    /// <exception cref="ArgumentException">A header value holds a control character or an address is none: a bug in the caller, never mended here.</exception>
    public static byte[] Render(Letter letter, string fromName, string from, string messageId, DateTimeOffset date)
    {
        ArgumentNullException.ThrowIfNull(letter);
        var sender = WireAddress.Of(from) ?? throw new ArgumentException("The sender's host has no ASCII form", nameof(from));
        var recipient = WireAddress.Of(letter.To) ?? throw new ArgumentException("The recipient's host has no ASCII form", nameof(letter));
        if (messageId is not { Length: > 0 and <= 128 } || messageId.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')) || messageId[0] == '.' || messageId[^1] == '.' || messageId.Contains("..", StringComparison.Ordinal))
        {
            throw new ArgumentException("A Message-ID is made of ASCII letters, digits, hyphens and single dots", nameof(messageId));
        }

        // "=_" cannot occur in base64, and no base64 line begins with "--" (RFC 2045 §6.7 recommends this form).
        var boundary = "=_" + RandomNumberGenerator.GetHexString(32, lowercase: true);
        var message = new StringBuilder(letter.Html.Length * 2);
        Header(message, "From", [.. Phrase(fromName), $"<{sender.Text}>"]);
        Header(message, "To", [recipient.Text]);
        Header(message, "Subject", Unstructured(letter.Subject));
        Header(message, "Date", [date.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture)]);
        Header(message, "Message-ID", [$"<{messageId}@{sender.Host}>"]);
        Header(message, "MIME-Version", ["1.0"]);
        Header(message, "Auto-Submitted", ["auto-generated"]); // RFC 3834 §5.2: no holiday notices, please
        Header(message, "Content-Type", ["multipart/alternative;", $"boundary=\"{boundary}\""]);
        message.Append("\r\n");
        Part(message, boundary, "text/plain", letter.Text);
        Part(message, boundary, "text/html", letter.Html); // RFC 2046 §5.1.4: the richest last
        message.Append("--").Append(boundary).Append("--\r\n");
        return Encoding.UTF8.GetBytes(message.ToString());
    }

    private static void Part(StringBuilder message, string boundary, string type, string content)
    {
        message.Append("--").Append(boundary).Append("\r\n");
        Header(message, "Content-Type", [$"{type}; charset=utf-8"]);
        Header(message, "Content-Transfer-Encoding", ["base64"]);
        // RFC 2045 §6.8: line ends are CRLF before the encoding.
        var canonical = content.ReplaceLineEndings("\r\n");
        message.Append("\r\n").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(canonical), Base64FormattingOptions.InsertLineBreaks)).Append("\r\n");
    }

    /// <summary>One header field; its words are put on a new line each time the line would become too long (RFC 5322 §2.2.3).</summary>
    private static void Header(StringBuilder message, string name, string[] words)
    {
        message.Append(name).Append(':');
        var used = name.Length + 1;
        for (var i = 0; i < words.Length; i++)
        {
            // Never a fold before the first word: a line with nothing but white space is obsolete syntax.
            if (i > 0 && used + 1 + words[i].Length > LineLength)
            {
                message.Append("\r\n");
                used = 0;
            }
            message.Append(' ').Append(words[i]);
            used += 1 + words[i].Length;
        }
        message.Append("\r\n");
    }

    /// <summary>A display name (RFC 5322 §3.2.5): a quoted string where that will do, else encoded words.</summary>
    private static string[] Phrase(string name)
    {
        Refuse(name);
        // Some readers decode encoded words even inside quotes, where there are none (RFC 2047 §5).
        if (name.Length is > 0 and <= LongestPlainWord && IsPrintableAscii(name) && !name.Contains("=?", StringComparison.Ordinal))
        {
            return ["\"" + name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""];
        }
        return EncodedWords(name);
    }

    private static string[] Unstructured(string value)
    {
        Refuse(value);
        var words = value.Split(' ');
        // An empty word means a space at an end or two in a row, which folding could lose; "=?" could be read as an encoded word.
        var plain = IsPrintableAscii(value) && !value.Contains("=?", StringComparison.Ordinal) && words.All(w => w.Length is > 0 and <= LongestPlainWord);
        return plain ? words : EncodedWords(value);
    }

    /// <summary>RFC 2047 §4.1 and §5: each word whole in itself, so that no character is cut in two.</summary>
    private static string[] EncodedWords(string value)
    {
        var words = new List<string>();
        var bytes = new byte[BytesPerWord];
        var used = 0;
        Span<byte> one = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            var length = rune.EncodeToUtf8(one);
            if (used + length > BytesPerWord) Flush();
            one[..length].CopyTo(bytes.AsSpan(used));
            used += length;
        }
        if (used > 0) Flush();
        return [.. words];

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String(bytes, 0, used)}?=");
            used = 0;
        }
    }

    private static bool IsPrintableAscii(string text) => text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0;

    private static void Refuse(string value)
    {
        foreach (var c in value)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029') throw new ArgumentException("A header value holds a control character or a line end", nameof(value));
        }
    }
}
