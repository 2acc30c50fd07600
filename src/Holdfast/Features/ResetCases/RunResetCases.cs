using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;

namespace Holdfast.Features.ResetCases;

/// <summary>
/// What cases do by themselves: the reminder half-way, the end of the waiting time, the end of a request that nobody decides. Each step is one transaction that looks again under a lock: of two nodes one does it, and a server that
/// dies half-way has done nothing, so that the next start does it.
/// </summary>
public sealed class RunResetCases(Db db, ResetCaseLetters letters, CloseCase close, TimeProvider clock, ILogger<RunResetCases> logger)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const int AtOnce = 50;

    public async Task RunDue(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        foreach (var due in await db.Read(tx => ResetCaseTable.Due(tx, now, AtOnce), stop))
        {
            if (stop.IsCancellationRequested) return;
            try
            {
                await Advance(due.AccountId, due.Id);
            }
            catch (Exception error)
            {
                logger.LogError(error, "Case {Case} waits for another try", due.Label);
                await db.Write(async tx => { await ResetCaseTable.LookLater(tx, due, clock.GetUtcNow().AddMinutes(1)); return Web.Done.It; }, CancellationToken.None);
            }
        }
    }

    private Task<Web.Done> Advance(string accountId, string id) => db.Write(async tx =>
    {
        var now = clock.GetUtcNow();
        // An account that is gone has no factors to hold.
        if (await AccountTable.ById(tx, accountId) is not null) await TwoFactorTable.Hold(tx, accountId);
        if (await ResetCaseTable.ById(tx, id) is not { IsOpen: true } open || open.NextAt > now) return Web.Done.It;
        var account = await AccountTable.ById(tx, accountId);
        if (account?.SuspendedAt is not null) await StopReset.ByServer(tx, close, accountId, now);
        else if (account is not { } person || !(await TwoFactorTable.Of(tx, accountId)).IsOn) await close.In(tx, open, open.State, CaseState.Overtaken, Closer.Server, now);
        else if (open.State == CaseState.Requested) await LapseOrWait(tx, open, now);
        else if (open.WantsReminder) await Remind(tx, person, open, now);
        else if (open.IsDue(now)) await Finish(tx, person, open, now);
        else await ResetCaseTable.LookLater(tx, open, open.WaitsUntil!.Value);
        return Web.Done.It;
    });

    private async Task LapseOrWait(WriteTx tx, ResetCase open, DateTimeOffset now)
    {
        var end = open.RequestedAt + ResetCase.UndecidedLifetime;
        if (now >= end) await close.In(tx, open, open.State, CaseState.Lapsed, Closer.Server, now);
        else await ResetCaseTable.LookLater(tx, open, end);
    }

    private async Task Remind(WriteTx tx, Account person, ResetCase open, DateTimeOffset now)
    {
        if (now < ResetCase.FirstLook(open.DecidedAt!.Value, open.WaitsUntil!.Value - open.DecidedAt.Value))
        {
            await ResetCaseTable.LookLater(tx, open, ResetCase.FirstLook(open.DecidedAt.Value, open.WaitsUntil.Value - open.DecidedAt.Value));
            return;
        }
        var until = open.DueAfterReminder(now);
        if (!await ResetCaseTable.Remind(tx, open, until, now)) return;
        var reminded = open with { WaitsUntil = until, RemindedAt = now };
        var request = CaseRequest.Of(await CaseText.Read(tx, open, CaseRequest.Part));
        var decision = CaseDecision.Of(await CaseText.Read(tx, open, CaseDecision.Part));
        var link = await LinkTable.Make(tx, person.Id, LinkPurpose.StopReset, now, StopReset.LinkLifetime);
        await AuditLog.Record(tx, now, CaseEvent.Of(AuditKind.ResetReminded, reminded, request, Closer.Server, []));
        await letters.Reminder(tx, person, reminded, request, decision, link, now);
        tx.Announce(new Announcement("account", person.Id));
    }

    private async Task Finish(WriteTx tx, Account person, ResetCase open, DateTimeOffset now)
    {
        // The factors first: a sign-in under way holds one of them, so that the session that it makes is there to be ended.
        await RemoveFactors.In(tx, person.Id, now);
        var ended = await SessionTable.EndAll(tx, person.Id, null, EndReason.TwoFactorReset, null, now);
        if (await close.In(tx, open, open.State, CaseState.Done, Closer.Server, now, signedOut: ended.Count) is null) tx.Undo();
    }
}
