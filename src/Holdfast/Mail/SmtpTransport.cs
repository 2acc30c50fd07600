using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Holdfast.Configuration;

namespace Holdfast.Mail;

/// <summary>
/// Hands letters to the mail server of the settings, one connection for each. What the world does wrong (server down, slow, refusing, unknown certificate) is an
/// answer, never an exception. Why it is our own: docs/decisions/0004-mail-transport.md.
/// </summary>
public sealed class SmtpTransport : IMailTransport
{
    /// <summary>How long the server's good-bye is waited for, once the letter's fate is known.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(2);

    private readonly MailSettings _settings;
    private readonly ProductSettings _product;
    private readonly TimeProvider _clock;
    private readonly string _host;
    private readonly WireAddress _from;
    private readonly X509Certificate2Collection? _trusted;

    /// <param name="settings">With a host; <see cref="MailSettings.Timeout"/> is for one whole letter, from the connection to the last reply.</param>
    /// <param name="product">Its name is the sender's.</param>
    /// <exception cref="SettingsException">The certificate file or the sender's address cannot be used.</exception>
    public SmtpTransport(MailSettings settings, ProductSettings product, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _product = product;
        _clock = clock;
        _host = settings.Host ?? throw new ArgumentException("There is no mail server to talk to", nameof(settings));
        _from = WireAddress.Of(settings.From) ?? throw new SettingsException("Mail:From", "has a host that cannot be written in ASCII");
        _trusted = settings.TrustedCertificate is { } file ? SystemTrustAnd(file) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was asked for; the letter may or may not have been taken.</exception>
    /// <exception cref="ArgumentException">The letter has a control character in its subject, or no address: a bug where it was written.</exception>
    public async Task<Delivery> Send(Letter letter, string messageId, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(letter);
        if (WireAddress.Of(letter.To) is not { } to) return new Delivery.Never("the recipient's host cannot be written in ASCII, so no mail server can be found for it");
        var message = MimeLetter.Render(letter, _product.Name, _settings.From, messageId, _clock.GetUtcNow());
        return await Converse(new SmtpErrand(_from, to, message, [letter.To, letter.Subject, letter.Text, letter.Html]), conversation => conversation.HandOver(), stop);
    }

    /// <summary>Greets the mail server, encrypts and signs in as for a letter, and hangs up. Null when it would take one; otherwise what stood in the way.</summary>
    public async Task<string?> Greet(CancellationToken stop) =>
        await Converse(new SmtpErrand(_from, _from, [], []), async conversation => await conversation.Introduce() ?? new Delivery.Accepted(), stop) switch
        {
            Delivery.Later later => later.Why,
            Delivery.Never never => never.Why,
            _ => null,
        };

    private async Task<Delivery> Converse(SmtpErrand errand, Func<SmtpConversation, Task<Delivery>> talk, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(_settings.Timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        SmtpConversation? conversation = null;
        Delivery? outcome = null;
        try
        {
            await using var connection = await SmtpConnection.Open(_host, _settings.Port, both.Token);
            conversation = new SmtpConversation(connection, _settings, Tls(), errand, both.Token);
            outcome = await talk(conversation);
            await SayGoodbye(conversation, both.Token);
            return outcome;
        }
        catch (Exception e) when (e is OperationCanceledException or SmtpFailure or IOException or SocketException or AuthenticationException)
        {
            if (outcome is not null) return outcome; // only the hanging up failed
            stop.ThrowIfCancellationRequested();
            var step = conversation?.Step ?? "the connection";
            return new Delivery.Later(limit.IsCancellationRequested ? $"no answer within {_settings.Timeout.TotalSeconds:0} s, at {step}" : $"{Reason(e)}, at {step}");
        }
    }

    private async Task SayGoodbye(SmtpConversation conversation, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(FarewellLimit, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await conversation.Quit(both.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or SmtpFailure or IOException or SocketException)
        {
            // The letter's fate is known already: a broken good-bye must not have it sent again.
        }
    }

    /// <summary>In words that neither the server nor the letter chose.</summary>
    private static string Reason(Exception e) => e switch
    {
        SmtpFailure failure => failure.Message,
        SocketException socket => $"the mail server cannot be reached ({socket.SocketErrorCode})",
        // The framework names the fault of the certificate: its name, its chain, its dates.
        AuthenticationException tls => $"the mail server's encryption was refused: {tls.Message}",
        _ => "the connection broke",
    };

    /// <summary>
    /// The framework's own verification, with the host's name, no call-back that could wave anything through. Revocation is not asked for: no mail server could be
    /// reached while a certificate authority's answer is missing, and the large ones no longer give any.
    /// </summary>
    private SslClientAuthenticationOptions Tls()
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = _host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
        };
        if (_trusted is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(_trusted);
        }
        return options;
    }

    /// <summary>The setting adds an authority; it does not take the system's away.</summary>
    private static X509Certificate2Collection SystemTrustAnd(string file)
    {
        var trusted = new X509Certificate2Collection();
        try
        {
            trusted.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new SettingsException("Mail:TrustedCertificate", "cannot be read as a PEM file with certificates");
        }
        if (trusted.Count == 0) throw new SettingsException("Mail:TrustedCertificate", "holds no certificate");
        foreach (var location in new[] { StoreLocation.LocalMachine, StoreLocation.CurrentUser })
        {
            try
            {
                using var store = new X509Store(StoreName.Root, location, OpenFlags.ReadOnly);
                trusted.AddRange(store.Certificates);
            }
            catch (System.Security.Cryptography.CryptographicException)
            {
                // No such store on this machine: the file's authority is then the only one.
            }
        }
        return trusted;
    }
}
