using Holdfast.Features.Audit;
using Holdfast.Features.Reporting;
using Xunit;

namespace Holdfast.Tests.Features.Reporting;

public sealed class ReportDaysTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 23, 30, 0, TimeSpan.Zero);

    private static ReportDays Read(string? from, string? to, string? zone = null, int days = ReportDays.Usual) => ReportDays.Read(from, to, days, zone, Now).Value;

    [Fact]
    public void Days_end_where_the_zone_says_and_today_is_the_zone_s()
    {
        Assert.Equal(new DateOnly(2026, 11, 21), Read(null, null).To);
        var rome = Read(null, null, "Europe/Rome", 7);
        Assert.Equal((new DateOnly(2026, 11, 16), new DateOnly(2026, 11, 22)), (rome.From, rome.To));
        // Midnight in Rome is 23:00 UTC in winter.
        Assert.Equal(new DateTimeOffset(2026, 11, 15, 23, 0, 0, TimeSpan.Zero), ReportDays.At(rome.Start));
        Assert.Equal(new DateTimeOffset(2026, 11, 22, 23, 0, 0, TimeSpan.Zero), ReportDays.At(rome.End));
        Assert.Equal(rome.Start - (7 * 24), rome.StartBefore);
    }

    [Fact]
    public void A_day_on_which_the_clocks_change_has_as_many_hours_as_it_has()
    {
        // Forward on 29 March 2026, back on 25 October 2026.
        var year = Read("2026-01-01", "2026-11-21", "Europe/Rome");
        var runs = year.Runs;
        Assert.Equal([24L, 23, 24, 25, 24], runs.Select(run => run.Hours));
        Assert.Equal(new DateOnly(2026, 3, 29), year.From.AddDays(runs[1].First));
        Assert.Equal(new DateOnly(2026, 10, 25), year.From.AddDays(runs[3].First));
        // Nothing between them, nothing twice.
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
        Assert.Equal((year.Start, year.End), (runs[0].Start, runs[^1].End));
        Assert.Equal(year.Count, runs.Sum(run => (run.End - run.Start) / run.Hours));
    }

    [Theory]
    [InlineData("Asia/Kolkata", "2026-11-20T18:00:00Z", "2026-11-20")]
    [InlineData("Asia/Kolkata", "2026-11-20T19:00:00Z", "2026-11-21")]
    [InlineData("America/St_Johns", "2026-11-20T03:00:00Z", "2026-11-19")]
    [InlineData("America/St_Johns", "2026-11-20T04:00:00Z", "2026-11-20")]
    public void Where_days_begin_within_an_hour_it_belongs_to_the_day_in_which_it_begins(string zone, string hour, string day)
    {
        var range = Read("2026-11-15", "2026-11-21", zone);
        Assert.False(range.IsExact);
        var at = CountedEvents.HourOf(DateTimeOffset.Parse(hour, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture), range.From.AddDays((int)((at - range.Start) / 24)));
    }

    [Fact]
    public void In_every_zone_there_is_every_hour_once_also_where_a_day_is_missing()
    {
        foreach (var zone in new[] { "Pacific/Apia", "Pacific/Kiritimati", "America/Havana", "America/Santiago", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Beirut", "Etc/GMT+12" })
        {
            foreach (var (from, to) in new[] { ("2011-06-01", "2012-06-30"), ("2026-01-01", "2026-11-21") })
            {
                var range = Read(from, to, zone);
                var runs = range.Runs;
                Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.Equal(pair.First.End, pair.Second.Start));
                Assert.Equal((range.Start, range.End), (runs[0].Start, runs[^1].End));
                Assert.All(runs, run => Assert.Equal(0, (run.End - run.Start) % run.Hours));
            }
        }
        // Samoa had no 30 December 2011.
        var samoa = Read("2011-12-29", "2011-12-31", "Pacific/Apia");
        Assert.Equal([0, 2], samoa.Runs.SelectMany(run => Enumerable.Range(run.First, (int)((run.End - run.Start) / run.Hours))));
    }

    [Theory]
    [InlineData("2026-11-31", null, "reporting.day_unknown", "from")]
    [InlineData("yesterday", null, "reporting.day_unknown", "from")]
    [InlineData("1999-12-31", "2000-01-02", "reporting.day_unknown", "from")]
    [InlineData(null, "21.11.2026", "reporting.day_unknown", "to")]
    [InlineData("2026-11-20", "2026-11-19", "reporting.order", "from")]
    [InlineData("2026-11-25", null, "reporting.order", "from")]
    [InlineData("2025-10-17", "2026-11-21", "reporting.too_long", "from")]
    [InlineData("2000-01-01", "9999-12-31", "reporting.too_long", "from")]
    public void What_is_no_range_is_refused_at_its_field(string? from, string? to, string code, string field)
    {
        var refusal = ReportDays.Read(from, to, ReportDays.Usual, null, Now).Refusal;
        Assert.Equal((code, field), (refusal!.Code, refusal.Field));
    }

    [Fact]
    public void Four_hundred_days_are_the_most_and_days_to_come_are_not_shown()
    {
        Assert.Equal(400, Read("2025-10-18", "2026-11-21").Count);
        Assert.Equal(new DateOnly(2026, 11, 21), Read("2026-11-01", "2027-01-31").To);
        Assert.Equal("request.range", ReportDays.Read(null, null, 401, null, Now).Refusal!.Code);
        Assert.Equal("request.range", ReportDays.Read(null, null, 0, null, Now).Refusal!.Code);
        Assert.Equal("reporting.zone_unknown", ReportDays.Read(null, null, 7, "Mars/Olympus", Now).Refusal!.Code);
    }

    [Fact]
    public void A_passkey_counts_as_both_steps_and_a_remembered_browser_as_one()
    {
        static ReportFigures One(string how) => ReportFigures.None.Plus(CountedEvents.SignedIn, how, 1);
        Assert.Equal(1, One("passkey").WithSecondStep);
        Assert.Equal(1, One("password totp").WithSecondStep);
        Assert.Equal(1, One("password recovery_code").WithSecondStep);
        Assert.Equal(1, One("password remembered_browser").WithoutSecondStep);
        Assert.Equal(1, One("password").WithoutSecondStep);
        Assert.Equal(1, One("invitation").WithoutSecondStep);
        Assert.True(ReportFigures.IsByAnother(CountedEvents.SignedIn, "password", "totp"));
        Assert.False(ReportFigures.IsByAnother(CountedEvents.SignedIn, "password totp", "totp"));
        Assert.False(ReportFigures.IsByAnother(CountedEvents.NewDevice, "", "totp"));
    }

    [Fact]
    public void What_the_migration_puts_aside_is_what_is_counted()
    {
        var counted = typeof(AuditKind).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Where(kind => CountedEvents.Of(kind, new Dictionary<string, string>()).Count > 0).Order(StringComparer.Ordinal);
        Assert.Equal(["sign_in.failed", "sign_in.second_step_asked", "sign_in.second_step_failed", "sign_in.succeeded", "unusual.found"], counted);
        var migration = File.ReadAllText(Path.Combine(Support.Repository.Root, "src/Holdfast/Storage/Migrations/0023_reporting.sql"));
        Assert.All(counted, kind => Assert.Contains($"'{kind}'", migration, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 4)]
    [InlineData(5, 8)]
    [InlineData(60, 80)]
    [InlineData(81, 200)]
    [InlineData(12_345, 20_000)]
    public void The_axis_ends_at_a_round_number_that_no_bar_passes(long highest, long top)
    {
        var chart = new BarChart("c", "", "", "", [new ChartSeries("", "series-1")], [], [new ChartBar("", "", [highest], [])], "");
        Assert.Equal(top, chart.Top);
        Assert.Equal(5, chart.Steps.Count());
        Assert.Equal(0, chart.Steps.Last());
    }
}
