using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>An open case as the person sees it.</summary>
public sealed record OpenReset(ResetCase Case, CaseRequest Request, Account Person);

/// <summary>In what way a case was stopped. Permanent names.</summary>
public static class StopWay
{
    public const string Link = "link";
    public const string SignedIn = "signed_in";
    public const string NotMe = "not_me";
    public const string Operator = "operator";

    /// <summary>The account was suspended.</summary>
    public const string Suspended = "suspended";
}

/// <summary>
/// A case is stopped: by the link in the person's letters, by the person signed in, by an operator, or by "This wasn't me". It is closed for good and everybody concerned is told. Stopping asks for no proof: it changes nothing but
/// that nothing changes.
/// </summary>
public sealed class StopReset(Db db, CloseCase close, TimeProvider clock)
{
    /// <summary>Longer than any case stays open; the link dies with its case.</summary>
    public static readonly TimeSpan LinkLifetime = ResetCase.UndecidedLifetime + TimeSpan.FromDays(31);

    /// <summary>Null when the link is unknown, used, or its case is closed.</summary>
    public Task<OpenReset?> Look(TokenHash token) => db.Read(async tx => await LinkTable.Find(tx, token, LinkPurpose.StopReset) is { } link && link.IsOpen(clock.GetUtcNow()) ? await Find(tx, link.AccountId) : null);

    /// <summary>The person's own open case; null without one.</summary>
    public Task<OpenReset?> Mine(SignedIn me) => db.Read(tx => Find(tx, me.Account.Id));

    /// <summary>Refuses with <c>link.over</c> (404): unknown, used, or its case is closed; one answer for all.</summary>
    public Task<Outcome<OpenReset>> ByLink(TokenHash token, Client client) => db.Write<Outcome<OpenReset>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await LinkTable.Find(tx, token, LinkPurpose.StopReset) is not { } link) return LinkRefusals.Over;
        await TwoFactorTable.Hold(tx, link.AccountId);
        if (await LinkTable.Use(tx, token, LinkPurpose.StopReset, now) is null || await Find(tx, link.AccountId) is not { } open) return LinkRefusals.Over;
        if (await Close(tx, open.Case, StopWay.Link, new Closer(open.Person.Id, "", client), now)) return open;
        tx.Undo();
        return LinkRefusals.Over;
    });

    /// <summary>Refuses with <c>reset_case.none_open</c> (404), <c>session.ended</c> (401).</summary>
    public Task<Outcome<OpenReset>> ByPerson(SignedIn me, Client client) => db.Write<Outcome<OpenReset>>(async tx =>
    {
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        await TwoFactorTable.Hold(tx, me.Account.Id);
        if (await Find(tx, me.Account.Id) is not { } open) return CaseRefusals.NoneOpen;
        return await Close(tx, open.Case, StopWay.SignedIn, new Closer(me.Account.Id, "", client, me.Session.Id), clock.GetUtcNow()) ? open : CaseRefusals.NoneOpen;
    });

    /// <summary>Refuses with <c>request.not_found</c> (404: no such case, or no operator any more), <c>reset_case.closed</c>, and <c>reset_case.not_waiting</c> (409: a request is declined, not stopped).</summary>
    public Task<Outcome<ResetCase>> ByOperator(SignedIn me, string id, Client client) => db.Write<Outcome<ResetCase>>(async tx =>
    {
        if (!Ids.IsWellFormed(id) || await ResetCaseTable.ById(tx, id) is not { } looked) return CaseRefusals.NotFound;
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (await AccountTable.ById(tx, me.Account.Id) is not { IsOperator: true, SuspendedAt: null }) return CaseRefusals.NotFound;
        await TwoFactorTable.Hold(tx, looked.AccountId);
        if (await ResetCaseTable.ById(tx, id) is not { IsOpen: true } open) return CaseRefusals.Closed;
        if (open.State != CaseState.Waiting) return CaseRefusals.NotWaiting;
        return await close.In(tx, open, open.State, CaseState.Stopped, new Closer(me.Account.Id, me.Account.Name, client, me.Session.Id), clock.GetUtcNow(), StopWay.Operator) is { } closed ? closed : CaseRefusals.Closed;
    });

    /// <summary>Part of "This wasn't me", in its transaction. Does nothing without an open case.</summary>
    internal Task ByNotMe(WriteTx tx, string accountId, Client client, DateTimeOffset now) => IfOpen(tx, close, accountId, StopWay.NotMe, new Closer(accountId, "", client), now);

    /// <summary>Part of closing an account, in its transaction: while nobody may sign in, no factor is removed behind the person's back. Does nothing without an open case.</summary>
    internal static Task ByServer(WriteTx tx, CloseCase close, string accountId, DateTimeOffset now) => IfOpen(tx, close, accountId, StopWay.Suspended, Closer.Server, now);

    private static async Task IfOpen(WriteTx tx, CloseCase close, string accountId, string way, Closer by, DateTimeOffset now)
    {
        await TwoFactorTable.Hold(tx, accountId);
        if (await ResetCaseTable.OpenOf(tx, accountId) is { } open) await close.In(tx, open, open.State, CaseState.Stopped, by, now, way);
    }

    private async Task<bool> Close(WriteTx tx, ResetCase open, string way, Closer by, DateTimeOffset now) => await close.In(tx, open, open.State, CaseState.Stopped, by, now, way) is not null;

    private static async Task<OpenReset?> Find(ReadTx tx, string accountId) =>
        await ResetCaseTable.OpenOf(tx, accountId) is { } open && await AccountTable.ById(tx, accountId) is { } person ? new OpenReset(open, CaseRequest.Of(await CaseText.Read(tx, open, CaseRequest.Part)), person) : null;
}
