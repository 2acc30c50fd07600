namespace Holdfast.Client;

/// <summary>A session of the product as it is kept: nothing in it is of use to whoever reads the store. The key is a hash of what the browser has, the content is encrypted and bound to the key.</summary>
/// <param name="Key">43 characters of base64url; unique.</param>
/// <param name="SessionId">The session at Holdfast that it came from (<c>sid</c>); several may have the same.</param>
/// <param name="EndsAt">It is of no use from then on, and may be deleted.</param>
/// <param name="Content">Up to some ten KiB; means nothing without the Data Protection keys of the product.</param>
public sealed record HoldfastSessionEntry(string Key, string SessionId, DateTimeOffset EndsAt, ReadOnlyMemory<byte> Content);

/// <summary>
/// Where a product keeps the sessions of its people. In this process's memory by default: right for one process, and people who were signed in come back without being asked after it starts again. Register another implementation as a singleton where
/// several processes answer for one product, and let them share their Data Protection keys. An exception of any method fails the request: a session that could not be ended must not look as if it were.
/// </summary>
public interface IHoldfastSessions
{
    /// <summary>Keeps a new session.</summary>
    /// <returns>False, and nothing is kept, when <see cref="End"/> was called for its <see cref="HoldfastSessionEntry.SessionId"/> before: its end may come in while the person is on their way here.</returns>
    Task<bool> Add(HoldfastSessionEntry entry, CancellationToken cancel);

    /// <summary>The session with this key; null when there is none. Asked at every request.</summary>
    Task<HoldfastSessionEntry?> Find(string key, CancellationToken cancel);

    /// <summary>Changes end and content of a session that is there, in one step.</summary>
    /// <returns>False, and nothing is kept, when it is not there any more: what was ended meanwhile must not come back.</returns>
    Task<bool> Replace(HoldfastSessionEntry entry, CancellationToken cancel);

    /// <summary>Forgets one session; nothing happens when there is none.</summary>
    Task Remove(string key, CancellationToken cancel);

    /// <summary>Forgets every session that came from this one at Holdfast, and refuses to keep others of it from now on, for an hour at least. An id is never used again.</summary>
    Task End(string sessionId, CancellationToken cancel);
}
