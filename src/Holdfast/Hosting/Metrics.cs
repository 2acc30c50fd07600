using System.Diagnostics.Metrics;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.Webhooks;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Hosting;

/// <summary>What operators watch: the hash queue, the outbox and its age, sessions in memory and in all. Sign-ins are counted where they happen.</summary>
public sealed class Metrics
{
    private readonly Db _db;
    private readonly TimeProvider _clock;

    public Metrics(Db db, TimeProvider clock, PasswordHasher hasher, SessionCache cache, SessionStreams streams)
    {
        _db = db;
        _clock = clock;
        Telemetry.Meter.CreateObservableGauge("holdfast.hash_queue", () => hasher.Waiting, description: "Hashes that wait for a thread");
        Telemetry.Meter.CreateObservableGauge("holdfast.sessions_cached", () => cache.Count, description: "Sessions in this node's memory");
        Telemetry.Meter.CreateObservableGauge("holdfast.session_streams", () => streams.Count, description: "Open pages that hear when their session ends");
        Telemetry.Meter.CreateObservableGauge("holdfast.sessions_live", () => Ask(SessionTable.CountLive), description: "Sessions that have not ended");
        Telemetry.Meter.CreateObservableGauge("holdfast.requests_waiting", () => Ask(QuietRequestTable.Waiting), description: "What strangers asked of an address (a new password, an account) and waits to be answered");
        Telemetry.Meter.CreateObservableGauge("holdfast.outbox_waiting", () => Outbox().Waiting, description: "Letters that wait to be sent");
        Telemetry.Meter.CreateObservableGauge("holdfast.outbox_age", () => Outbox().Age, unit: "s", description: "Age of the letter that waits longest");
        Telemetry.Meter.CreateObservableGauge("holdfast.events_waiting", () => Ask(DeliveryTable.Backlogs).Sum(b => b.Waiting), description: "Security events that wait to be told to other systems");
        Telemetry.Meter.CreateObservableGauge("holdfast.events_age", () => Age(Ask(DeliveryTable.Backlogs).Min(b => b.Oldest)), unit: "s", description: "Age of the event that waits longest");
    }

    private (long Waiting, double Age) Outbox()
    {
        var state = Ask(OutboxTable.State)!;
        return (state.Waiting, Age(state.Oldest));
    }

    private double Age(DateTimeOffset? oldest) => oldest is { } since ? Math.Max(0, (_clock.GetUtcNow() - since).TotalSeconds) : 0;

    // Instruments are read on the exporter's own thread, once a minute.
    private T Ask<T>(Func<ReadTx, Task<T>> question) => _db.Read(question).GetAwaiter().GetResult();
}
