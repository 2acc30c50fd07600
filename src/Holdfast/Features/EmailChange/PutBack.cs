using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>An old address comes back to its account, within the transaction of whoever reads it and says so. The account's row has to be held.</summary>
internal static class PutBack
{
    /// <returns>The account as it is now; null when another account has the address.</returns>
    public static async Task<Account?> In(WriteTx tx, Account account, EmailChange change, Client client, DateTimeOffset now)
    {
        // In the order in which everything that removes factors takes them.
        await TwoFactorTable.Hold(tx, account.Id);
        if (!await AccountTable.SetEmail(tx, account.Id, change.OldEmail)) return null;
        await CopyToMembers.Run(tx, account.Id);
        await EmailChangeTable.Undo(tx, account.Id, change.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.EmailPutBack, account.Id, client) { Personal = new Dictionary<string, string> { ["email"] = change.OldEmail, ["oldEmail"] = account.Email } });
        tx.Announce(new Announcement("account", account.Id));
        return account with { Email = change.OldEmail };
    }

    /// <summary>The change that took an address from the account and can still be taken back; null when there is none.</summary>
    /// <param name="isFor">Whether something was sent to a canonical address.</param>
    public static async Task<EmailChange?> Find(ReadTx tx, string accountId, Func<string, bool> isFor, DateTimeOffset now) =>
        (await EmailChangeTable.ConfirmedSince(tx, accountId, now - EmailChange.UndoLifetime)).FirstOrDefault(change => change.CanBeUndone(now) && isFor(Configuration.MailAddressShape.Canonical(change.OldEmail)));
}
