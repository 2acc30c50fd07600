using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Features.Recovery;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>Puts the letters about a password into the outbox, in the transaction of what they tell of.</summary>
public sealed class PasswordLetters(SendLetters outbox, FindPlace places, HoldfastSettings settings)
{
    /// <summary>"Your password was changed", with the link "This wasn't me".</summary>
    public async Task Changed(WriteTx tx, Account account, Client client, int signedOut, int kept, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var link = await MakeNotMeLink.Run(tx, account, settings.Server, text, now);
        await outbox.Enqueue(tx, "password_changed", account.Id, PasswordChangedLetter.Build(settings.Product, text, new PasswordChangedFacts(
            account.Email, account.FirstName, client.Device.Name(text, settings.Product.Name), places.Of(client.Address, text).SayInLetter(text), LetterTime.Format(text, now, account.TimeZone), null,
            signedOut, kept, link)), now);
    }

    /// <summary>"Reset Password": the link to choose a new one. Older links die.</summary>
    /// <param name="asked">Somebody asked for it; else the password was stopped by "This wasn't me".</param>
    public async Task Reset(WriteTx tx, Account account, bool asked, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var lifetime = settings.Recovery.LinkLifetime;
        var link = await ResetLink.Make(tx, account, settings.Recovery, now);
        await outbox.Enqueue(tx, "reset_password", account.Id, ResetPasswordLetter.Build(settings.Product, text, new ResetPasswordFacts(
            account.Email, account.FirstName, ResetLink.Address(settings.Server, link), Durations.Say(lifetime, text), LetterTime.Format(text, now + lifetime, account.TimeZone), asked)), now);
    }
}
