using System.Diagnostics;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>
/// Carries out what is written down: takes a step, tells its system, writes down what came back. Whoever dies in between leaves a step that is taken up again after its lease, with the same key; two nodes share one queue.
/// </summary>
public sealed class RunErasures(Db db, Connectors connectors, ErasedList list, SettleWorkspaces settle, EraseAccount eraseAccount, ErasureLetters letters, ErasureProbe probe, KeyRing keys, TimeProvider clock, HoldfastSettings settings, ILogger<RunErasures> logger)
{
    /// <summary>How often it looks; a deletion that begins wakes it at once.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Steps at a time: a slow system holds up others, but not all.</summary>
    public const int AtOnce = 4;

    public Task RunDue(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Work(stop)));

    /// <summary>One of several that work side by side: goes on until nothing is due.</summary>
    public async Task Work(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var now = clock.GetUtcNow();
            // Looking first: a writer's turn every few seconds for nothing would be too much.
            if (!await db.Read(tx => ErasureStepTable.AnyDue(tx, now), stop) || await db.Write(tx => ErasureStepTable.Claim(tx, now), stop) is not { } step) return;
            probe.Reached($"claimed {step.Connector}");
            await Carry(step, stop);
        }
    }

    private async Task Carry(ErasureStep step, CancellationToken stop)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            if (step.Connector == ErasureStep.AccountConnector) await eraseAccount.Run(step, stop);
            else await Settle(step, step.Connector == ErasureStep.ListConnector ? await WriteDown(step, stop) : await Tell(step, stop), started);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The step is claimed and unanswered: the next start takes it up.
        }
        catch (Exception error) when (error is not ErasureProbe.DiedHere)
        {
            logger.LogError(error, "Step {Position} of deletion {Deletion} waits for another try", step.Position, step.DeletionId);
            await Settle(step, new ConnectorAnswer.Later($"a fault of ours: {error.GetType().Name}"), started);
        }
    }

    private async Task<ConnectorAnswer> WriteDown(ErasureStep step, CancellationToken stop)
    {
        if (await db.Read(tx => DeletionTable.ById(tx, step.DeletionId), stop) is not { } about) throw new InvalidOperationException("A step without its deletion");
        await list.Add(await db.Read(tx => ErasedEntry.Of(tx, about), stop));
        probe.Reached("listed");
        return new ConnectorAnswer.Done("", []);
    }

    private async Task<ConnectorAnswer> Tell(ErasureStep step, CancellationToken stop)
    {
        if (connectors.Find(step.Connector) is not { } connector) return new ConnectorAnswer.Later("the settings name this system no more");
        var (account, about, memo) = await db.Read(async tx => (await AccountTable.ById(tx, step.AccountId), await DeletionTable.ById(tx, step.DeletionId), await ErasureStepTable.Memo(tx, step)), stop);
        if (account is null || about is null) throw new InvalidOperationException("A step outlived its account");
        var remembered = ErasureMemo.Open(keys, step, memo);
        // Without it the system would be told to wake nothing, or to stop what is stopped.
        if (memo is not null && remembered is null) return new ConnectorAnswer.Later("the memo cannot be opened: the key that sealed it is not in the key file");
        // What a system is told to erase cannot come back here.
        var workspaces = step.Phase == ErasurePhase.Erase ? await db.Write(tx => settle.In(tx, about), stop) : [];
        var order = new ErasureOrder(step.Phase, step.IdempotencyKey, about.Label, account.Id, account.Email, account.Name, about.AskedAt, workspaces, remembered,
            async text =>
            {
                await db.Write(async tx => { await ErasureStepTable.Remember(tx, step, ErasureMemo.Seal(keys, step, text)); return Web.Done.It; }, CancellationToken.None);
                probe.Reached($"remembered {step.Connector}");
            });
        probe.Reached($"before {step.Connector}");
        var answer = await Ask(connector, order, stop);
        probe.Reached($"after {step.Connector}");
        return answer is ConnectorAnswer.Done done ? done with { Said = NamesNobody.Clean(done.Said, account.Id, account.Email, account.Name), Kept = [.. done.Kept.Select(line => NamesNobody.Clean(line, account.Id, account.Email, account.Name)).Where(line => line.Length > 0)] } : answer;
    }

    /// <summary>Connectors keep their own time; this is for one that does not: it is told to stop half-way through the lease, and the step is given up only when it has stopped or the lease is over. A call that went on beside a later step could undo it.</summary>
    private static async Task<ConnectorAnswer> Ask(IErasureConnector connector, ErasureOrder order, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ErasureStep.Lease / 2);
        try
        {
            return await connector.Tell(order, limit.Token).WaitAsync(ErasureStep.Lease, stop);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException && !stop.IsCancellationRequested)
        {
            return new ConnectorAnswer.Later($"no end in {(ErasureStep.Lease / 2).TotalSeconds:0} seconds");
        }
    }

    private async Task Settle(ErasureStep step, ConnectorAnswer answer, long started)
    {
        var (now, took) = (clock.GetUtcNow(), (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        await db.Write(async tx =>
        {
            if (answer is ConnectorAnswer.Done done)
            {
                await ErasureStepTable.End(tx, step, StepState.Acknowledged, done.Said, string.Join('\n', done.Kept), now);
                await ErasureStepTable.TidyKept(tx, step);
                return Web.Done.It;
            }
            var later = (ConnectorAnswer.Later)answer;
            var next = step.NextTry(now, later.After, settings.Deletion.TryFor);
            await ErasureStepTable.Postpone(tx, step, next, later.Why, took, now);
            if (next is null && await ErasureStepTable.NoteStuck(tx, step, now)) await letters.Stuck(tx, step, now);
            return Web.Done.It;
        }, CancellationToken.None);
        if (answer is ConnectorAnswer.Later waits) logger.LogWarning("{System} has not acknowledged step {Position} of deletion {Deletion} at try {Try}: {Why}", step.Connector, step.Position, step.DeletionId, step.Tries, waits.Why);
        probe.Reached($"settled {step.Connector}");
    }
}

/// <summary>Places at which a test lets the server die. Does nothing else.</summary>
public sealed class ErasureProbe
{
    internal Action<string>? At { get; set; }

    internal void Reached(string place) => At?.Invoke(place);

    internal sealed class DiedHere(string place) : Exception(place);
}
