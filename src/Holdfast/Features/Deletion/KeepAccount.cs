using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Erasure;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>A deletion in its days of grace, and whose it is.</summary>
public sealed record OpenDeletion(DeletionCase Case, Account Account);

/// <summary>
/// The deletion is called off: by the link of a letter, by the person signed in, or by "This wasn't me". It asks for no proof: it changes nothing but that nothing is deleted. Sessions stay ended, and the link signs nobody in.
/// </summary>
public sealed class KeepAccount(Db db, DeletionLetters letters, ReopenWorkspaces reopen, PlanErasure plan, TimeProvider clock)
{
    /// <summary>Null when the link is unknown, used, or the deletion is over or has begun.</summary>
    public Task<OpenDeletion?> Look(TokenHash token) => db.Read(async tx => await LinkTable.Find(tx, token, LinkPurpose.KeepAccount) is { } link && link.IsOpen(clock.GetUtcNow()) ? await Find(tx, link.AccountId) : null);

    /// <summary>The deletion of whoever is signed in; null without one.</summary>
    public Task<OpenDeletion?> Mine(SignedIn me) => db.Read(tx => Find(tx, me.Account.Id));

    /// <summary>Refuses with <c>link.over</c> (404): unknown, used, past its end, or the deletion has begun; one answer for all.</summary>
    public Task<Outcome<OpenDeletion>> ByLink(TokenHash token, Client client) => db.Write<Outcome<OpenDeletion>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await LinkTable.Find(tx, token, LinkPurpose.KeepAccount) is not { } link) return LinkRefusals.Over;
        await AccountTable.Hold(tx, link.AccountId);
        if (await LinkTable.Use(tx, token, LinkPurpose.KeepAccount, now) is not null && await Find(tx, link.AccountId) is { } open && await In(tx, open, "link", client, "", now)) return open;
        tx.Undo();
        return LinkRefusals.Over;
    });

    /// <summary>Refuses with <c>deletion.none</c> (404), <c>deletion.begun</c> (409), <c>session.ended</c> (401).</summary>
    public Task<Outcome<OpenDeletion>> ByPerson(SignedIn me, Client client) => db.Write<Outcome<OpenDeletion>>(async tx =>
    {
        await AccountTable.Hold(tx, me.Account.Id);
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (await Find(tx, me.Account.Id) is not { } open) return DeletionRefusals.None;
        return await In(tx, open, "signed_in", client, me.Session.Id, clock.GetUtcNow()) ? open : DeletionRefusals.Begun;
    });

    /// <summary>Part of "This wasn't me", in its transaction: whoever asked for the deletion may be who broke in. Does nothing without one.</summary>
    internal async Task ByNotMe(WriteTx tx, Account account, Client client, DateTimeOffset now)
    {
        await AccountTable.Hold(tx, account.Id);
        if (await Find(tx, account.Id) is { } open) await In(tx, open with { Account = account }, "not_me", client, "", now);
    }

    private async Task<bool> In(WriteTx tx, OpenDeletion open, string way, Client client, string sessionId, DateTimeOffset now)
    {
        if (!await DeletionTable.Keep(tx, open.Case, now)) return false;
        await AccountTable.Open(tx, open.Account.Id);
        await reopen.In(tx, open.Account, now);
        await LinkTable.Kill(tx, open.Account.Id, LinkPurpose.KeepAccount, now);
        await plan.Release(tx, open.Case, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionKept, open.Account.Id, client) { SessionId = sessionId, Data = new Dictionary<string, string> { ["case"] = open.Case.Label, ["way"] = way } });
        await letters.Kept(tx, open.Account, client, now);
        tx.Announce(new Announcement("account", open.Account.Id));
        return true;
    }

    private static async Task<OpenDeletion?> Find(ReadTx tx, string accountId) =>
        await DeletionTable.OpenOf(tx, accountId) is { State: DeletionState.Grace } open && await AccountTable.ById(tx, accountId) is { } account ? new OpenDeletion(open, account) : null;
}
