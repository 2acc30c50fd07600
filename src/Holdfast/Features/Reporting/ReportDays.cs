using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Web;

namespace Holdfast.Features.Reporting;

/// <summary>Days in a row that have the same number of hours, or one that has another.</summary>
/// <param name="First">Which of the days it begins with.</param>
/// <param name="Start">Its first hour (since 1970, UTC).</param>
/// <param name="End">The hour after the last.</param>
/// <param name="Hours">Of each day.</param>
public sealed record DayRun(int First, long Start, long End, long Hours);

/// <summary>Some days as people in a time zone count them. An hour belongs to the day in which it begins: exact where the zone is whole hours from UTC. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record ReportDays
{
    /// <summary>Days of one report at most.</summary>
    public const int Most = 400;

    public const int Usual = 30;

    /// <summary>What the page offers at once.</summary>
    public static readonly IReadOnlyList<int> Spans = [7, 30, 90];

    private static readonly DateOnly Earliest = new(2000, 1, 1);

    private readonly long[] _starts;

    private ReportDays(DateOnly from, DateOnly to, TimeZoneInfo zone)
    {
        (From, To, Zone) = (from, to, zone);
        _starts = [.. Enumerable.Range(0, Count + 1).Select(i => FirstHour(from.AddDays(i)))];
    }

    public DateOnly From { get; }

    /// <summary>The last day, included.</summary>
    public DateOnly To { get; }

    public TimeZoneInfo Zone { get; }

    public int Count => To.DayNumber - From.DayNumber + 1;

    public IEnumerable<DateOnly> All => Enumerable.Range(0, Count).Select(From.AddDays);

    /// <summary>The first hour (since 1970, UTC).</summary>
    public long Start => _starts[0];

    /// <summary>The hour after the last.</summary>
    public long End => _starts[^1];

    /// <summary>False where days begin within an hour of UTC: then they are shifted by a part of an hour, and the page says so.</summary>
    public bool IsExact => Zone.GetUtcOffset(At(Start)).Minutes == 0 && Zone.GetUtcOffset(At(End - 1)).Minutes == 0;

    /// <summary>Where as many days before begin.</summary>
    public long StartBefore => FirstHour(From.AddDays(-Count));

    /// <summary>
    /// Reads what somebody asked for. Refuses with <c>reporting.day_unknown</c> (no day of the form 2026-11-30, or one before 2000), <c>reporting.order</c> (the first is after the last), <c>reporting.too_long</c> (more than <see cref="Most"/> days),
    /// <c>request.range</c> (<paramref name="days"/>) and <c>reporting.zone_unknown</c>, all 400.
    /// </summary>
    /// <param name="from">First day; empty counts back from the last.</param>
    /// <param name="to">Last day; empty, or one to come, means today.</param>
    /// <param name="days">How many there are, where the first is not given; 1 to <see cref="Most"/>.</param>
    /// <param name="zone">IANA name; null for UTC.</param>
    public static Outcome<ReportDays> Read(string? from, string? to, int days, string? zone, DateTimeOffset now)
    {
        if (zone is not null && !TimeZones.IsKnown(zone)) return new Refusal("reporting.zone_unknown", 400, "zone");
        if (days is < 1 or > Most) return new Refusal("request.range", 400, "days", Args: [1, Most]);
        var place = TimeZones.Find(zone);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, place).DateTime);
        var (first, last) = (Day(from), Day(to));
        if (Refusal.Combine([first is null && !string.IsNullOrEmpty(from) ? new Refusal("reporting.day_unknown", 400, "from") : null, last is null && !string.IsNullOrEmpty(to) ? new Refusal("reporting.day_unknown", 400, "to") : null]) is { } unknown) return unknown;
        var end = last is { } asked && asked < today ? asked : today;
        var begin = first ?? end.AddDays(1 - days);
        if (begin > end) return new Refusal("reporting.order", 400, "from");
        if (end.DayNumber - begin.DayNumber >= Most) return new Refusal("reporting.too_long", 400, "from", Args: Most);
        return new ReportDays(begin, end, place);
    }

    /// <summary>The days in runs of the same length: where the clocks change, a day has 23 or 25 hours.</summary>
    public IReadOnlyList<DayRun> Runs
    {
        get
        {
            var runs = new List<DayRun>();
            for (var i = 0; i < Count; i++)
            {
                var (start, end) = (_starts[i], _starts[i + 1]);
                if (end == start) continue;
                // A day may be missing in between: where a zone changed sides of the date line.
                if (end - start == 24 && runs is [.., { Hours: 24 } last] && last.First + ((last.End - last.Start) / 24) == i) runs[^1] = last with { End = end };
                else runs.Add(new DayRun(i, start, end, end - start));
            }
            return runs;
        }
    }

    public static DateTimeOffset At(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600);

    private static DateOnly? Day(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day >= Earliest ? day : null;

    /// <summary>The first hour that begins on this day or later.</summary>
    private long FirstHour(DateOnly day)
    {
        // Midnight in UTC is less than a day away in every zone.
        var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var hour = CountedEvents.HourOf(midnight - Zone.GetUtcOffset(midnight));
        while (DayOf(hour - 1) >= day) hour--;
        while (DayOf(hour) < day) hour++;
        return hour;
    }

    private DateOnly DayOf(long hour) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(At(hour), Zone).DateTime);
}
