using System.Collections.Concurrent;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <summary>The meter is open to strangers and costs processor time: so many measurements a minute from one network, counted in memory (ASVS 15.2.2).</summary>
public sealed class StrengthLimit(TimeProvider clock)
{
    public const int PerMinute = 120;

    private ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private long _minute;

    /// <returns>Null, or <c>request.too_many</c> (429).</returns>
    public Refusal? Refuse(Client client)
    {
        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        if (Interlocked.Exchange(ref _minute, minute) != minute) _counts = new(StringComparer.Ordinal);
        return _counts.AddOrUpdate(client.Network, 1, (_, count) => count + 1) <= PerMinute ? null : new Refusal("request.too_many", 429, RetryAfter: TimeSpan.FromSeconds(60));
    }
}
