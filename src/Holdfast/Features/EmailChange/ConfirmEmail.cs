using System.Data.Common;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>
/// The link in the letter to a new address. It alone changes nothing: who presses is also signed in to the account, so that a mistyped address hands the account to nobody (ASVS 6.4.1).
/// From then on letters go to the new address; the old one is told, with a link to take it back.
/// </summary>
public sealed class ConfirmEmail(Db db, EmailChangeLetters letters, SessionSettings settings, TimeProvider clock)
{
    /// <summary>Null when the link is unknown, used, replaced by a later one, or past its end.</summary>
    public Task<EmailChange?> Look(TokenHash token) => db.Read(tx => Find(tx, token, clock.GetUtcNow()));

    /// <summary>Refuses with <c>link.over</c> (404), <c>email_change.other_account</c> (403: nothing is used up), <c>email_change.taken</c> (409).</summary>
    public async Task<Outcome<EmailChange>> Run(SignedIn me, TokenHash token, Client client)
    {
        try
        {
            return await db.Write<Outcome<EmailChange>>(async tx =>
            {
                var now = clock.GetUtcNow();
                await AccountTable.Hold(tx, me.Account.Id);
                if (await RequireProof.Again(tx, me, settings, ProofStrength.Any) is { } old) return old;
                if (await Find(tx, token, now) is not { } change) return LinkRefusals.Over;
                if (change.AccountId != me.Account.Id) return EmailChangeRefusals.OtherAccount;
                if (await LinkTable.Use(tx, token, LinkPurpose.ConfirmEmail, now) is null || await AccountTable.ById(tx, change.AccountId) is not { } account) return LinkRefusals.Over;
                // Written first, then looked: an account that gives the address up at this moment has committed by then, and is seen.
                if (!await AccountTable.SetEmail(tx, account.Id, change.NewEmail) || await EmailChangeTable.IsHeld(tx, change.NewEmail, account.Id, now))
                {
                    tx.Undo();
                    return EmailChangeRefusals.Taken;
                }
                await CopyToMembers.Run(tx, account.Id);
                var undo = await LinkTable.Make(tx, account.Id, LinkPurpose.UndoEmail, now, EmailChange.UndoLifetime);
                if (!await EmailChangeTable.Confirm(tx, account.Id, change.Id, undo.Hash, now))
                {
                    tx.Undo();
                    return LinkRefusals.Over;
                }
                // They were mailed to an address that is the account's no more.
                await LinkTable.KillRecovery(tx, account.Id, now);
                await letters.Changed(tx, account, change, undo, client, now);
                await AuditLog.Record(tx, now, new AuditEvent(AuditKind.EmailChanged, account.Id, client)
                {
                    SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["email"] = change.NewEmail, ["oldEmail"] = change.OldEmail },
                });
                tx.Announce(new Announcement("account", account.Id));
                return change;
            });
        }
        catch (DbException error) when (db.SaysTaken(error))
        {
            // Another account took the address between our look and our change.
            return EmailChangeRefusals.Taken;
        }
    }

    private static async Task<EmailChange?> Find(ReadTx tx, TokenHash token, DateTimeOffset now) =>
        await LinkTable.Find(tx, token, LinkPurpose.ConfirmEmail) is { } link && link.IsOpen(now) && await EmailChangeTable.ByConfirmLink(tx, link.AccountId, token) is { } change && change.Waits(now) ? change : null;
}
