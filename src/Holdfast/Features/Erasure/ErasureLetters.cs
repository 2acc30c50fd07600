using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Erasure;

/// <summary>The last letter to the person, and the one that tells operators that a system does not acknowledge.</summary>
public sealed class ErasureLetters(SendLetters outbox, HoldfastSettings settings)
{
    /// <summary>Belongs to no account any more: the address stands sealed in the letter itself, until it is sent.</summary>
    public async Task Done(WriteTx tx, Account account, Receipt receipt, SecretToken token, DateTimeOffset now)
    {
        var text = Text.For(account.Language);
        var words = new ReceiptWords(receipt, text, account.TimeZone);
        await outbox.Enqueue(tx, "deletion_done", "", DeletionDoneLetter.Build(settings.Product, text, account.Email, account.FirstName, words.Facts, [.. words.Systems.Select(s => (s.Name, (string?)s.Said))], words.Kept, settings.Server.LinkTo(ReceiptPage.AddressOf(token))), now);
    }

    /// <summary>A workspace lost its owner to a deletion that was made again after a restore.</summary>
    /// <param name="heir">Name of the new owner; null when nobody there could become one.</param>
    public async Task NewOwner(WriteTx tx, string workspace, string? heir, DateTimeOffset now)
    {
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            var text = Text.For(one.Language);
            await outbox.Enqueue(tx, "erasure_new_owner", one.Id, ErasureNewOwnerLetter.Build(settings.Product, text, one.Email, one.FirstName, workspace, heir, LetterTime.Format(text, now, one.TimeZone)), now);
        }
    }

    public async Task Stuck(WriteTx tx, ErasureStep step, DateTimeOffset now)
    {
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            var text = Text.For(one.Language);
            await outbox.Enqueue(tx, "erasure_stuck", one.Id, ErasureStuckLetter.Build(settings.Product, text, one.Email, one.FirstName, step.SayName(text), step.Tries, LetterTime.Format(text, now, one.TimeZone), settings.Server.LinkTo($"/operator/erasures/{step.DeletionId}")), now);
        }
    }
}
