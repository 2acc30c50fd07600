using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Puts the letters about factors into the outbox, in the transaction of what they tell of. Each has the link "This wasn't me".</summary>
public sealed class TwoFactorLetters(SendLetters outbox, FindPlace places, HoldfastSettings settings)
{
    /// <param name="kind">Of <see cref="AuditKind"/>: what the confirmed app did.</param>
    public Task AppConfirmed(WriteTx tx, Account account, string kind, string app, Client client, DateTimeOffset now) => Changed(tx, account, kind switch
    {
        AuditKind.TwoFactorOn => "two_factor_on",
        AuditKind.AppReplaced => "app_replaced",
        _ => "app_added",
    }, app, client, now);

    public Task AppRemoved(WriteTx tx, Account account, string app, Client client, DateTimeOffset now) => Changed(tx, account, "app_removed", app, client, now);

    public Task RecoveryCodesMade(WriteTx tx, Account account, Client client, DateTimeOffset now) => Changed(tx, account, "recovery_codes_made", "", client, now);

    /// <param name="methods">What was proven in all: <see cref="ProofMethod"/>s joined by spaces.</param>
    public async Task RecoveryCodeUsed(WriteTx tx, Account account, Client client, int left, string methods, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "recovery_code_used", account.Id, RecoveryCodeUsedLetter.Build(settings.Product, text, left, RecoveryCode.Count, await Facts(tx, account, text, methods, client, now)), now);
    }

    public async Task TurnedOff(WriteTx tx, Account account, string method, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "two_factor_off", account.Id, TwoFactorOffLetter.Build(settings.Product, text, await Facts(tx, account, text, method, client, now)), now);
    }

    /// <param name="kind">Of the letter: middle of its text keys.</param>
    /// <param name="app">What the person calls the app or passkey.</param>
    internal async Task Changed(WriteTx tx, Account account, string kind, string app, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, kind, account.Id, FactorChangedLetter.Build(settings.Product, text, kind, app, await Facts(tx, account, text, null, client, now)), now);
    }

    private async Task<FactorFacts> Facts(WriteTx tx, Account account, Text text, string? methods, Client client, DateTimeOffset now) => new(
        account.Email, account.FirstName, client.Device.Name(text, settings.Product.Name), places.Of(client.Address, text).SayInLetter(text), LetterTime.Format(text, now, account.TimeZone),
        methods is null ? null : Methods.Say(methods, text), await MakeNotMeLink.Run(tx, account, settings.Server, text, now));
}
