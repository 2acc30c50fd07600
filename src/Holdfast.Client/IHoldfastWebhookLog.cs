using System.Collections.Concurrent;

namespace Holdfast.Client;

/// <summary>How a message stands.</summary>
public enum WebhookState
{
    /// <summary>It came for the first time, or failed before: now it is this call's to deal with.</summary>
    New,

    /// <summary>Another call deals with it right now.</summary>
    UnderWay,

    /// <summary>It was dealt with.</summary>
    Done,
}

/// <summary>How a message stands, and what was answered.</summary>
/// <param name="Answer">The answer that <see cref="IHoldfastWebhookLog.Done"/> kept; null unless it is done.</param>
public readonly record struct WebhookStanding(WebhookState State, string? Answer = null);

/// <summary>
/// Knows which messages have been dealt with, and what was answered: Holdfast asks again when our answer got lost, and has to hear the same, or the receipt would not say what stays. The default keeps it in this process, for seven days. Register one of
/// your own, in the database that is erased from, where several processes answer, where the process may end between two tries, or where the same work done twice would hurt. Kept apart from the data it would say "done" of what a restored backup has
/// brought back.
/// </summary>
public interface IHoldfastWebhookLog
{
    /// <summary>Asks, and takes the message on when it is <see cref="WebhookState.New"/>: of two calls at once one gets that, and the other <see cref="WebhookState.UnderWay"/>. What a process took on that ended since has to be new again.</summary>
    ValueTask<WebhookStanding> Begin(string id, CancellationToken stop);

    /// <summary>It was dealt with.</summary>
    /// <param name="id">Id of the message.</param>
    /// <param name="answer">JSON of a few hundred characters, without anybody's name unless the handler put it there: kept, and given back by every <see cref="Begin"/> to come.</param>
    /// <param name="stop">Never asked for: what was done is written down.</param>
    ValueTask Done(string id, string answer, CancellationToken stop);

    /// <summary>The handler failed, or <see cref="Done"/> did: the message will come again and is new then. Takes nothing back that is done.</summary>
    ValueTask Failed(string id, CancellationToken stop);
}

/// <summary>In this process: for as long as Holdfast asks by itself unless told otherwise (<c>Deletion:TryForDays</c>).</summary>
internal sealed class MemoryWebhookLog(TimeProvider clock) : IHoldfastWebhookLog
{
    internal static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    /// <param name="Answer">Null while it is under way.</param>
    private sealed record Seen(DateTimeOffset At, string? Answer);

    public ValueTask<WebhookStanding> Begin(string id, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        foreach (var (old, seen) in _seen) if (seen.Answer is not null && now - seen.At > KeptFor) _seen.TryRemove(old, out _);
        // Only what carries a right signature comes here: this many are Holdfast's own, and work done twice is better than growing.
        if (_seen.Count >= Most) foreach (var (old, _) in _seen.Where(s => s.Value.Answer is not null).OrderBy(s => s.Value.Answer!.Length > 0).ThenBy(s => s.Value.At).Take(Most / 2).ToList()) _seen.TryRemove(old, out _);
        while (true)
        {
            if (_seen.TryAdd(id, new Seen(now, null))) return ValueTask.FromResult(new WebhookStanding(WebhookState.New));
            // One that failed at this very moment is nobody's: it is asked for once more.
            if (_seen.TryGetValue(id, out var known)) return ValueTask.FromResult(known.Answer is { } answer ? new WebhookStanding(WebhookState.Done, answer) : new WebhookStanding(WebhookState.UnderWay));
        }
    }

    public ValueTask Done(string id, string answer, CancellationToken stop)
    {
        _seen[id] = new Seen(clock.GetUtcNow(), answer);
        return ValueTask.CompletedTask;
    }

    public ValueTask Failed(string id, CancellationToken stop)
    {
        if (_seen.TryGetValue(id, out var known) && known.Answer is null) _seen.TryRemove(KeyValuePair.Create(id, known));
        return ValueTask.CompletedTask;
    }
}
