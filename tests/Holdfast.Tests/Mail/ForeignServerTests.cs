using System.Text;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Mail;

/// <summary>Letters as a server and a parser understand them that others wrote.</summary>
public sealed class ForeignServerTests
{
    public static TheoryData<string, string> HardTexts => new()
    {
        { "Emoji and faces 🦉👩‍👩‍👧 – è vero", "🦉 schöne Grüße\n" },
        { "תזכורת: הסיסמה שלך שונתה", "\u200fשלום\nمرحبا\n" },
        { string.Concat(Enumerable.Repeat("long subject ", 160)).Trim(), "x\n" },
        { new string('w', 2048), "x\n" },
        { string.Concat(Enumerable.Repeat("🦉é", 500)), "x\n" },
        { "=?utf-8?B?aGk=?= is not what it seems", "=?utf-8?Q?nor_this?=\n" },
        { "two  spaces  and one at the end ", "x\n" },
        { "Dots", ".\n..\n.hidden\n.\nQUIT\n" },
        { "End", "before\r\n.\r\nMAIL FROM:<thief@example.org>\r\nafter\r\n" },
        { "Bare ends", "one\rtwo\nthree\r\nfour\n" },
        { "Boundary", "--=_0123456789abcdef\nContent-Type: text/html\n\n<b>no</b>\n--=_0123456789abcdef--\n" },
        { "Long lines", new string('l', 5000) + "\n" },
        { "Headers in the text", "Bcc: thief@example.org\n\nFrom: somebody\n" },
        { "Nothing", "" },
    };

    [Theory]
    [MemberData(nameof(HardTexts), DisableDiscoveryEnumeration = true)]
    public async Task Whatever_a_letter_says_arrives_as_it_was(string subject, string text)
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates);
        var letter = new Letter("mara@almondbirch.example", subject, $"<!doctype html>\n<pre>{text}</pre>\n.\n", text);

        Assert.IsType<Delivery.Accepted>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates), letter));
        var got = await server.Next();

        Assert.Equal(subject, got.Subject);
        Assert.Equal(text.ReplaceLineEndings("\n"), got.Text.ReplaceLineEndings("\n"));
        Assert.Equal(letter.Html.ReplaceLineEndings("\n"), got.Html.ReplaceLineEndings("\n"));
        Assert.Empty(got.Defects);
        Assert.Equal(["multipart/alternative", "text/plain", "text/html"], got.Types);
        Assert.Equal(["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted", "Content-Type"], got.Headers);
        Assert.All(Encoding.UTF8.GetString(got.Raw).Split("\r\n"), line => Assert.True(line.Length <= 78 && !line.Contains('\n'), line));
    }

    [Fact]
    public async Task The_letter_names_sender_recipient_and_itself()
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates);

        await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates), id: "0190a1b2.c3");
        var got = await server.Next();

        Assert.True(got.Encrypted);
        Assert.Equal("security@quayside.example", got.MailFrom);
        Assert.Equal(["tomasz@almondbirch.example"], got.Recipients);
        Assert.Equal("Quayside", got.FromName);
        Assert.Equal("security@quayside.example", got.From);
        Assert.Equal(["tomasz@almondbirch.example"], got.To);
        Assert.Equal("<0190a1b2.c3@quayside.example>", got.MessageId);
        Assert.Equal("quayside.example", got.Hello);
        Assert.EndsWith("+00:00", got.Date);
    }

    [Theory]
    [InlineData("Quayside, \"the\" \\ harbour; <a@b>")]
    [InlineData("Café Zürich – sécurité du compte et des appareils connectés !")]
    [InlineData("🦉")]
    [InlineData("=?utf-8?B?aGk=?=")]
    public async Task The_products_name_is_the_senders_whatever_it_is(string name)
    {
        await using var server = await ForeignMailServer.Plain();

        await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.None), product: MailTestKit.Quayside with { Name = name });
        var got = await server.Next();

        Assert.Equal(name, got.FromName);
        Assert.Equal("security@quayside.example", got.From);
        Assert.Empty(got.Defects);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("PLAIN")]
    public async Task It_signs_in_by_PLAIN_or_LOGIN_inside_TLS(string? without)
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates, MailTestKit.User, MailTestKit.Password, without is null ? null : [without]);

        Assert.IsType<Delivery.Accepted>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates, signIn: true)));
        var got = await server.Next();

        Assert.True(got.Authenticated);
        Assert.True(got.Encrypted);
    }

    [Fact]
    public async Task It_starts_encrypted_where_the_server_wants_that()
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.Tls(certificates);

        Assert.IsType<Delivery.Accepted>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.Tls, certificates)));
        await server.Next();
    }

    [Fact]
    public async Task A_wrong_password_leaves_the_letter_for_later_and_does_not_reach_the_log()
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates, MailTestKit.User, "another");

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates, signIn: true)));

        Assert.Contains("535", later.Why);
        Assert.DoesNotContain(MailTestKit.Password, later.Why);
    }

    [Fact]
    public async Task A_server_that_wants_a_sign_in_keeps_the_letter_waiting_when_none_is_set()
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates, MailTestKit.User, MailTestKit.Password);

        Assert.Contains("530", Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates))).Why);
    }

    [Theory]
    [InlineData("tomasz@zürich.example", "tomasz@xn--zrich-kva.example", false)]
    [InlineData("tomáš@almondbirch.example", "tomáš@almondbirch.example", true)]
    public async Task An_address_beyond_ASCII_is_written_to(string to, string onTheWire, bool utf8)
    {
        await using var server = await ForeignMailServer.Plain();

        Assert.IsType<Delivery.Accepted>(await MailTestKit.SendPlainly(server.Port, MailTestKit.Letter with { To = to }));
        var got = await server.Next();

        Assert.Equal([onTheWire], got.Recipients);
        Assert.Equal([onTheWire], got.To);
        Assert.Equal(utf8, got.Options.Contains("SMTPUTF8", StringComparer.Ordinal));
        Assert.Empty(got.Defects);
    }

    [Fact]
    public async Task A_server_without_SMTPUTF8_can_never_be_given_such_an_address()
    {
        using var certificates = TestCertificates.For();
        await using var server = await ForeignMailServer.StartTls(certificates, utf8: false);

        Assert.IsType<Delivery.Never>(await MailTestKit.Send(MailTestKit.Settings(server.Port, MailSecurity.StartTls, certificates), MailTestKit.Letter with { To = "tomáš@almondbirch.example" }));
    }
}
