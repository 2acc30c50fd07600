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

    public async Task Stuck(WriteTx tx, ErasureStep step, DateTimeOffset now)
    {
        foreach (var one in await AccountTable.ListOperators(tx))
        {
            var text = Text.For(one.Language);
            await outbox.Enqueue(tx, "erasure_stuck", one.Id, ErasureStuckLetter.Build(settings.Product, text, one.Email, one.FirstName, step.Name, step.Tries, LetterTime.Format(text, now, one.TimeZone), settings.Server.LinkTo($"/operator/erasures/{step.DeletionId}")), now);
        }
    }
}
