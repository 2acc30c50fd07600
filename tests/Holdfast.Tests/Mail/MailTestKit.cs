using Holdfast.Configuration;
using Holdfast.Mail;
using Holdfast.Tests.Support;

namespace Holdfast.Tests.Mail;

/// <summary>What the mail tests share: settings for a server of this test, and a letter to send.</summary>
internal static class MailTestKit
{
    public const string User = "holdfast@mail.example";

    public const string Password = "pa\u00dfwort \"with\\ everything";

    public static readonly ProductSettings Quayside = new("Quayside", null, "support@quayside.example", null);

    public static readonly Letter Letter = new("tomasz@almondbirch.example", "Your password was changed", "<p>Hello Tomasz</p>", "Hello Tomasz\nhttps://id.quayside.example/not-me?token=Lw3Yb8KsPq6ZtXd2RnC5vMh9JfT7aGeU\n");

    public static MailSettings Settings(int port, MailSecurity security, TestCertificates? certificates = null, bool signIn = false, string host = "localhost", TimeSpan? timeout = null, string from = "security@quayside.example") =>
        new(host, port, security, signIn ? User : null, signIn ? Password : null, certificates?.AuthorityFile, timeout ?? TimeSpan.FromSeconds(20), from, TimeSpan.FromDays(5));

    public static Task<Delivery> Send(MailSettings settings, Letter? letter = null, string id = "0190a1b2-test", ProductSettings? product = null) =>
        new SmtpTransport(settings, product ?? Quayside, TimeProvider.System).Send(letter ?? Letter, id, CancellationToken.None);

    /// <summary>Over an unencrypted connection to this machine: for what has nothing to do with encryption.</summary>
    public static Task<Delivery> SendPlainly(int port, Letter? letter = null, bool signIn = false, TimeSpan? timeout = null) =>
        Send(Settings(port, MailSecurity.None, signIn: signIn, timeout: timeout), letter);
}
