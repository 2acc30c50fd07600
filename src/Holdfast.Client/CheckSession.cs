using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <param name="Session">Null when there is none, or it must not be taken for good now.</param>
/// <param name="IsUnknown">Holdfast cannot be asked, and the last answer is too old.</param>
internal readonly record struct Standing(Session? Session, bool IsUnknown = false);

/// <summary>
/// At each request: cookie → store → Holdfast, when its last answer is older than <see cref="HoldfastOptions.CheckEvery"/>. The question is the userinfo endpoint: Holdfast refuses it from the moment that the session ends, and its answer brings name,
/// address and roles up to date as well, which introspection would not.
/// </summary>
internal sealed class CheckSession(IHoldfastSessions sessions, Vault vault, Provider provider, IOptions<HoldfastOptions> options, TimeProvider clock, ILogger<CheckSession> logger)
{
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(10);

    /// <summary>Of sessions that were used lately; each process asks for itself.</summary>
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private long _sweptAt = Stopwatch.GetTimestamp();

    /// <summary>Answers about one session.</summary>
    private sealed class Seen
    {
        private long _at;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        /// <summary>By our clock, when Holdfast said last that it lives. Read without the turn as well.</summary>
        public DateTimeOffset At { get => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _at)); set => Interlocked.Exchange(ref _at, value.ToUnixTimeMilliseconds()); }

        /// <summary>By the machine's own, when that question was put.</summary>
        public long AskedAt { get; set; }

        public long UsedAt { get; set; }
    }

    public async Task<Standing> Run(string key, CancellationToken cancel)
    {
        var arrived = Stopwatch.GetTimestamp();
        Sweep();
        if (await Load(key, cancel) is not { } session) return default;
        var seen = _seen.GetOrAdd(key, _ => new Seen());
        seen.UsedAt = arrived;
        if (IsFresh(session, seen)) return new Standing(session);
        await seen.Turn.WaitAsync(cancel);
        try
        {
            // Somebody else asked while we waited: an answer to a question that was put after we came is as good as our own.
            if (await Load(key, cancel) is not { } again) return default;
            return seen.AskedAt > arrived || IsFresh(again, seen) ? new Standing(again) : await Ask(again, seen);
        }
        finally
        {
            seen.Turn.Release();
        }
    }

    private async Task<Standing> Ask(Session session, Seen seen)
    {
        var (asked, now) = (Stopwatch.GetTimestamp(), clock.GetUtcNow());
        var (current, error) = await Current(session, now);
        if (current is not null)
        {
            (seen.At, seen.AskedAt) = (now, asked);
            if (current == session) return new Standing(session);
            // What was ended meanwhile stays ended.
            return await sessions.Replace(vault.Close(current with { CheckedAt = now }), CancellationToken.None) ? new Standing(current) : default;
        }
        if (error is not Provider.Unreachable)
        {
            logger.LogInformation("A session is over: Holdfast takes its tokens no more ({Error})", error);
            await sessions.Remove(session.Key, CancellationToken.None);
            _seen.TryRemove(session.Key, out _);
            return default;
        }
        var last = Later(seen.At, session.CheckedAt);
        return (now - last).Duration() <= options.Value.UnreachableFor ? new Standing(session) : new Standing(null, IsUnknown: true);
    }

    /// <summary>The session as it is now, with new tokens where the old ones are running out; or why there is none.</summary>
    private async Task<(Session? Session, string? Error)> Current(Session session, DateTimeOffset now)
    {
        var isNew = now >= session.AccessEndsAt - Early;
        if (isNew)
        {
            var (refreshed, error) = await Refresh(session, now);
            if (refreshed is null) return (null, error);
            session = refreshed;
        }
        var person = await provider.UserInfo(session.AccessToken);
        // Refused before its time: the session is over, or our clock is off. The refresh token decides.
        if (person.Error == Provider.Over && !isNew)
        {
            var (refreshed, error) = await Refresh(session, now);
            if (refreshed is null) return (null, error);
            (session, isNew) = (refreshed, true);
            person = await provider.UserInfo(session.AccessToken);
        }
        if (person.Ok) return Session.IsAbout(person.Value!, session.Subject) ? (person.Value == session.Person ? session : session with { Person = person.Value! }, null) : (null, "another subject");
        // The new refresh token must not get lost: the one before does not work twice.
        if (isNew && person.Error == Provider.Unreachable) await sessions.Replace(vault.Close(session), CancellationToken.None);
        return (null, person.Error);
    }

    private async Task<(Session? Session, string? Error)> Refresh(Session session, DateTimeOffset now)
    {
        var answer = await provider.Refresh(session.RefreshToken);
        return answer.Value is { } tokens ? (session with { AccessToken = tokens.Access, AccessEndsAt = now + tokens.Lifetime, RefreshToken = tokens.Refresh }, null) : (null, answer.Error);
    }

    private async Task<Session?> Load(string key, CancellationToken cancel) => await sessions.Find(key, cancel) is { } entry ? vault.Open(entry) : null;

    private bool IsFresh(Session session, Seen seen) => (clock.GetUtcNow() - Later(seen.At, session.CheckedAt)).Duration() < options.Value.CheckEvery;

    private void Sweep()
    {
        var last = Interlocked.Read(ref _sweptAt);
        if (Stopwatch.GetElapsedTime(last) < SweepEvery || Interlocked.CompareExchange(ref _sweptAt, Stopwatch.GetTimestamp(), last) != last) return;
        foreach (var (key, seen) in _seen) if (Stopwatch.GetElapsedTime(seen.UsedAt) > SweepEvery) _seen.TryRemove(key, out _);
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
