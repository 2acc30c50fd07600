using System.Net.Security;
using System.Text;
using Holdfast.Configuration;

namespace Holdfast.Mail;

/// <summary>
/// One letter handed over, step by step as RFC 5321 §3 and §4.1.1 say. Each step answers null to go on, or what became of the letter. A refusal that concerns
/// our settings or the server's state is <see cref="Delivery.Later"/>, so that no letter is lost by a mistake that somebody will mend; one that concerns the recipient or the
/// content is <see cref="Delivery.Never"/>.
/// </summary>
internal sealed class SmtpConversation(SmtpConnection connection, MailSettings settings, SslClientAuthenticationOptions tls, SmtpErrand errand, CancellationToken stop)
{
    private readonly Dictionary<string, string[]> _offers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What is going on, in our words, for the log when it breaks.</summary>
    public string Step { get; private set; } = "the greeting";

    public async Task<Delivery> HandOver() =>
        await Introduce() ?? await From() ?? await To() ?? await Data() ?? await Content();

    /// <summary>Everything up to the first letter: encryption, greeting, sign-in. Null when the server is ready to take one.</summary>
    public async Task<Delivery?> Introduce() => await EncryptAtOnce() ?? await Greeting() ?? await Hello() ?? await Upgrade() ?? await SignIn();

    /// <summary>RFC 5321 §4.1.1.10 asks for it; nothing depends on it any more.</summary>
    public async Task Quit(CancellationToken limit)
    {
        await connection.Send("QUIT", limit);
        await connection.Read(limit);
    }

    private async Task<Delivery?> EncryptAtOnce()
    {
        // Letters carry links. The settings allow None for this machine alone; a name that leads elsewhere must not get round that.
        if (settings.Security == MailSecurity.None && !connection.IsLoopback) return new Delivery.Later("Mail:Security is None, but the mail server is not on this machine: nothing was sent");
        if (settings.Security == MailSecurity.Tls) await Encrypt();
        return null;
    }

    private async Task<Delivery?> Greeting()
    {
        Step = "the greeting";
        return ExceptOn(await connection.Read(stop), 220);
    }

    private async Task<Delivery?> Hello()
    {
        var reply = await Ask("EHLO", $"EHLO {errand.From.Host}");
        _offers.Clear();
        foreach (var line in reply.Lines.Skip(1))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0) _offers[words[0]] = words[1..];
        }
        return ExceptOn(reply, 250);
    }

    /// <summary>STARTTLS (RFC 3207) is demanded, never merely tried: a server that does not offer it gets nothing.</summary>
    private async Task<Delivery?> Upgrade()
    {
        if (settings.Security != MailSecurity.StartTls) return null;
        Step = "EHLO";
        if (!_offers.ContainsKey("STARTTLS")) return new Delivery.Later("the mail server does not offer STARTTLS: nothing was sent in the clear");
        if (ExceptOn(await Ask("STARTTLS", "STARTTLS"), 220) is { } refused) return refused;
        await Encrypt();
        // RFC 3207 §4.2: what the server said before counts no more.
        return await Hello();
    }

    private async Task Encrypt()
    {
        Step = "the start of encryption";
        await connection.Encrypt(tls, stop);
    }

    /// <summary>RFC 4954 with PLAIN (RFC 4616), or LOGIN for servers that know nothing else. Never in the clear to another machine.</summary>
    private async Task<Delivery?> SignIn()
    {
        if (settings.User is not { } user || settings.Password is not { } password) return null;
        Step = "AUTH";
        if (!connection.Encrypted && !connection.IsLoopback) return new Delivery.Later("the connection is not encrypted: the password was not sent");
        var ways = _offers.GetValueOrDefault("AUTH") ?? [];
        SmtpReply reply;
        if (ways.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await Ask("AUTH", "AUTH PLAIN");
            if (reply.Code == 334) reply = await Ask("AUTH", Base64($"\0{user}\0{password}"));
        }
        else if (ways.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            reply = await Ask("AUTH", "AUTH LOGIN");
            if (reply.Code == 334) reply = await Ask("AUTH", Base64(user));
            if (reply.Code == 334) reply = await Ask("AUTH", Base64(password));
        }
        else
        {
            return new Delivery.Later("Mail:User is set, but the mail server offers no sign-in by PLAIN or LOGIN");
        }
        // Codes alone: a server that repeats what it got would put the password into the log.
        return reply.Positive ? null : new Delivery.Later($"AUTH was answered {reply.Codes}");
    }

    private async Task<Delivery?> From()
    {
        Step = "MAIL FROM";
        var extensions = "";
        if (errand.From.NeedsUtf8 || errand.To.NeedsUtf8)
        {
            // RFC 6531 §3.2: without SMTPUTF8 on the other side such an address cannot be written to.
            if (!_offers.ContainsKey("SMTPUTF8"))
            {
                const string why = "the mail server does not take addresses beyond ASCII (SMTPUTF8)";
                return errand.From.NeedsUtf8 ? new Delivery.Later(why) : new Delivery.Never(why);
            }
            extensions = _offers.ContainsKey("8BITMIME") ? " BODY=8BITMIME SMTPUTF8" : " SMTPUTF8";
        }
        return ExceptOn(await Ask("MAIL FROM", $"MAIL FROM:<{errand.From.Text}>{extensions}"), 250);
    }

    private async Task<Delivery?> To()
    {
        var reply = await Ask("RCPT TO", $"RCPT TO:<{errand.To.Text}>");
        return reply.Positive ? null : Verdict(reply);
    }

    private async Task<Delivery?> Data()
    {
        var reply = await Ask("DATA", "DATA");
        return reply.Code == 354 ? null : Verdict(reply);
    }

    /// <summary>
    /// If the connection breaks before the answer to the final dot, nobody knows whether the server took the letter (RFC 1047). It is sent again, with the
    /// same Message-ID: better twice than never.
    /// </summary>
    private async Task<Delivery> Content()
    {
        Step = "the letter's content";
        await connection.Send(SmtpConnection.AsData(errand.Message), stop);
        var reply = await connection.Read(stop);
        return reply.Positive ? new Delivery.Accepted() : Verdict(reply);
    }

    private async Task<SmtpReply> Ask(string step, string command)
    {
        Step = step;
        await connection.Send(command, stop);
        return await connection.Read(stop);
    }

    /// <summary>Null on the one code that lets us go on; everything else is about our settings or the server, not about the letter.</summary>
    private Delivery.Later? ExceptOn(SmtpReply reply, int expected) => reply.Code == expected ? null : new Delivery.Later(Why(reply));

    /// <summary>
    /// For replies about the recipient or the content. 503 (order of commands) and 530 to 538 (sign-in wanted, RFC 4954 §6) are about us even here.
    /// </summary>
    private Delivery Verdict(SmtpReply reply) =>
        reply is { Permanent: true, Code: not (503 or 530 or 534 or 535 or 538) } ? new Delivery.Never(Why(reply)) : new Delivery.Later(Why(reply));

    private string Why(SmtpReply reply) => $"{Step} was answered {reply.ForLog(errand.Content, Secrets())}";

    private IEnumerable<string> Secrets() => settings is { User: { } user, Password: { } password } ? [password, Base64(password), Base64($"\0{user}\0{password}")] : [];

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}

/// <summary>From whom, to whom, and what.</summary>
/// <param name="Content">What no log may repeat.</param>
internal sealed record SmtpErrand(WireAddress From, WireAddress To, byte[] Message, IReadOnlyList<string> Content);
