using System.Globalization;
using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Mail;

/// <summary>An e-mail address as it goes over the wire: the host in ASCII (RFC 5890 A-labels), the local part as it is.</summary>
/// <param name="Text">Safe between angle brackets: <see cref="MailAddressShape"/> lets no space, bracket, quote or control character pass.</param>
/// <param name="NeedsUtf8">The local part is not ASCII, so only a server with SMTPUTF8 (RFC 6531) may get it.</param>
internal readonly record struct WireAddress(string Text, bool NeedsUtf8)
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public string Host => Text[(Text.IndexOf('@', StringComparison.Ordinal) + 1)..];

    /// <summary>Null when the host has no ASCII form, so that no mail server could ever be found for it.</summary>
    /// <exception cref="ArgumentException">Not an address of ours: the caller let something through that was never checked.</exception>
    public static WireAddress? Of(string address)
    {
        if (!MailAddressShape.IsPlain(address)) throw new ArgumentException("Not a plain e-mail address", nameof(address));
        var at = address.IndexOf('@', StringComparison.Ordinal);
        var host = address[(at + 1)..];
        if (!Ascii.IsValid(host))
        {
            try
            {
                host = Idn.GetAscii(host);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }
        return new WireAddress($"{address[..at]}@{host}", !Ascii.IsValid(address.AsSpan(0, at)));
    }
}
