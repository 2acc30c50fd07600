using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Places;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>Puts the letters about a deletion into the outbox, in the transaction of what they tell of. Each carries a link of its own that keeps the account.</summary>
public sealed class DeletionLetters(SendLetters outbox, FindPlace places, HoldfastSettings settings)
{
    /// <summary>The link outlives the due moment: as long as nothing has begun, it is not too late.</summary>
    private static readonly TimeSpan AfterDue = TimeSpan.FromDays(30);

    public async Task Scheduled(WriteTx tx, Account account, DeletionCase asked, IReadOnlyList<DecidedWorkspace> workspaces, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        foreach (var to in await Addresses(tx, account, now))
        {
            var facts = await Facts(tx, account, asked, text, to, now) with
            {
                AskedAt = LetterTime.Format(text, now, account.TimeZone),
                From = $"{client.Device.Name(text, settings.Product.Name)}, {places.Of(client.Address, text).SayInLetter(text)}",
                Points =
                [
                    text["letter.deletion.point.signed_out"],
                    .. workspaces.Select(w => w.To is { } heir ? text["letter.deletion.point.handed", w.Name, heir] : text["letter.deletion.point.goes", w.Name]),
                    text["letter.deletion.point.sign_in"],
                ],
                Reminders = asked.HasFirstReminder,
            };
            await outbox.Enqueue(tx, "deletion_scheduled", account.Id, DeletionLetter.Scheduled(settings.Product, text, facts), now);
        }
    }

    public async Task Reminder(WriteTx tx, Account account, DeletionCase reminded, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        foreach (var to in await Addresses(tx, account, now)) await outbox.Enqueue(tx, "deletion_reminder", account.Id, DeletionLetter.Reminder(settings.Product, text, await Facts(tx, account, reminded, text, to, now)), now);
    }

    public async Task Kept(WriteTx tx, Account account, Client client, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "deletion_kept", account.Id, DeletionLetter.Kept(settings.Product, text, account.Email, account.FirstName, LetterTime.Format(text, now, account.TimeZone),
            client.UserAgent.Length == 0 ? null : client.Device.Name(text, settings.Product.Name), await MakeNotMeLink.Run(tx, account, settings.Server, text, now)), now);
    }

    /// <summary>An address that may still take a change back hears of it as well: whoever deletes somebody's account would change the address first.</summary>
    private static async Task<IReadOnlyList<string>> Addresses(WriteTx tx, Account account, DateTimeOffset now) =>
        [account.Email, .. (await EmailChangeTable.Undoable(tx, account.Id, now)).Where(old => !old.Equals(account.Email, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase)];

    private async Task<DeletionFacts> Facts(WriteTx tx, Account account, DeletionCase about, Text text, string to, DateTimeOffset now)
    {
        var link = await LinkTable.Make(tx, account.Id, LinkPurpose.KeepAccount, now, about.DueAt - now + AfterDue);
        return new DeletionFacts(to, account.FirstName, about.Label, LetterTime.Format(text, about.DueAt, account.TimeZone), new Moments(text, now, account.TimeZone).Date(about.DueAt), settings.Server.LinkTo($"/keep-account?token={link.Reveal()}"));
    }
}
