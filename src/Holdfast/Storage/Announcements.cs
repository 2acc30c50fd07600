namespace Holdfast.Storage;

/// <summary>What has changed: <c>session</c> (a token hash in hex), <c>account</c> (an id), <c>workspace</c> (an id: its rules, roles or name), <c>workspace_opened</c> (an id: it was closed to everybody), <c>outbox</c> and <c>erasure</c> (empty: something waits).</summary>
public sealed record Announcement(string Topic, string Id)
{
    public override string ToString() => $"{Topic} {Id}";

    public static Announcement? Parse(string text) => text.Split(' ', 2) is [var topic, var id] ? new Announcement(topic, id) : null;
}

/// <summary>
/// Passes announcements of this node and of others to whoever keeps something in memory. While the line to other nodes is down,
/// <see cref="IsTrustworthy"/> is false and nothing cached may be believed: a revoked session must not live on behind a cut wire.
/// </summary>
public sealed class Announcements(TimeProvider clock)
{
    /// <summary>How long after the last sign of life cached knowledge still counts.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly List<Action<Announcement>> _hearers = [];
    private readonly List<Action> _forgetters = [];
    private long _lastAlive = long.MinValue;
    private bool _alone = true;

    /// <summary>Calls <paramref name="hear"/> for each announcement, and <paramref name="forgetAll"/> when some may have been missed.</summary>
    public void Subscribe(Action<Announcement> hear, Action forgetAll)
    {
        _hearers.Add(hear);
        _forgetters.Add(forgetAll);
    }

    public bool IsTrustworthy
    {
        get
        {
            if (_alone) return true;
            var last = Interlocked.Read(ref _lastAlive);
            return last != long.MinValue && clock.GetElapsedTime(last) < Patience;
        }
    }

    /// <summary>Other processes may write to the database: from now on only what the line confirms counts.</summary>
    internal void ExpectOthers() => _alone = false;

    internal void Tell(Announcement message)
    {
        foreach (var hear in _hearers) hear(message);
    }

    /// <summary>Keeps the line to other nodes open until stopped; returns at once where there are none.</summary>
    public async Task Run(Engine engine, ILogger logger, CancellationToken stop)
    {
        if (!engine.HasOtherNodes) return;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var first = true;
                await engine.Listen(
                    text => { if (Announcement.Parse(text) is { } message) Tell(message); },
                    () =>
                    {
                        if (first) foreach (var forget in _forgetters) forget();
                        first = false;
                        Interlocked.Exchange(ref _lastAlive, clock.GetTimestamp());
                    },
                    stop);
            }
            catch (Exception error) when (!stop.IsCancellationRequested)
            {
                Interlocked.Exchange(ref _lastAlive, long.MinValue);
                logger.LogWarning("The line to other nodes is down; sessions are read from the database meanwhile. {Problem}", error.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        }
    }
}
