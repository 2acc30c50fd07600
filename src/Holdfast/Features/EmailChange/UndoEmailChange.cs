using System.Data.Common;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>
/// The link in the letter to the old address: the address comes back, and everything that "This wasn't me" does follows, with the new password's link going to the old address. It signs nobody in and leaves the
/// second factor as it is, so that an old mailbox alone opens nothing where there is one.
/// </summary>
public sealed class UndoEmailChange(Db db, NotMe.NotMe notMe, TimeProvider clock)
{
    /// <summary>Null when the link is unknown, used, dropped or past its end.</summary>
    public Task<EmailChange?> Look(TokenHash token) => db.Read(tx => Find(tx, token, clock.GetUtcNow()));

    /// <summary>Refuses with <c>link.over</c> (404), <c>email_change.taken</c> (409).</summary>
    /// <returns>How many sessions were ended.</returns>
    public async Task<Outcome<int>> Run(TokenHash token, Client client)
    {
        try
        {
            return await db.Write<Outcome<int>>(async tx =>
            {
                var now = clock.GetUtcNow();
                if (await Find(tx, token, now) is not { } found) return LinkRefusals.Over;
                await AccountTable.Hold(tx, found.AccountId);
                // Looked at again: the undoing of an earlier change takes later ones with it.
                if (await Find(tx, token, now) is not { } change) return LinkRefusals.Over;
                if (await LinkTable.Use(tx, token, LinkPurpose.UndoEmail, now) is null || await AccountTable.ById(tx, change.AccountId) is not { } account) return LinkRefusals.Over;
                if (await PutBack.In(tx, account, change, client, now) is not { } back)
                {
                    tx.Undo();
                    return EmailChangeRefusals.Taken;
                }
                return await notMe.In(tx, back, client, now);
            });
        }
        catch (DbException error) when (db.SaysTaken(error))
        {
            return EmailChangeRefusals.Taken;
        }
    }

    private static async Task<EmailChange?> Find(ReadTx tx, TokenHash token, DateTimeOffset now) =>
        await LinkTable.Find(tx, token, LinkPurpose.UndoEmail) is { } link && link.IsOpen(now) && await EmailChangeTable.ByUndoLink(tx, link.AccountId, token) is { } change && change.CanBeUndone(now) ? change : null;
}
