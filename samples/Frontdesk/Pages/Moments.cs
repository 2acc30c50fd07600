using System.Globalization;

namespace Frontdesk.Pages;

/// <summary>Says times as the person's clock shows them.</summary>
/// <param name="zone">IANA name; null, or one that is not known here, for UTC.</param>
public sealed class Moments(string? zone, DateTimeOffset now)
{
    private readonly TimeZoneInfo _zone = Zone(zone);

    /// <summary>UTC for what is not known here.</summary>
    public static TimeZoneInfo Zone(string? name) => name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var found) ? found : TimeZoneInfo.Utc;

    /// <summary>Such as "today, 14:05", "yesterday, 09:30", "Tue 18 Nov, 16:00".</summary>
    public string Say(long at) => $"{Day(at)}, {Time(at)}";

    /// <summary>Such as "today" or "Tue 18 Nov".</summary>
    public string Day(long at) => (Local(at).Date - Local(now.ToUnixTimeMilliseconds()).Date).Days switch
    {
        0 => "today",
        1 => "tomorrow",
        -1 => "yesterday",
        _ => Local(at).ToString("ddd d MMM", CultureInfo.InvariantCulture),
    };

    /// <summary>Such as "14:05".</summary>
    public string Time(long at) => Local(at).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Such as "2 min 28 s".</summary>
    public static string Length(long seconds) => seconds < 60 ? $"{seconds} s" : $"{seconds / 60} min {seconds % 60:00} s";

    private DateTimeOffset Local(long at) => TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(at), _zone);
}
