using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.OAuth;
using Holdfast.Features.Sessions;
using Holdfast.Features.Unusual;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Reporting;

/// <summary>What the address of the page asks for.</summary>
/// <param name="People">Cursor into the people without two-factor.</param>
/// <param name="Devices">Cursor into the new devices.</param>
public sealed record ReportQuery(string? From, string? To, string? Days, string? Method, string? Role, string? People, string? Devices);

/// <summary>Figures of a workspace, drawn and as tables, and the lists beside them.</summary>
[InWorkspace(Permission.ReportingView)]
public sealed class ReportingPage(LookAtReporting look, ListUsers users, ListArrivals arrivals, CloseUnusual unusual, ListApiKeys keys, ListGrants grants) : WorkspacePage
{
    /// <summary>Rows of each list; the rest is a page further, or a link away.</summary>
    private const int Rows = 10;

    private const int UnusualRows = 3;

    /// <summary>More days than this are drawn by the week.</summary>
    private const int MostBars = 92;

    public Report Report { get; private set; } = null!;

    public FoundUsers People { get; private set; } = new([], null);

    public Arrivals Devices { get; private set; } = new([], null);

    /// <summary>Not yet looked at, the newest first.</summary>
    public IReadOnlyList<MemberUnusual> ToReview { get; private set; } = [];

    /// <summary>There may be more than were counted.</summary>
    public bool MoreToReview { get; private set; }

    public IReadOnlyList<ListedKey> Keys { get; private set; } = [];

    public MemberGrants Grants { get; private set; } = new([], null);

    public ReportQuery Asked { get; private set; } = new(null, null, null, null, null, null, null);

    public bool MayLook => Actor.May(Permission.UsersView);

    public bool MayManageKeys => Actor.May(Permission.ApiKeysManage);

    /// <summary>What stands in the toolbar: what was typed, also when it could not be read.</summary>
    public string FromText => Asked.From ?? Iso(Report.Days.From);

    public string ToText => Asked.To ?? Iso(Report.Days.To);

    /// <summary>The range that was pressed; 0 for days of one's own.</summary>
    public int Span => string.IsNullOrEmpty(Asked.From) && string.IsNullOrEmpty(Asked.To) ? Report.Days.Count : 0;

    public IEnumerable<ListedKey> ShownKeys => Keys.OrderByDescending(k => k.Key.LastUsedAt ?? DateTimeOffset.MinValue).ThenByDescending(k => k.Key.Id, StringComparer.Ordinal).Take(Rows);

    public static string? ZoneOf(SignedIn me) => TimeZones.IsKnown(me.Account.TimeZone) ? me.Account.TimeZone : null;

    public async Task<IActionResult> OnGetAsync(string? from, string? to, string? days, string? method, string? role, string? people, string? devices)
    {
        // What the page does not offer counts as not asked for; days are typed, and are answered.
        var span = int.TryParse(days, NumberStyles.None, CultureInfo.InvariantCulture, out var pressed) && ReportDays.Spans.Contains(pressed) ? pressed : ReportDays.Usual;
        Asked = new ReportQuery(from, to, span == ReportDays.Usual ? null : days, method is not null && ReportFigures.Methods.Contains(method, StringComparer.Ordinal) ? method : null, UserSearch.Of(null, role, null).Role, people, devices);
        var read = ReportDays.Read(from, to, span, ZoneOf(Me), Now);
        var range = read.Ok ? read.Value : ReportDays.Read(null, null, ReportDays.Usual, ZoneOf(Me), Now).Value;
        Report = await look.Run(Actor, range, Asked.Method);
        People = await users.Run(Actor, UserSearch.Of(null, Asked.Role, UserSearch.WithoutTwoFactor), people, Rows);
        Devices = await arrivals.Run(Actor, range, devices, T, Rows);
        var found = await unusual.InWorkspace(Actor, null);
        (ToReview, MoreToReview) = ([.. found.Items.Where(e => e.NeedsReview)], found.Next is not null);
        (Keys, Grants) = (await keys.Run(Actor), await grants.InWorkspace(Actor, null, Rows));
        return read.Ok ? Page() : Refuse(read.Refusal);
    }

    /// <summary>Some of what was found, and how many there are.</summary>
    public IEnumerable<MemberUnusual> ShownUnusual => ToReview.Take(UnusualRows);

    /// <summary>The same page with something else asked for.</summary>
    public string Address(ReportQuery query, string anchor = "")
    {
        (string Name, string? Value)[] parts = [("from", query.From), ("to", query.To), ("days", query.Days), ("method", query.Method), ("role", query.Role), ("people", query.People), ("devices", query.Devices)];
        return $"{Base}/reporting{Query(parts)}{anchor}";
    }

    /// <summary>A table of this page as a file.</summary>
    public string File(string name) => $"{Base}/reporting/{name}.csv{Query([("from", Iso(Report.Days.From)), ("to", Iso(Report.Days.To)), ("method", name == ReportFiles.Days ? Asked.Method : null), ("role", name == ReportFiles.WithoutTwoFactor ? Asked.Role : null)])}";

    private static string Query(IEnumerable<(string Name, string? Value)> parts)
    {
        var given = parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}").ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }

    /// <summary>"9 % more than before"; null where there is nothing to compare with.</summary>
    public string? Compared(long now, long before)
    {
        if (before == 0) return null;
        var percent = (long)Math.Round((now - before) * 100.0 / before, MidpointRounding.AwayFromZero);
        return percent == 0 ? T["reporting.compared.same"] : T[percent > 0 ? "reporting.compared.more" : "reporting.compared.less", Math.Abs(percent)];
    }

    /// <summary>The day with the most failures; null when there were none.</summary>
    public ReportDay? Worst => Report.Each.MaxBy(day => day.Figures.Failed) is { Figures.Failed: > 0 } worst ? worst : null;

    public long Percent => Report.People == 0 ? 0 : Report.WithTwoFactor * 100 / Report.People;

    public BarChart SignIns => Chart("sign-ins", T["reporting.sign_ins"], SignInsSummary(),
        [new ChartSeries(T["reporting.with_second"], "series-1"), new ChartSeries(T["reporting.without_second"], "series-2"), new ChartSeries(T["reporting.failed"], "series-3")], [T["reporting.second_failed"], T["reporting.second_asked"]],
        f => [f.WithSecondStep, f.WithoutSecondStep, f.Failed], f => [f.SecondStepFailed, f.SecondStepAsked]);

    public BarChart Arrived => Chart("arrived", T["reporting.new"], T["reporting.new.summary", T.Count("reporting.count.devices", Report.Total.NewDevices), T.Count("reporting.count.countries", Report.Total.NewCountries)],
        [new ChartSeries(T["reporting.new_devices"], "series-1"), new ChartSeries(T["reporting.new_countries"], "series-3")], [], f => [f.NewDevices, f.NewCountries], _ => []);

    public bool ByWeek => Report.Days.Count > MostBars;

    public string Day(DateOnly day) => day.ToString(T[day.Year == Moments.Local(Now).Year ? "reporting.format.day" : "reporting.format.day_year"], T.Culture);

    private string SignInsSummary()
    {
        if (Report.Total.SignIns + Report.Total.Failed == 0) return T["reporting.sign_ins.none"];
        var (least, most) = (Report.Each.Min(day => day.Figures.SignIns), Report.Each.Max(day => day.Figures.SignIns));
        var words = T["reporting.sign_ins.summary", T.Count("reporting.count.days", Report.Days.Count), least, most];
        return Worst is { } worst ? $"{words} {T["reporting.sign_ins.worst", worst.Figures.Failed, Day(worst.Day)]}" : words;
    }

    private BarChart Chart(string id, string title, string summary, IReadOnlyList<ChartSeries> series, IReadOnlyList<string> beside, Func<ReportFigures, IReadOnlyList<long>> values, Func<ReportFigures, IReadOnlyList<long>> more)
    {
        var bars = ByWeek
            // Weeks begin on Monday (ISO 8601); the first and the last may be shorter.
            ? Report.Each.GroupBy(day => day.Day.AddDays(-(((int)day.Day.DayOfWeek + 6) % 7))).Select(week => Bar(week.First().Day, week.Aggregate(ReportFigures.None, (sum, day) => sum.Plus(day.Figures))))
            : Report.Each.Select(day => Bar(day.Day, day.Figures));
        return new BarChart(id, title, summary, T[ByWeek ? "reporting.week" : "reporting.day"], series, beside, [.. bars], T["reporting.total"]);

        ChartBar Bar(DateOnly day, ReportFigures figures) => new(Day(day), day.ToString(T["reporting.format.short"], T.Culture), values(figures), more(figures));
    }

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
