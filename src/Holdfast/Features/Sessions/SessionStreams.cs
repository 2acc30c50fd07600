using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>
/// The open streams of this node. Bounded per session and in all; woken by announcements; one tick a second serves them all, so that a stream costs a
/// connection and a small object, but no thread and no timer.
/// </summary>
public sealed class SessionStreams
{
    /// <summary>Seconds between signs of life. Proxies close what is silent for a minute.</summary>
    internal const int Heartbeat = 15;

    /// <summary>Seconds after which a stream ends and the page opens another: what a vanished browser held is free again at the latest then.</summary>
    internal const int LongestLife = 3600;

    private readonly Lock _gate = new();
    private readonly HashSet<SessionStream> _all = [];
    private readonly Dictionary<TokenHash, List<SessionStream>> _ofSession = [];
    private readonly SessionSettings _settings;

    public SessionStreams(Announcements announcements, SessionSettings settings)
    {
        _settings = settings;
        // Comes after the cache has subscribed: who is woken must not find there what was just announced to be over.
        announcements.Subscribe(Hear, () => WakeWhere(_ => true));
    }

    public int Count
    {
        get { lock (_gate) return _all.Count; }
    }

    public int CountOf(TokenHash token)
    {
        lock (_gate) return _ofSession.GetValueOrDefault(token)?.Count ?? 0;
    }

    /// <summary>Lists a stream for this session; its oldest one gives way when there are too many: those left behind by a lost connection must not stand in the way of the living page.</summary>
    /// <returns>Null when this node has as many as it may.</returns>
    public SessionStream? Open(SignedIn me)
    {
        lock (_gate)
        {
            var mine = _ofSession.GetValueOrDefault(me.Session.TokenHash);
            if (mine is not null && mine.Count >= _settings.StreamsPerSession)
            {
                mine[0].GiveWay();
                Remove(mine[0]);
            }
            if (_all.Count >= _settings.Streams) return null;
            var stream = new SessionStream(this, me);
            _all.Add(stream);
            if (!_ofSession.TryGetValue(stream.Token, out mine)) _ofSession[stream.Token] = mine = [];
            mine.Add(stream);
            return stream;
        }
    }

    /// <summary>Once a second: heartbeats, and a look at those whose session has run out by the clock.</summary>
    public void Tick(DateTimeOffset now) => WakeWhere(stream => stream.Tick(now, _settings));

    internal void Forget(SessionStream stream)
    {
        lock (_gate) Remove(stream);
    }

    private void Remove(SessionStream stream)
    {
        if (!_all.Remove(stream)) return;
        var mine = _ofSession[stream.Token];
        mine.Remove(stream);
        if (mine.Count == 0) _ofSession.Remove(stream.Token);
    }

    private void Hear(Announcement message)
    {
        if (message is { Topic: "session", Id.Length: 64 })
        {
            var token = TokenHash.FromBytes(Convert.FromHexString(message.Id));
            lock (_gate)
            {
                foreach (var stream in _ofSession.GetValueOrDefault(token, [])) stream.Wake();
            }
        }
        else if (message.Topic == "account")
        {
            WakeWhere(stream => stream.SignedIn.Account.Id == message.Id);
        }
    }

    private void WakeWhere(Func<SessionStream, bool> which)
    {
        lock (_gate)
        {
            foreach (var stream in _all)
            {
                if (which(stream)) stream.Wake();
            }
        }
    }
}

/// <summary>One open page that wants to know when its session ends.</summary>
public sealed class SessionStream : IDisposable
{
    private readonly SessionStreams _home;
    private volatile TaskCompletionSource _signal = NewSignal();
    private volatile SignedIn _signedIn;
    private volatile bool _isUnsure;
    private volatile bool _isClosed;
    private volatile bool _gaveWay;
    private int _beats;
    private int _age;

    internal SessionStream(SessionStreams home, SignedIn me) => (_home, _signedIn, Token) = (home, me, me.Session.TokenHash);

    public TokenHash Token { get; }

    /// <summary>As last looked up.</summary>
    public SignedIn SignedIn
    {
        get => _signedIn;
        internal set => _signedIn = value;
    }

    /// <summary>The last look failed: the next tick asks for another.</summary>
    internal bool IsUnsure { set => _isUnsure = value; }

    public bool IsClosed => _isClosed;

    /// <summary>Closed because a newer page of the same session took its place.</summary>
    public bool GaveWay => _gaveWay;

    /// <summary>Until something may have happened. Whatever happened before this returned is seen by a look that follows.</summary>
    public async Task Woken(CancellationToken stop)
    {
        await _signal.Task.WaitAsync(stop);
        _signal = NewSignal();
    }

    /// <returns>True when a sign of life is due, once for each time.</returns>
    public bool TakeBeat() => Interlocked.Exchange(ref _beats, 0) > 0;

    public void Dispose() => _home.Forget(this);

    internal void Wake() => _signal.TrySetResult();

    internal void GiveWay()
    {
        (_gaveWay, _isClosed) = (true, true);
        Wake();
    }

    /// <returns>True when it is to be woken.</returns>
    internal bool Tick(DateTimeOffset now, SessionSettings settings)
    {
        var age = ++_age;
        if (age >= SessionStreams.LongestLife) _isClosed = true;
        if (age % SessionStreams.Heartbeat == 0) Interlocked.Increment(ref _beats);
        return _isClosed || _isUnsure || age % SessionStreams.Heartbeat == 0 || !SignedIn.IsLive(now, settings);
    }

    // The one who announces must not be kept busy with those who hear.
    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
