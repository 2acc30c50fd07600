using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Texts;

namespace Holdfast.Web;

/// <summary>Instants as pages write them, in the person's time zone: relative up to a day, then the date.</summary>
public sealed class Moments(Text text, DateTimeOffset now, string? zone)
{
    private readonly TimeZoneInfo _zone = TimeZones.Find(zone);

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, _zone);

    /// <summary>For <c>&lt;time datetime&gt;</c>.</summary>
    public static string Machine(DateTimeOffset at) => at.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>"20 minutes ago", "Today, 08:12", "Yesterday, 17:40", "9 November", "9 November 2025".</summary>
    public string Ago(DateTimeOffset at)
    {
        var past = now - at;
        if (past < TimeSpan.FromMinutes(1)) return text["time.now"];
        if (past < TimeSpan.FromHours(1)) return text.Count("time.minutes_ago", (long)past.TotalMinutes);
        return Day(at) switch
        {
            0 => text["time.today_at", Clock(at)],
            1 => text["time.yesterday_at", Clock(at)],
            _ => Date(at),
        };
    }

    /// <summary>"Today", "Yesterday", "Tuesday, 10 November".</summary>
    public string DayName(DateTimeOffset at) => Day(at) switch
    {
        0 => text["time.today"],
        1 => text["time.yesterday"],
        _ => Local(at).ToString(Local(at).Year == Local(now).Year ? text["time.format.weekday"] : text["time.format.weekday_year"], text.Culture),
    };

    public string Clock(DateTimeOffset at) => Local(at).ToString(text["time.format.clock"], text.Culture);

    public string Date(DateTimeOffset at) => Local(at).ToString(Local(at).Year == Local(now).Year ? text["time.format.date"] : text["time.format.date_year"], text.Culture);

    /// <summary>"16 November 2026, 08:55".</summary>
    public string Full(DateTimeOffset at) => Local(at).ToString(text["time.format.full"], text.Culture);

    public string Short(DateTimeOffset at) => Local(at).ToString(text["time.format.short"], text.Culture);

    /// <summary>"today", "3 weeks ago": for "changed …".</summary>
    public string Since(DateTimeOffset at)
    {
        var days = Day(at);
        if (days <= 0) return text["time.since_today"];
        if (days == 1) return text["time.since_yesterday"];
        if (days < 14) return text.Count("time.days_ago", days);
        return days < 60 ? text.Count("time.weeks_ago", days / 7) : text.Count("time.months_ago", days / 30);
    }

    private int Day(DateTimeOffset at) => DateOnly.FromDateTime(Local(now).DateTime).DayNumber - DateOnly.FromDateTime(Local(at).DateTime).DayNumber;
}
