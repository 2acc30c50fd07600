using System.Collections.Concurrent;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>
/// Live sessions by token hash, in memory, so that a signed-in request asks no database. It is emptied by announcements, never by waiting:
/// what was revoked is gone before the revoking request is answered, on other nodes as soon as the word arrives.
/// </summary>
/// <remarks>
/// Two generations bound it: what is used moves to the young one; when that is half the capacity the old one is dropped, so a hit needs no bookkeeping.
/// Look-ups take no lock. Every change takes the one lock, which is what makes "read from the database, then put" safe against an announcement in between.
/// </remarks>
public sealed class SessionCache
{
    private readonly Lock _gate = new();
    private readonly int _half;
    private volatile Generation _young = new();
    private volatile Generation _old = new();
    private long _epoch;

    public SessionCache(Announcements announcements, int capacity)
    {
        _half = Math.Max(1, capacity / 2);
        announcements.Subscribe(Hear, Clear);
    }

    public int Count => _young.ByToken.Count + _old.ByToken.Count;

    /// <summary>Tokens that are remembered by their account: as many as <see cref="Count"/>.</summary>
    internal int CountByAccount
    {
        get
        {
            lock (_gate) return _young.ByAccount.Values.Sum(tokens => tokens.Count) + _old.ByAccount.Values.Sum(tokens => tokens.Count);
        }
    }

    /// <summary>Taken before the database is read and given back with <see cref="Put"/>.</summary>
    public long Epoch => Interlocked.Read(ref _epoch);

    public SignedIn? Find(TokenHash token)
    {
        if (_young.ByToken.TryGetValue(token, out var entry)) return entry.IsOver ? null : entry.SignedIn;
        if (!_old.ByToken.TryGetValue(token, out entry) || entry.IsOver) return null;
        lock (_gate)
        {
            // Looked up again under the lock: with its generation gone no announcement reaches the entry any more, and it must not come back.
            if (!_old.ByToken.TryGetValue(token, out entry) || entry.IsOver) return null;
            Add(entry);
        }
        return entry.SignedIn;
    }

    /// <summary>Remembers what was read, unless anything was announced since <paramref name="epoch"/>: then the next request reads again.</summary>
    public void Put(SignedIn signedIn, long epoch)
    {
        lock (_gate)
        {
            if (Epoch == epoch) Add(new Entry(signedIn));
        }
    }

    private void Add(Entry entry)
    {
        if (_young.ByToken.Count >= _half)
        {
            _old = _young;
            _young = new Generation();
        }
        var token = entry.SignedIn.Session.TokenHash;
        _young.ByToken[token] = entry;
        if (!_young.ByAccount.TryGetValue(entry.SignedIn.Account.Id, out var tokens)) _young.ByAccount[entry.SignedIn.Account.Id] = tokens = [];
        tokens.Add(token);
    }

    private void Hear(Announcement message)
    {
        // Its people are remembered without it: nothing here says who they are.
        if (message.Topic == "workspace_opened") Clear();
        else lock (_gate)
        {
            Interlocked.Increment(ref _epoch);
            foreach (var generation in (Generation[])[_young, _old])
            {
                if (message.Topic == "session" && message.Id.Length == 64) generation.Drop(TokenHash.FromBytes(Convert.FromHexString(message.Id)));
                else if (message.Topic == "workspace") generation.DropWorkspace(message.Id);
                else if (message.Topic == "account" && generation.ByAccount.Remove(message.Id, out var tokens)) foreach (var token in tokens) generation.Drop(token);
            }
        }
    }

    private void Clear()
    {
        lock (_gate)
        {
            Interlocked.Increment(ref _epoch);
            _old = new Generation();
            _young = new Generation();
        }
    }

    private sealed class Generation
    {
        public ConcurrentDictionary<TokenHash, Entry> ByToken { get; } = new();

        public Dictionary<string, HashSet<TokenHash>> ByAccount { get; } = new(StringComparer.Ordinal);

        /// <summary>Everybody of a workspace: its rules or its roles changed. Rare enough to look at each.</summary>
        public void DropWorkspace(string id)
        {
            foreach (var (token, entry) in ByToken) if (entry.SignedIn.Memberships.Any(m => m.WorkspaceId == id)) Drop(token);
        }

        public void Drop(TokenHash token)
        {
            if (!ByToken.TryRemove(token, out var entry)) return;
            entry.IsOver = true;
            // Tokens come and go without end; what was dropped leaves no trace.
            var account = entry.SignedIn.Account.Id;
            if (ByAccount.TryGetValue(account, out var tokens) && tokens.Remove(token) && tokens.Count == 0) ByAccount.Remove(account);
        }
    }

    private sealed class Entry(SignedIn signedIn)
    {
        private volatile bool _isOver;

        public SignedIn SignedIn { get; } = signedIn;

        public bool IsOver
        {
            get => _isOver;
            set => _isOver = value;
        }
    }
}
