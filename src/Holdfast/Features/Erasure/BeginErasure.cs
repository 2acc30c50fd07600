using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>
/// The point of no return. Everything by which the person could come in goes at once: password, factors, sessions, known browsers, links, exports. What is told to whom is written down; name and address stay until every system has
/// acknowledged, because they are what systems know the person by.
/// </summary>
public sealed class BeginErasure(PlanErasure plan)
{
    /// <summary>In the caller's transaction.</summary>
    /// <param name="by">One of <see cref="BegunBy"/>.</param>
    /// <returns>False when the account was kept, or it has begun already: the one statement that decides.</returns>
    public async Task<bool> In(WriteTx tx, DeletionCase open, string by, Client client, string sessionId, DateTimeOffset now)
    {
        // The account's row first: a sign-in under way holds it, so that the session that it makes is there to be ended.
        await AccountTable.Hold(tx, open.AccountId);
        if (!await DeletionTable.Begin(tx, open, by, now)) return false;
        await AccountTable.BeginErasing(tx, open.AccountId, now);
        await RemoveFactors.In(tx, open.AccountId, now);
        var ended = await SessionTable.EndAll(tx, open.AccountId, null, EndReason.AccountClosed, null, now);
        await ErasedRowsTable.DeleteWaysIn(tx, open.AccountId);
        await EmailChangeTable.CloseAll(tx, open.AccountId, now);
        await plan.Erase(tx, open, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionBegun, open.AccountId, client)
        {
            ActorId = by == BegunBy.Person ? null : "", SessionId = sessionId,
            Data = new Dictionary<string, string> { ["case"] = open.Label, ["by"] = by, ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) },
        });
        tx.Announce(new Announcement("account", open.AccountId));
        return true;
    }
}
