using Holdfast.Configuration;
using Holdfast.Mail;

namespace Holdfast.Cli;

/// <summary>Would the mail server take a letter: connects, encrypts, signs in, hangs up.</summary>
internal static class CheckMail
{
    internal static async Task<Finding> Run(HoldfastSettings settings, TimeProvider clock, CancellationToken stop)
    {
        var t = CommandLine.T;
        if (settings.Mail.Host is not { } host) return new(Tone.Good, "mail", t["cli.doctor.mail.none"]);
        return await new SmtpTransport(settings.Mail, settings.Product, clock).Greet(stop) is { } why
            ? new(Tone.Bad, "mail", t["cli.doctor.mail.bad", host, settings.Mail.Port, why])
            : new(Tone.Good, "mail", t["cli.doctor.mail.good", host, settings.Mail.Port]);
    }
}
