using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>Puts the letters about another e-mail address into the outbox, in the transaction of what they tell of.</summary>
public sealed class EmailChangeLetters(SendLetters outbox, FindPlace places, HoldfastSettings settings)
{
    /// <summary>To the new address: the link that confirms it.</summary>
    public async Task Confirm(WriteTx tx, Account account, EmailChange change, SecretToken link, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "confirm_email", account.Id, ConfirmEmailLetter.Build(settings.Product, text, change.NewEmail, account.FirstName,
            settings.Server.LinkTo($"/confirm-email?token={link.Reveal()}"), text["letter.lifetime.hours", (int)EmailChange.Lifetime.TotalHours]), now);
    }

    /// <summary>To the old address: somebody wants another one, and nothing has changed yet.</summary>
    public async Task Asked(WriteTx tx, Account account, EmailChange change, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var notMe = await MakeNotMeLink.Run(tx, account, settings.Server, text, now);
        await outbox.Enqueue(tx, "email_change_asked", account.Id, EmailChangeAskedLetter.Build(settings.Product, text, Facts(account, client, text, now), change.NewEmail, notMe), now);
    }

    /// <summary>To the old address: it is done, with the link that takes it back.</summary>
    public async Task Changed(WriteTx tx, Account account, EmailChange change, SecretToken undo, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "email_changed", account.Id, EmailChangedLetter.Build(settings.Product, text, Facts(account, client, text, now) with { To = change.OldEmail }, change.NewEmail,
            settings.Server.LinkTo($"/undo-email?token={undo.Reveal()}"), text["letter.lifetime.days", EmailChange.UndoLifetime.Days]), now);
    }

    /// <summary>To somebody whose address another account asked for.</summary>
    public async Task Taken(WriteTx tx, Account owner, DateTimeOffset now)
    {
        var text = Text.For(owner.Language);
        await outbox.Enqueue(tx, "email_taken", owner.Id, EmailTakenLetter.Build(settings.Product, text, owner.Email, owner.FirstName, LetterTime.Format(text, now, owner.TimeZone)), now);
    }

    private EmailChangeFacts Facts(Account account, Client client, Text text, DateTimeOffset now) => new(
        account.Email, account.FirstName, client.Device.Name(text, settings.Product.Name), places.Of(client.Address, text).SayInLetter(text), LetterTime.Format(text, now, account.TimeZone));
}
