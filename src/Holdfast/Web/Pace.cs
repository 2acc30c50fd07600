using System.Collections.Concurrent;
using System.Globalization;

namespace Holdfast.Web;

/// <summary>How one request stands to a <see cref="Pace"/>.</summary>
/// <param name="Policy">Name of the limit.</param>
/// <param name="PerMinute">Requests that are served in a minute.</param>
/// <param name="Count">Which one of this minute it is, from 1.</param>
/// <param name="Left">Until the next minute begins.</param>
public sealed record PaceCount(string Policy, int PerMinute, int Count, TimeSpan Left)
{
    /// <summary>Null, or <c>request.too_many</c> (429) with the wait.</summary>
    public Refusal? Refusal => Count <= PerMinute ? null : new Refusal("request.too_many", 429, RetryAfter: Left);

    /// <summary>Says in the answer what is left: <c>RateLimit-Policy</c> and <c>RateLimit</c> (draft-ietf-httpapi-ratelimit-headers-10 §3 and §4).</summary>
    public void Tell(HttpResponse response)
    {
        response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";q={PerMinute};w=60");
        response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";r={Math.Max(0, PerMinute - Count)};t={Left.TotalSeconds:0}");
    }
}

/// <summary>
/// So many requests a minute, counted in the memory of this server: it keeps work away (ASVS 15.2.2). Guesses are kept out by <see cref="Features.SignIn.Throttle"/>, which all nodes share.
/// </summary>
public abstract class Pace(string policy, int perMinute, TimeProvider clock)
{
    private ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _minute;

    /// <summary>One more.</summary>
    /// <param name="who">Whose requests count together.</param>
    public PaceCount Count(string who)
    {
        var (minute, second) = Math.DivRem(clock.GetUtcNow().ToUnixTimeSeconds(), 60);
        if (Interlocked.Exchange(ref _minute, minute) != minute) _counts = new(StringComparer.Ordinal);
        return new PaceCount(policy, perMinute, _counts.AddOrUpdate(who, 1, (_, count) => count + 1), TimeSpan.FromSeconds(60 - second));
    }
}
