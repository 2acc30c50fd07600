using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <param name="Made">A device cookie to set; null when the browser has one already.</param>
/// <param name="IsNew">The account was not used from this browser before, or not since "This wasn't me".</param>
public sealed record RememberedBrowser(SecretToken? Made, bool IsNew);

/// <summary>Knows a browser again by its device cookie, and tells the person of one that is new (SPEC S2, ASVS 6.3.5).</summary>
public sealed class RememberBrowser(SendLetters outbox, HoldfastSettings settings)
{
    /// <summary>After a sign-in: remembers the browser, and puts the letter into the outbox when it is new.</summary>
    public async Task<RememberedBrowser> Run(WriteTx tx, Account account, Session session, Client client, DateTimeOffset now)
    {
        var browser = await Quietly(tx, account.Id, client, now);
        if (browser.IsNew && settings.SignIn.NewDeviceLetters) await Tell(tx, account, session, client, now);
        return browser;
    }

    /// <summary>The same without a letter: for the moment in which an account is made.</summary>
    public static async Task<RememberedBrowser> Quietly(WriteTx tx, string accountId, Client client, DateTimeOffset now)
    {
        SecretToken? made = client.Browser is null ? SecretToken.New() : null;
        return new RememberedBrowser(made, await KnownBrowserTable.Remember(tx, accountId, client.Browser ?? made!.Value.Hash, now));
    }

    private async Task Tell(WriteTx tx, Account account, Session session, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var link = await MakeNotMeLink.Run(tx, account, settings.Server, text, now);
        await outbox.Enqueue(tx, "new_device", account.Id, NewDeviceLetter.Build(settings.Product, text, new NewDeviceFacts(
            account.Email, account.FirstName, Device.Name(client.UserAgent, text), null, Place.Name(client.Address, text), LetterTime.Format(text, now, account.TimeZone),
            Methods.Say(session.SignedInWith, text), NewCountry: false, link)), now);
    }
}
