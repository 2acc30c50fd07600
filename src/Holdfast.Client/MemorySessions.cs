namespace Holdfast.Client;

/// <summary>Sessions in this process's memory, by key and by the session at Holdfast.</summary>
internal sealed class MemorySessions(TimeProvider clock) : IHoldfastSessions
{
    /// <summary>Longer than any sign-in is under way.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private static readonly TimeSpan SweepEvery = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, HoldfastSessionEntry> _byKey = [];
    private readonly Dictionary<string, HashSet<string>> _keysOf = [];
    private readonly Dictionary<string, DateTimeOffset> _ended = [];
    private DateTimeOffset _sweptAt;

    public Task<bool> Add(HoldfastSessionEntry entry, CancellationToken cancel)
    {
        lock (_gate)
        {
            Sweep();
            if (_ended.ContainsKey(entry.SessionId)) return Task.FromResult(false);
            _byKey.Add(entry.Key, entry);
            if (!_keysOf.TryGetValue(entry.SessionId, out var keys)) _keysOf[entry.SessionId] = keys = [];
            keys.Add(entry.Key);
            return Task.FromResult(true);
        }
    }

    public Task<HoldfastSessionEntry?> Find(string key, CancellationToken cancel)
    {
        lock (_gate) return Task.FromResult(_byKey.GetValueOrDefault(key));
    }

    public Task<bool> Replace(HoldfastSessionEntry entry, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (!_byKey.ContainsKey(entry.Key)) return Task.FromResult(false);
            _byKey[entry.Key] = entry;
            return Task.FromResult(true);
        }
    }

    public Task Remove(string key, CancellationToken cancel)
    {
        lock (_gate) Forget(key);
        return Task.CompletedTask;
    }

    public Task End(string sessionId, CancellationToken cancel)
    {
        lock (_gate)
        {
            Sweep();
            _ended[sessionId] = clock.GetUtcNow();
            foreach (var key in _keysOf.GetValueOrDefault(sessionId)?.ToList() ?? []) Forget(key);
        }
        return Task.CompletedTask;
    }

    private void Forget(string key)
    {
        if (!_byKey.Remove(key, out var entry) || !_keysOf.TryGetValue(entry.SessionId, out var keys)) return;
        keys.Remove(key);
        if (keys.Count == 0) _keysOf.Remove(entry.SessionId);
    }

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        if ((now - _sweptAt).Duration() < SweepEvery) return;
        _sweptAt = now;
        foreach (var key in _byKey.Values.Where(e => e.EndsAt <= now).Select(e => e.Key).ToList()) Forget(key);
        foreach (var id in _ended.Where(e => e.Value + Remembered < now).Select(e => e.Key).ToList()) _ended.Remove(id);
    }
}
