using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>
/// What deletions do by themselves: the reminders, and the beginning. Each is one transaction that looks again with the account held: of two nodes one does it, and a server that dies half-way has done nothing.
/// </summary>
public sealed class RunDeletions(Db db, DeletionLetters letters, BeginErasure begin, ErasedList list, ErasureProbe probe, TimeProvider clock, ILogger<RunDeletions> logger)
{
    /// <summary>How often it looks.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private const int AtOnce = 50;

    private DateTimeOffset _listedUntil = DateTimeOffset.UnixEpoch;

    public async Task RunDue(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        foreach (var due in await db.Read(tx => DeletionTable.Due(tx, now, AtOnce), stop))
        {
            if (stop.IsCancellationRequested) return;
            try
            {
                await Advance(due);
            }
            catch (Exception error) when (error is not ErasureProbe.DiedHere)
            {
                logger.LogError(error, "Deletion {Case} waits for another try", due.Label);
                await db.Write(async tx => { await DeletionTable.LookAt(tx, due, clock.GetUtcNow().AddMinutes(1)); return Done.It; }, CancellationToken.None);
            }
        }
        await WriteDownOthers(stop);
    }

    /// <summary>Each node keeps a list of its own: what another one has begun stands in it as well, so that any of them will do after a restore.</summary>
    private async Task WriteDownOthers(CancellationToken stop)
    {
        while (await db.Read(tx => DeletionTable.Begun(tx, _listedUntil, AtOnce), stop) is { Count: > 0 } begun)
        {
            foreach (var one in begun) if (!await list.Knows(one.Id)) await list.Add(await db.Read(tx => ErasedEntry.Of(tx, one), stop));
            if (begun.Count < AtOnce) return;
            // Two of one instant at the edge are only looked at twice; where all are of one instant the next look goes past it.
            _listedUntil = begun[^1].BegunAt!.Value == _listedUntil ? _listedUntil.AddMilliseconds(1) : begun[^1].BegunAt!.Value;
        }
    }

    private Task<Done> Advance(DeletionCase looked) => db.Write(async tx =>
    {
        var now = clock.GetUtcNow();
        await AccountTable.Hold(tx, looked.AccountId);
        if (await DeletionTable.ById(tx, looked.Id) is not { State: DeletionState.Grace } open || open.NextAt > now || await AccountTable.ById(tx, open.AccountId) is not { } account) return Done.It;
        if (open.ReminderAt(now) is not Reminder.None and var reminder) await Remind(tx, account, open, reminder, now);
        else if (open.IsDue(now)) await Due(tx, open, now);
        else await DeletionTable.LookAt(tx, open, open.NextLook);
        return Done.It;
    });

    private async Task Due(WriteTx tx, DeletionCase open, DateTimeOffset now)
    {
        // As long as a former address may take its change back, it is not sure whose wish this is.
        if (await EmailChangeTable.UndoableUntil(tx, open.AccountId, now) is { } until) await DeletionTable.LookAt(tx, open, until);
        else if (await begin.In(tx, open, BegunBy.Time, Client.Server, "", now)) probe.Reached("beginning");
    }

    private async Task Remind(WriteTx tx, Account account, DeletionCase open, Reminder reminder, DateTimeOffset now)
    {
        var reminded = reminder == Reminder.First ? open with { RemindedAt = now } : open with { LastRemindedAt = now, DueAt = open.DueAfterLastReminder(now) };
        reminded = reminded with { NextAt = reminded.NextLook };
        if (!await DeletionTable.Remind(tx, reminded)) return;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionReminded, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["case"] = open.Label } });
        await letters.Reminder(tx, account, reminded, now);
        probe.Reached($"reminding: {reminder}");
    }
}
