using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
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

    /// <summary>"Reset Password": the link to choose a new one.</summary>
    public async Task Reset(WriteTx tx, Account account, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var link = await LinkTable.Make(tx, account.Id, LinkPurpose.ResetPassword, now, ResetPassword.Lifetime);
        await outbox.Enqueue(tx, "reset_password", account.Id, ResetPasswordLetter.Build(settings.Product, text, account.Email, account.FirstName,
            settings.Server.LinkTo($"/reset-password?token={link.Reveal()}"), text["letter.lifetime.minutes", (int)ResetPassword.Lifetime.TotalMinutes]), now);
    }
}
