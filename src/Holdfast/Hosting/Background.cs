using Holdfast.Configuration;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;
using Holdfast.Features.Invitations;
using Holdfast.Features.Links;
using Holdfast.Features.OAuth;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Places;
using Holdfast.Features.Reporting;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.SignUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Features.Webhooks;
using Holdfast.Outbox;
using Holdfast.Storage;

namespace Holdfast.Hosting;

/// <summary>What the server does besides answering: the line to other nodes, letters, sign-outs that applications are told of, events that other systems are told of, keys that sign, what strangers asked, two-factor resets, deletions, exports, "last active", the file of places, the chains of the security log, the figures of reports, the streams of open pages, and tidying up.</summary>
public sealed class Background(Db db, Announcements announcements, SendLetters letters, AnswerQuietly requests, RunResetCases resetCases, RunDeletions deletions, RunErasures erasures, MakeExports exports, SendLogouts logouts, SendEvents events, SigningKeys signingKeys, SealAudit sealAudit, PruneAudit pruneAudit, FoldReports foldReports, LastActive lastActive, KeyUses keyUses, RemindOfKeys remindOfKeys, WatchPlaces places, SessionStreams streams, TimeProvider clock, HoldfastSettings settings, ILogger<Background> logger) : BackgroundService
{
    /// <summary>Rows that one tidying step touches at most: short transactions, so that nobody waits for them.</summary>
    private const int Step = 500;

    /// <summary>How long ended sessions are listed (SPEC S6), and delivered letters' rows are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private readonly SemaphoreSlim _mail = new(1, 1);
    private readonly SemaphoreSlim _erasure = new(0, RunErasures.AtOnce);
    private readonly SemaphoreSlim _logouts = new(1, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        announcements.Subscribe(message =>
        {
            if (message.Topic == "outbox") Wake(_mail);
            else if (message.Topic == "erasure") WakeAll(_erasure);
            else if (message.Topic == SendLogouts.Topic) Wake(_logouts);
            else if (message.Topic == ChangeSigningKey.Topic) signingKeys.Forget();
        }, signingKeys.Forget);
        await Task.WhenAll(
            announcements.Run(db.Engine, logger, stoppingToken),
            Repeat("sending letters", async stop => { await _mail.WaitAsync(TimeSpan.FromSeconds(1), stop); await letters.SendDue(stop); }, TimeSpan.Zero, stoppingToken),
            Repeat("telling applications of sign-outs", async stop => { await _logouts.WaitAsync(TimeSpan.FromSeconds(1), stop); await logouts.SendDue(stop); }, TimeSpan.Zero, stoppingToken),
            Repeat("telling other systems of events", events.Run, TimeSpan.Zero, stoppingToken),
            Repeat("looking after the keys that sign", _ => signingKeys.Tend(), TimeSpan.FromMinutes(5), stoppingToken),
            Repeat("answering what strangers asked", requests.RunDue, AnswerQuietly.Pause, stoppingToken),
            Repeat("looking after two-factor resets", resetCases.RunDue, RunResetCases.Pause, stoppingToken),
            Repeat("looking after deletions", deletions.RunDue, RunDeletions.Pause, stoppingToken),
            // Side by side, each by itself: a system that keeps one waiting does not keep the others from what is due next.
            Task.WhenAll(Enumerable.Range(0, RunErasures.AtOnce).Select(_ => Repeat("telling other systems of deletions", async stop => { await _erasure.WaitAsync(RunErasures.Pause, stop); await erasures.Work(stop); }, TimeSpan.Zero, stoppingToken))),
            Repeat("preparing exports", exports.RunDue, MakeExports.Pause, stoppingToken),
            Repeat("chaining the security log", sealAudit.Run, SealAudit.Pause, stoppingToken),
            Repeat("adding up the figures of reports", foldReports.Run, FoldReports.Pause, stoppingToken),
            Repeat("writing last active", async stop => { await lastActive.Write(stop); await keyUses.Write(stop); }, TimeSpan.FromSeconds(settings.Database.LastActiveSeconds), stoppingToken),
            Repeat("looking after the file of places", places.Look, WatchPlaces.Pause, stoppingToken),
            Repeat("tending streams", _ => { streams.Tick(clock.GetUtcNow()); return Task.CompletedTask; }, TimeSpan.FromSeconds(1), stoppingToken),
            Repeat("tidying", Tidy, TimeSpan.FromMinutes(5), stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await lastActive.Write(cancellationToken);
        await keyUses.Write(cancellationToken);
    }

    public override void Dispose()
    {
        _mail.Dispose();
        _erasure.Dispose();
        _logouts.Dispose();
        base.Dispose();
    }

    /// <summary>Ends what ran out and deletes what is kept no longer, in small steps.</summary>
    public async Task Tidy(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var sessions = settings.Sessions;
        // What was used a moment ago is no idle session: told first.
        await lastActive.Write(stop);
        await Steps(tx => SessionTable.EndExpired(tx, kept: false, now - sessions.Idle, now - sessions.Absolute, now, Step), stop);
        await Steps(tx => SessionTable.EndExpired(tx, kept: true, now - sessions.KeptIdle, now - sessions.KeptAbsolute, now, Step), stop);
        await Steps(tx => SessionTable.DeleteEndedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => ThrottleTable.DeleteUntouchedSince(tx, now - TimeSpan.FromDays(90), Step), stop);
        await Steps(tx => LinkTable.DeleteEndedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => InvitationTable.DeleteEndedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => SignUpTable.DeleteEndedBefore(tx, now, Step), stop);
        await Steps(tx => EmailChangeTable.DeleteOverSince(tx, now - Kept, Step), stop);
        // The server was down for a day, or none of its tries went well: whoever asked has asked again by now.
        await Steps(tx => QuietRequestTable.DeleteAskedBefore(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => TotpTable.DeleteStale(tx, now, Step), stop);
        await Steps(tx => PendingSignInTable.DeleteEndedBefore(tx, now, Step), stop);
        await Steps(tx => UsedChallengeTable.DeleteEndedBefore(tx, now, Step), stop);
        await Steps(tx => TrustedBrowserTable.DeleteEndedBefore(tx, now, Step), stop);
        await Steps(tx => ExportTable.WipeEnded(tx, now, Step), stop);
        await Steps(tx => ExportTable.DeleteAskedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => ErasedRowsTable.DeleteLate(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => ErasedRowsTable.DeleteLateOfWorkspaces(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => CodeTable.DeleteEndedBefore(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => TokenTable.DeleteAccessEndedBefore(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => TokenTable.DeleteFamiliesEndedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => GrantTable.DeleteRevokedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => LogoutTable.DeleteFinishedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => UnusualTable.DeleteBefore(tx, now - FindUnusual.Kept, Step), stop);
        await Steps(tx => ReportTable.DeleteArrivalsBefore(tx, now - TimeSpan.FromDays(ReportDays.Most + 1), Step), stop);
        await Steps(tx => SecureTable.DeleteClosedBefore(tx, now - FindUnusual.Kept, Step), stop);
        await Steps(tx => OutboxTable.DeleteFinishedBefore(tx, now - Kept, Step), stop);
        await Steps(tx => DeliveryTable.GiveUpPaused(tx, now - settings.Webhooks.TryFor, now, "it waited while the endpoint was paused", Step), stop);
        await Steps(tx => DeliveryTable.DeleteDeliveredBefore(tx, now - settings.Webhooks.Keep, Step), stop);
        await Steps(tx => DeliveryTable.DeleteFailedBefore(tx, now - settings.Webhooks.Keep, Step), stop);
        await Steps(tx => DeliveryTable.DeleteOfRemoved(tx, Step), stop);
        await Steps(tx => WebhookTable.DeleteEndedSecrets(tx, now, Step), stop);
        await Steps(tx => WebhookTable.DeleteRemoved(tx, now - TimeSpan.FromDays(1), Step), stop);
        await Steps(tx => ApiKeyTable.DeleteOverSince(tx, now - Kept, Step), stop);
        await remindOfKeys.RunDue(stop);
        await sealAudit.Renew(stop);
        await pruneAudit.Run(stop);
    }

    private async Task Steps(Func<WriteTx, Task<int>> step, CancellationToken stop)
    {
        while (await db.Write(step, stop) >= Step) await Task.Yield();
    }

    private static void Wake(SemaphoreSlim sleeper) => Wake(sleeper, 1);

    private static void WakeAll(SemaphoreSlim sleepers) => Wake(sleepers, RunErasures.AtOnce);

    private static void Wake(SemaphoreSlim sleepers, int count)
    {
        if (sleepers.CurrentCount > 0) return;
        try
        {
            sleepers.Release(count);
        }
        catch (SemaphoreFullException)
        {
            // Awake already.
        }
    }

    private async Task Repeat(string what, Func<CancellationToken, Task> work, TimeSpan pause, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (pause > TimeSpan.Zero) await Task.Delay(pause, stop);
                await work(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                logger.LogError(error, "A fault while {What}; it goes on", what);
                await Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None);
            }
        }
    }
}
