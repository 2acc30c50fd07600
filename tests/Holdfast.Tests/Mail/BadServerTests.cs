using System.Diagnostics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Mail;

/// <summary>What becomes of a letter when the server is down, slow, full, rude or broken. Nothing of that may be an exception, and nothing may lose the letter.</summary>
public sealed class BadServerTests
{
    [Theory]
    [InlineData("greeting", "421 4.3.2 closing")]
    [InlineData("greeting", "554 5.7.1 go away")]
    [InlineData("EHLO", "451 4.3.0 not now")]
    [InlineData("EHLO", "502 5.5.1 what")]
    [InlineData("MAIL", "451 4.3.0 not now")]
    [InlineData("MAIL", "550 5.7.1 not you")]
    [InlineData("MAIL", "530 5.7.0 sign in first")]
    [InlineData("RCPT", "450 4.2.0 greylisted")]
    [InlineData("RCPT", "421 4.3.2 closing")]
    [InlineData("RCPT", "530 5.7.0 sign in first")]
    [InlineData("RCPT", "503 5.5.1 not in this order")]
    [InlineData("RCPT", "354 what")]
    [InlineData("DATA", "451 4.3.0 not now")]
    [InlineData("DATA", "250 what")]
    [InlineData("content", "452 4.3.1 full")]
    [InlineData("content", "421 4.3.2 closing")]
    [InlineData("content", "354 what")]
    public async Task What_may_pass_leaves_the_letter_for_later(string verb, string reply)
    {
        await using var server = ScriptedMailServer.Answering(verb, reply);

        Assert.Contains(reply[..3], Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(server.Port)).Why);
    }

    [Theory]
    [InlineData("454 4.7.0 not now")]
    [InlineData("535 5.7.8 no")]
    [InlineData("250 what")]
    public async Task A_refused_sign_in_is_about_us_and_not_about_the_letter(string reply)
    {
        await using var server = ScriptedMailServer.Answering("AUTH", reply, "AUTH PLAIN");

        var outcome = await MailTestKit.SendPlainly(server.Port, signIn: true);

        // 250 is no proper answer to AUTH, but it is a yes.
        if (reply.StartsWith('2')) Assert.IsType<Delivery.Accepted>(outcome);
        else Assert.Contains(reply[..9], Assert.IsType<Delivery.Later>(outcome).Why);
    }

    [Theory]
    [InlineData("RCPT", "550 5.1.1 no such mailbox")]
    [InlineData("RCPT", "553 5.1.3 bad address")]
    [InlineData("DATA", "554 5.5.1 no valid recipients")]
    [InlineData("content", "554 5.6.0 spam")]
    [InlineData("content", "552 5.3.4 too large")]
    public async Task A_refused_recipient_or_content_is_final(string verb, string reply)
    {
        await using var server = ScriptedMailServer.Answering(verb, reply);

        var never = Assert.IsType<Delivery.Never>(await MailTestKit.SendPlainly(server.Port));

        Assert.Contains(reply, never.Why);
        Assert.Equal("QUIT", server.InClear[^1]);
    }

    [Fact]
    public async Task A_server_that_is_down_leaves_the_letter_for_later()
    {
        int port;
        await using (var server = ScriptedMailServer.Answering("-", "")) port = server.Port;

        Assert.Contains("ConnectionRefused", Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(port)).Why);
    }

    [Fact]
    public async Task A_host_that_does_not_exist_leaves_the_letter_for_later() =>
        Assert.IsType<Delivery.Later>(await MailTestKit.Send(MailTestKit.Settings(25, MailSecurity.StartTls, host: "mail.invalid")));

    public static TheoryData<string> Slowness => ["greeting", "DATA", "content", "TLS", "drip"];

    [Theory]
    [MemberData(nameof(Slowness))]
    public async Task A_slow_server_is_not_waited_for_beyond_the_time_out(string when)
    {
        await using var server = ScriptedMailServer.That(async peer =>
        {
            if (when == "drip")
            {
                while (true)
                {
                    await peer.Raw("220-still there\r\n");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, peer.End);
                }
            }
            if (when is "greeting" or "TLS") await peer.Sleep();
            await peer.Say("220 ready");
            while (await peer.Hear() is { } line)
            {
                if (when == "DATA" && line == "DATA") await peer.Sleep();
                if (line == "DATA") await peer.Say("354 go on");
                else if (line == ".") await peer.Sleep();
                else if (line.Length > 3 && (line.StartsWith("EHLO", StringComparison.Ordinal) || line.Contains(" FROM:", StringComparison.Ordinal) || line.Contains(" TO:", StringComparison.Ordinal))) await peer.Say("250 fine");
            }
        });
        var watch = Stopwatch.StartNew();

        var settings = MailTestKit.Settings(server.Port, when == "TLS" ? MailSecurity.Tls : MailSecurity.None, timeout: TimeSpan.FromSeconds(1));
        var later = Assert.IsType<Delivery.Later>(await MailTestKit.Send(settings));

        Assert.Contains("within 1 s", later.Why);
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_stop_is_obeyed_at_once()
    {
        await using var server = ScriptedMailServer.That(peer => peer.Sleep());
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        var transport = new SmtpTransport(MailTestKit.Settings(server.Port, MailSecurity.None), MailTestKit.Quayside, TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => transport.Send(MailTestKit.Letter, "id", stop.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_cut_after_the_final_dot_sends_the_same_letter_again(bool politely)
    {
        var ids = new List<string>();
        await using var server = ScriptedMailServer.That(async peer =>
        {
            await peer.Say("220 ready");
            while (await peer.Hear() is { } line)
            {
                if (line == ".")
                {
                    if (politely) return;
                    peer.Cut();
                    return;
                }
                if (line.StartsWith("Message-ID", StringComparison.Ordinal)) ids.Add(line);
                if (line == "DATA") await peer.Say("354 go on");
                else if (line.StartsWith("EHLO", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("RCPT", StringComparison.Ordinal)) await peer.Say("250 fine");
            }
        });

        Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(server.Port));
        Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(server.Port));

        Assert.Equal(2, ids.Count);
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task A_connection_cut_at_the_good_bye_does_not_send_the_letter_again()
    {
        await using var server = ScriptedMailServer.That(async peer =>
        {
            await peer.Say("220 ready");
            while (await peer.Hear() is { } line)
            {
                if (line == "QUIT")
                {
                    peer.Cut();
                    return;
                }
                if (line == "DATA") await peer.Say("354 go on");
                else if (line == "." || line.StartsWith("EHLO", StringComparison.Ordinal) || line.StartsWith("MAIL", StringComparison.Ordinal) || line.StartsWith("RCPT", StringComparison.Ordinal)) await peer.Say("250 fine");
            }
        });

        Assert.IsType<Delivery.Accepted>(await MailTestKit.SendPlainly(server.Port));
    }

    public static TheoryData<string> Nonsense =>
    [
        "HTTP/1.1 400 Bad Request\r\n", "\r\n", "22\r\n", "220ready\r\n", "099 no\r\n", "600 no\r\n", "+20 no\r\n", "220-one\r\n250 two\r\n", "\u0016\u0003\u0001\0\n", "",
        new string('2', 5000), "220 " + new string('x', 5000) + "\r\n", string.Concat(Enumerable.Repeat("220-again\r\n", 101)),
    ];

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task What_is_not_SMTP_or_has_no_end_leaves_the_letter_for_later(string greeting)
    {
        await using var server = ScriptedMailServer.That(peer => peer.Raw(greeting));

        var later = Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(server.Port));

        Assert.InRange(later.Why.Length, 1, 200);
    }

    [Fact]
    public async Task A_hundred_lines_of_reply_are_still_read()
    {
        await using var server = ScriptedMailServer.Answering("EHLO", string.Concat(Enumerable.Repeat("250-again\r\n", 99)) + "250 end");

        Assert.IsType<Delivery.Accepted>(await MailTestKit.SendPlainly(server.Port));
    }

    [Fact]
    public async Task The_log_repeats_nothing_of_the_letter_and_no_control_characters()
    {
        await using var server = ScriptedMailServer.Answering("content", "554 5.7.1 \u001b[31m <tomasz@almondbirch.example> your password WAS CHANGED https://id.quayside.example/x Lw3Yb8KsPq6ZtXd2 123456 refused \u00e9 " + new string('z', 23) + " " + string.Concat(Enumerable.Repeat("word ", 60)));

        var why = Assert.IsType<Delivery.Never>(await MailTestKit.SendPlainly(server.Port)).Why;

        Assert.StartsWith("the letter's content was answered 554 5.7.1 ?[31m ", why);
        Assert.Contains("refused", why);
        foreach (var telling in new[] { "tomasz", "password", "changed", "https", "quayside", "Lw3Yb", "123456" }) Assert.DoesNotContain(telling, why, StringComparison.OrdinalIgnoreCase);
        Assert.All(why, c => Assert.InRange(c, ' ', '~'));
        Assert.InRange(why.Length, 1, 40 + 120);
    }

    [Fact]
    public async Task A_server_that_repeats_the_password_does_not_get_it_into_the_log()
    {
        var echo = Convert.ToBase64String(Encoding.UTF8.GetBytes(MailTestKit.Password));
        await using var atSignIn = ScriptedMailServer.Answering("AUTH", $"535 5.7.8 {MailTestKit.Password} {echo}", "AUTH PLAIN");
        await using var after = ScriptedMailServer.Answering("RCPT", $"550 {echo} {MailTestKit.Password}", "AUTH PLAIN");

        Assert.Equal("AUTH was answered 535 5.7.8", Assert.IsType<Delivery.Later>(await MailTestKit.SendPlainly(atSignIn.Port, signIn: true)).Why);
        Assert.Equal("RCPT TO was answered 550 ... ...", Assert.IsType<Delivery.Never>(await MailTestKit.SendPlainly(after.Port, signIn: true)).Why);
    }

    [Theory]
    [InlineData("a@b.example\r\nRCPT TO:<thief@example.org>")]
    [InlineData("a@b.example> SIZE=1")]
    [InlineData("<a@b.example>")]
    [InlineData("")]
    public async Task What_is_no_address_never_reaches_a_server(string to) =>
        await Assert.ThrowsAsync<ArgumentException>(() => MailTestKit.SendPlainly(1, MailTestKit.Letter with { To = to }));

    [Fact]
    public void The_content_can_never_end_itself()
    {
        var lines = Gen.Elements("\r", "\n", "\r\n", ".", "..", "a", "é", "\0").ArrayOf().Select(string.Concat);
        Prop.ForAll(lines.ToArbitrary(), text =>
        {
            var sent = Encoding.UTF8.GetString(SmtpConnection.AsData(Encoding.UTF8.GetBytes(text)));
            var bare = sent.Replace("\r\n", "", StringComparison.Ordinal);
            var rows = sent.Split("\r\n");
            // The first lone dot is the last line; what stands before it, a dot less each, is the text.
            var end = Array.IndexOf(rows, ".");
            var read = string.Concat(rows[..end].Select(row => (row.StartsWith('.') ? row[1..] : row) + "\n"));
            var meant = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
            return !bare.Contains('\r') && !bare.Contains('\n') && end == rows.Length - 2 && rows[^1].Length == 0 && (read == meant || read == meant + "\n");
        }).QuickCheckThrowOnFailure();
    }
}
