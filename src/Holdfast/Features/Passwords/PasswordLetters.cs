using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Features.Recovery;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>Puts the letters about a password into the outbox, in the transaction of what they tell of.</summary>
public sealed class PasswordLetters(SendLetters outbox, HoldfastSettings settings)
{
    private static readonly TimeSpan NotMeLifetime = TimeSpan.FromDays(7);

    /// <summary>"Your password was changed", with the link "This wasn't me".</summary>
    public async Task Changed(WriteTx tx, Account account, Client client, int signedOut, int kept, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var notMe = await LinkTable.Make(tx, account.Id, LinkPurpose.NotMe, now, NotMeLifetime);
        await outbox.Enqueue(tx, "password_changed", account.Id, PasswordChangedLetter.Build(settings.Product, text, new PasswordChangedFacts(
            account.Email, account.FirstName, client.Device.Name(text, settings.Product.Name), Place.Name(client.Address, text), LetterTime.Format(text, now, account.TimeZone), null,
            signedOut, kept, settings.Server.LinkTo($"/not-me?token={notMe.Reveal()}"), text["letter.lifetime.days", NotMeLifetime.Days])), now);
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
