using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Mail;

/// <summary>Attacks on the encryption between us and the mail server: none may make us speak in the clear, or to somebody else.</summary>
public sealed class TlsTests
{
    [Fact]
    public async Task A_server_without_STARTTLS_gets_nothing_but_a_greeting()
    {
        await using var server = ScriptedMailServer.Answering("-", "", "AUTH PLAIN", "SIZE 1000000");

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, signIn: true)));

        Assert.Contains("STARTTLS", later.Why);
        Assert.Equal(["EHLO quayside.example", "QUIT"], server.InClear);
    }

    [Theory]
    [InlineData("454 4.7.0 not now")]
    [InlineData("501 5.5.4 no")]
    [InlineData("250 sure")]
    public async Task A_refused_STARTTLS_ends_it_for_now(string reply)
    {
        await using var server = ScriptedMailServer.Answering("STARTTLS", reply, "STARTTLS", "AUTH PLAIN");

        Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, signIn: true)));

        Assert.Equal(["EHLO quayside.example", "STARTTLS", "QUIT"], server.InClear);
    }

    [Fact]
    public async Task Replies_slipped_in_behind_the_answer_to_STARTTLS_are_not_believed()
    {
        using var certificates = TestCertificates.For();
        await using var server = ScriptedMailServer.That(async peer =>
        {
            await peer.Say("220 ready");
            await peer.Hear();
            await peer.Say("250-mail.example\r\n250 STARTTLS");
            await peer.Hear();
            await peer.Raw("220 go ahead\r\n250-mail.example\r\n250 AUTH PLAIN\r\n334 \r\n235 welcome\r\n");
            await peer.Encrypt(certificates);
            while (await peer.Hear() is not null) await peer.Say("250 fine");
        });

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates, signIn: true)));

        Assert.Contains("meddling", later.Why);
        Assert.Equal(["EHLO quayside.example", "STARTTLS"], server.InClear);
        Assert.Empty(server.InTls);
    }

    [Fact]
    public async Task What_the_server_offered_in_the_clear_is_forgotten_inside_TLS()
    {
        using var certificates = TestCertificates.For();
        await using var server = ScriptedMailServer.That(async peer =>
        {
            await peer.Say("220 ready");
            await peer.Hear();
            await peer.Say("250-mail.example\r\n250-AUTH LOGIN\r\n250 STARTTLS");
            await peer.Hear();
            await peer.Say("220 go ahead");
            await peer.Encrypt(certificates);
            await peer.Hear();
            await peer.Say("250 mail.example");
            while (await peer.Hear() is not null) await peer.Say("250 fine");
        });

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates, signIn: true)));

        Assert.Contains("offers no sign-in", later.Why);
        Assert.Equal(["EHLO quayside.example", "QUIT"], server.InTls);
    }

    public static TheoryData<string> BadCertificates => ["unknown authority", "another name", "expired", "for clients only"];

    [Theory]
    [MemberData(nameof(BadCertificates))]
    public async Task A_certificate_that_does_not_hold_gets_no_password_and_no_letter(string fault)
    {
        using var certificates = fault switch
        {
            "another name" => TestCertificates.For("mail.example"),
            "expired" => TestCertificates.For(validFor: TimeSpan.FromDays(-3)),
            "for clients only" => TestCertificates.For(usage: "1.3.6.1.5.5.7.3.2"),
            _ => TestCertificates.For(),
        };
        using var others = TestCertificates.For();
        foreach (var trusted in fault == "unknown authority" ? new[] { null, others } : [certificates])
        {
            foreach (var security in new[] { MailSecurity.StartTls, MailSecurity.Tls })
            {
                await using var server = Encrypting(certificates, security);

                var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, security, trusted, signIn: true)));

                Assert.Contains("encryption was refused", later.Why);
                Assert.Empty(server.InTls);
            }
        }
    }

    [Fact]
    public async Task A_certificate_that_signed_itself_is_believed_once_it_is_named()
    {
        using var certificates = TestCertificates.SelfSigned();
        await using var server = Encrypting(certificates, MailSecurity.Tls);

        Assert.IsType<Delivery.Accepted>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.Tls, certificates)));
        Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.Tls)));
    }

    [Fact]
    public async Task A_host_given_as_an_address_is_checked_against_the_certificates_addresses()
    {
        using var certificates = TestCertificates.For();
        await using var server = Encrypting(certificates, MailSecurity.Tls);

        Assert.IsType<Delivery.Accepted>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.Tls, certificates, host: "127.0.0.1")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("not a certificate")]
    public void A_certificate_file_that_cannot_be_used_stops_the_start(string content)
    {
        using var certificates = TestCertificates.For();
        File.WriteAllText(certificates.AuthorityFile, content);

        var refused = Assert.Throws<SettingsException>(() => new SmtpTransport(MailTestKit.Settings(1, MailSecurity.Tls, certificates), MailTestKit.Quayside, TimeProvider.System));

        Assert.Equal("Mail:TrustedCertificate", refused.Key);
    }

    [Fact]
    public async Task Without_encryption_nothing_is_sent_to_an_address_that_is_not_this_machines_own_loop()
    {
        var outside = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        if (outside is null) Assert.Skip("This machine has no address but its loopback one");
        await using var server = ScriptedMailServer.That(async peer =>
        {
            await peer.Say("220 ready");
            while (await peer.Hear() is not null) await peer.Say("250 fine");
        }, outside);

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.None, host: outside.ToString())));

        Assert.Contains("not on this machine", later.Why);
        Assert.DoesNotContain(server.InClear, line => line != "QUIT");
    }

    private static ScriptedMailServer Encrypting(TestCertificates certificates, MailSecurity security) => ScriptedMailServer.That(async peer =>
    {
        if (security == MailSecurity.StartTls)
        {
            await peer.Say("220 ready");
            await peer.Hear();
            await peer.Say("250-mail.example\r\n250 STARTTLS");
            await peer.Hear();
            await peer.Say("220 go ahead");
        }
        await peer.Encrypt(certificates);
        if (security == MailSecurity.Tls) await peer.Say("220 ready");
        while (await peer.Hear() is { } line)
        {
            if (line.StartsWith("DATA", StringComparison.Ordinal)) await peer.Say("354 go on");
            else if (line is "." or "QUIT" || line.StartsWith("EHLO", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("RCPT", StringComparison.Ordinal)) await peer.Say("250 fine");
        }
    });
}
