using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.OAuth;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Reporting;

/// <summary>What a file is made for.</summary>
/// <param name="Role">Key of a role, for the people without two-factor; empty for any.</param>
public sealed record FileAsked(WorkspaceActor Actor, ReportDays Days, string? Method, string Role, Text Text);

/// <summary>Every table of the reporting page as CSV, written while it is read: some rows at a time, however many there are. What begins like a formula is made text (<see cref="Csv"/>).</summary>
public sealed class ReportFiles(LookAtReporting look, ListUsers users, ListArrivals arrivals, ListApiKeys keys, ListGrants grants)
{
    public const string Days = "days";
    public const string TwoFactor = "two-factor";
    public const string WithoutTwoFactor = "without-two-factor";
    public const string NewDevices = "new-devices";
    public const string ApiKeys = "api-keys";
    public const string Applications = "applications";

    public const string MediaType = "text/csv; charset=utf-8";

    /// <summary>Whoever reads slower than this gets a cut connection, not a file that looks complete.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Names of the files, without their ending.</summary>
    public static readonly IReadOnlyList<string> All = [Days, TwoFactor, WithoutTwoFactor, NewDevices, ApiKeys, Applications];

    /// <summary>Characters that are gathered before they are sent.</summary>
    private const int Portion = 16_000;

    /// <param name="name">One of <see cref="All"/>.</param>
    public async Task Write(string name, FileAsked asked, Stream to, CancellationToken stop)
    {
        var csv = new StringBuilder("\uFEFF");
        await foreach (var row in Rows(name, asked).WithCancellation(stop))
        {
            Csv.Row(csv, row);
            if (csv.Length > Portion) await Send(csv, to, stop);
        }
        await Send(csv, to, stop);
    }

    private IAsyncEnumerable<string[]> Rows(string name, FileAsked asked) => name switch
    {
        Days => OfDays(asked),
        TwoFactor => OfRoles(asked),
        WithoutTwoFactor => OfPeople(asked),
        NewDevices => OfArrivals(asked),
        ApiKeys => OfKeys(asked),
        Applications => OfGrants(asked),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private static async Task Send(StringBuilder csv, Stream to, CancellationToken stop)
    {
        await to.WriteAsync(Encoding.UTF8.GetBytes(csv.ToString()), stop);
        csv.Clear();
    }

    private async IAsyncEnumerable<string[]> OfDays(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["reporting.day"], t["reporting.with_second"], t["reporting.without_second"], t["reporting.failed"], t["reporting.second_failed"], t["reporting.second_asked"], t["reporting.new_devices"], t["reporting.new_countries"], t["reporting.unusual.high"], t["reporting.unusual.medium"], t["reporting.unusual.low"]];
        var report = await look.Run(asked.Actor, asked.Days, asked.Method);
        foreach (var (day, f) in report.Each)
        {
            stop.ThrowIfCancellationRequested();
            yield return [Iso(day), N(f.WithSecondStep), N(f.WithoutSecondStep), N(f.Failed), N(f.SecondStepFailed), N(f.SecondStepAsked), N(f.NewDevices), N(f.NewCountries), N(f.UnusualHigh), N(f.UnusualMedium), N(f.UnusualLow)];
        }
    }

    private async IAsyncEnumerable<string[]> OfRoles(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["users.role"], t["reporting.people"], t["reporting.covered"], t["reporting.without"]];
        foreach (var role in (await look.Run(asked.Actor, asked.Days, null)).Coverage)
        {
            stop.ThrowIfCancellationRequested();
            yield return [role.Role.Named(t), N(role.People), N(role.WithTwoFactor), N(role.Without)];
        }
    }

    private async IAsyncEnumerable<string[]> OfPeople(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["users.name"], t["reporting.email"], t["users.role"], t["users.last_sign_in"]];
        for (string? after = null; ;)
        {
            stop.ThrowIfCancellationRequested();
            var page = await users.Run(asked.Actor, UserSearch.Of(null, asked.Role, UserSearch.WithoutTwoFactor), after, ListUsers.Most);
            foreach (var person in page.People) yield return [person.Name, person.Email, person.Rights.Named(t), Moment(person.LastSignInAt)];
            if ((after = page.Next) is null) break;
        }
    }

    private async IAsyncEnumerable<string[]> OfArrivals(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["activity.csv.time"], t["member_unusual.person"], t["reporting.new"], t["activity.csv.device"], t["activity.csv.place"], t["activity.csv.with"]];
        for (string? before = null; ;)
        {
            stop.ThrowIfCancellationRequested();
            var page = await arrivals.Run(asked.Actor, asked.Days, before, t, ListArrivals.Most);
            foreach (var item in page.Items) yield return [Moments.Machine(item.At), item.Person, ReportWords.New(item, t), item.Device, item.Place, item.With];
            if ((before = page.Next) is null) break;
        }
    }

    private async IAsyncEnumerable<string[]> OfKeys(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["reporting.key"], t["reporting.key.begins"], t["reporting.key.maker"], t["reporting.may"], t["reporting.made"], t["reporting.ends"], t["reporting.used"]];
        foreach (var item in await keys.Run(asked.Actor))
        {
            stop.ThrowIfCancellationRequested();
            yield return [item.Key.Name, item.Key.BeginsWith, item.Maker ?? "", string.Join(' ', item.Key.ScopeList), Moments.Machine(item.Key.MadeAt), Moment(item.Key.EndsAt), Moment(item.Key.LastUsedAt)];
        }
    }

    private async IAsyncEnumerable<string[]> OfGrants(FileAsked asked, [EnumeratorCancellation] CancellationToken stop = default)
    {
        var t = asked.Text;
        yield return [t["oauth.application"], t["reporting.allowed_by"], t["reporting.may"], t["reporting.allowed"], t["reporting.used"]];
        for (string? before = null; ;)
        {
            stop.ThrowIfCancellationRequested();
            var page = await grants.InWorkspace(asked.Actor, before, ListArrivals.Most);
            foreach (var (grant, client) in page.Items) yield return [client?.Name ?? grant.ClientId, grant.Person, grant.Scopes, Moments.Machine(grant.MadeAt), Moment(grant.LastUsedAt)];
            if ((before = page.Next) is null) break;
        }
    }

    private static string Moment(DateTimeOffset? at) => at is { } moment ? Moments.Machine(moment) : "";

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string N(long number) => number.ToString(CultureInfo.InvariantCulture);
}

public static class ReportWords
{
    /// <summary>What was new about a sign-in.</summary>
    public static string New(Arrival arrival, Text text) => text[arrival is { NewDevice: true, NewCountry: true } ? "reporting.new.both" : arrival.NewCountry ? "reporting.new.country" : "reporting.new.device"];
}
