namespace Holdfast.Configuration;

public enum MailSecurity { StartTls, Tls, None }

/// <summary>The mail server that takes our letters, and how long the outbox goes on trying.</summary>
/// <param name="Host">Null: letters stay in the development mailbox.</param>
/// <param name="TrustedCertificate">PEM file with a certificate authority to believe besides the system's.</param>
public sealed record MailSettings(string? Host, int Port, MailSecurity Security, string? User, string? Password, string? TrustedCertificate, TimeSpan Timeout, string From, TimeSpan GiveUpAfter)
{
    internal static MailSettings Read(SettingsReader r)
    {
        var settings = new MailSettings(
            r.Optional("Mail:Host", "host name", "Mail server (SMTP); without one, letters stay in the mailbox at /dev/mail"),
            r.Int("Mail:Port", 587, 1, 65535, "Its port"),
            r.Choice("Mail:Security", MailSecurity.StartTls, "StartTls demands an upgrade, Tls starts encrypted (port 465), None is for a server on this machine only"),
            r.Optional("Mail:User", "text", "User name at the mail server"),
            r.Secret("Mail:Password", "text", "Password at the mail server"),
            r.Optional("Mail:TrustedCertificate", "path of a PEM file", "Certificate authority of your own mail server, believed besides the system's"),
            r.Time("Mail:Timeout", "30s", "1s", "5m", "How long one letter may take to be handed over"),
            r.Text("Mail:From", "security@localhost", "Sender's e-mail address; the name shown is Product:Name", 254),
            r.Time("Mail:GiveUpAfter", "5d", "1m", "30d", "How long an undelivered letter is tried again"));
        if (settings.Host is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown) throw new SettingsException("Mail:Host", $"\"{host}\" is not a host name");
        if (settings.Host is not null && settings.Security == MailSecurity.None && settings.Host is not ("localhost" or "127.0.0.1" or "::1")) throw new SettingsException("Mail:Security", "may be None only for a mail server on this machine: letters carry links");
        if (settings.User is null != settings.Password is null) throw new SettingsException(settings.User is null ? "Mail:User" : "Mail:Password", "must be set, because its partner is");
        if (!MailAddressShape.IsPlain(settings.From)) throw new SettingsException("Mail:From", $"\"{settings.From}\" is not an e-mail address");
        if (settings.TrustedCertificate is not null && !File.Exists(settings.TrustedCertificate)) throw new SettingsException("Mail:TrustedCertificate", "must name an existing file");
        return settings;
    }
}

/// <summary>What counts as an e-mail address here: one @, a dotless or dotted host, no spaces, no control or invisible characters (two addresses must not look alike), no quoting (a subset of RFC 5321 §4.1.2).</summary>
public static class MailAddressShape
{
    /// <summary>RFC 5321 §4.5.3.1: 64 for the local part, 254 in all.</summary>
    public const int MaximumLength = 254;

    public static bool IsPlain(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Length > MaximumLength) return false;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at is < 1 or > 64 || at != text.LastIndexOf('@') || at == text.Length - 1) return false;
        foreach (var c in text)
        {
            // U+FFFE and its like are never characters, and normalising one throws.
            if (c is >= '\uFFFE' or (>= '\uFDD0' and <= '\uFDEF') || char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format || char.IsWhiteSpace(c) || char.IsSurrogate(c) || "<>(),;:\\\"[]".Contains(c, StringComparison.Ordinal)) return false;
        }
        var local = text[..at];
        var host = text[(at + 1)..];
        return local[0] != '.' && local[^1] != '.' && !local.Contains("..", StringComparison.Ordinal)
            && Uri.CheckHostName(host) is UriHostNameType.Dns && host[0] != '.' && host[^1] != '.' && host[0] != '-';
    }

    /// <summary>The one spelling by which an address is found: NFKC, lower case by code point, the same on every culture (Turkish i).</summary>
    public static string Canonical(string email) => email.Trim().Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant();
}
