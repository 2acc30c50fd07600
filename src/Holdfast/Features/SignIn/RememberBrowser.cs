using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Features.Unusual;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <param name="Made">A device cookie to set; null when the browser has one already.</param>
/// <param name="IsNew">The account was not used from this browser before, or not since "This wasn't me".</param>
/// <param name="IsNewCountry">Nor from this country, and from another one it was.</param>
public sealed record RememberedBrowser(SecretToken? Made, bool IsNew, bool IsNewCountry);

/// <summary>Knows a browser again by its device cookie, and a country by the file of places; tells the person of what is new (SPEC S2, ASVS 6.3.5).</summary>
public sealed class RememberBrowser(SendLetters outbox, FindPlace places, FindUnusual unusual, HoldfastSettings settings)
{
    /// <summary>After a sign-in, before the log tells of it: remembers browser and country, puts the letter into the outbox when either is new, and looks for what is unusual.</summary>
    public async Task<RememberedBrowser> Run(WriteTx tx, Account account, Session session, Client client, DateTimeOffset now)
    {
        var browser = await Remember(tx, account.Id, client, now);
        var tell = (browser.IsNew || browser.IsNewCountry) && settings.SignIn.NewDeviceLetters;
        if (tell) await Tell(tx, account, session.SignedInWith, client, newCountry: !browser.IsNew, now);
        await unusual.AtSignIn(tx, account, session, client, browser.IsNew, browser.IsNewCountry, told: tell, now);
        return browser;
    }

    /// <summary>The same without a letter: for the moment in which an account is made.</summary>
    public Task<RememberedBrowser> Quietly(WriteTx tx, string accountId, Client client, DateTimeOffset now) => Remember(tx, accountId, client, now);

    private async Task<RememberedBrowser> Remember(WriteTx tx, string accountId, Client client, DateTimeOffset now)
    {
        SecretToken? made = client.Browser is null ? SecretToken.New() : null;
        var isNew = await KnownBrowserTable.Remember(tx, accountId, client.Browser ?? made!.Value.Hash, now);
        return new RememberedBrowser(made, isNew, places.Of(client.Address, Text.English).CountryCode is { } code && await KnownCountryTable.Remember(tx, accountId, code, now));
    }

    /// <param name="signedInWith"><see cref="ProofMethod"/>s joined by spaces.</param>
    internal async Task Tell(WriteTx tx, Account account, string signedInWith, Client client, bool newCountry, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var place = places.Of(client.Address, text);
        var link = await MakeNotMeLink.Run(tx, account, settings.Server, text, now);
        await outbox.Enqueue(tx, "new_device", account.Id, NewDeviceLetter.Build(settings.Product, text, new NewDeviceFacts(
            account.Email, account.FirstName, client.Device.Name(text, settings.Product.Name), place.CityAndCountry, place.SayInLetter(text), LetterTime.Format(text, now, account.TimeZone),
            Methods.Say(signedInWith, text), newCountry, link)), now);
    }
}
