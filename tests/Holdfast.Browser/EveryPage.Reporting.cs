using Holdfast.Browser.Support;
using Holdfast.Features.ApiKeys;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_reporting_of_a_workspace_either(int width, ColorScheme scheme)
    {
        using var places = new TemporaryFile(ExamplePlaces.Build());
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["SignIn:FreeTries"] = "20", ["SignIn:NetworkLimit"] = "10000", ["GeoIp:DatabasePath"] = places.Path, ["Proxy:Addresses"] = "127.0.0.1" });
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist");
        await using (var early = await chromium.Open(app, width: width, scheme: scheme))
        {
            await early.SignIn(owner.Email, owner.Password);
            await Expect(early.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
            await Look(early, $"{crew.Page}/reporting?from=2020-01-01&to=2020-02-01", "reporting-empty", width, scheme, found);
        }
        List<Person> people = [owner];
        foreach (var name in new[] { "Jonas Weidner", "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz", "Kofi Mensah", "Yuki Tanabe", "Rosa Delgado", "Nia Pritchard", "Elena Popescu", "Hana Novotná", "Sofia Kallas", "Emil Sørensen", "Wei Chen", "Daniel Okafor" })
        {
            people.Add(await crew.Add(people.Count < 3 ? "admin" : "member", name: name));
        }
        for (var day = 0; day < 24; day++)
        {
            for (var i = 0; i < people.Count; i++)
            {
                if ((day * 7 + i * 5) % 11 > 6 - (day % 7 > 4 ? 5 : 0)) continue;
                var visitor = app.Visitor(i % 3 == 0 ? Visitor.Iphone : Visitor.Firefox);
                visitor.ForwardedFor = i % 4 == 0 ? "203.0.113.201" : "198.51.100.77";
                for (var wrong = 0; wrong < (day == 17 && i == 3 ? 8 : (day + i) % 5 == 0 ? 1 : 0); wrong++) await visitor.SignIn(people[i].Email, "not the password");
                await visitor.SignIn(people[i].Email, people[i].Password);
                app.Clock.Advance(TimeSpan.FromMinutes(7));
            }
            app.Clock.Advance(TimeSpan.FromHours(22));
        }
        var maker = await app.SignedIn(owner);
        foreach (var (name, scope) in new[] { ("Monthly figures", ApiScope.ReportingRead), ("Rota sync", ApiScope.UsersRead) }) (await maker.Post($"{crew.Api}/api-keys", new { name, scopes = new[] { scope }, days = 90 })).Expect(201);

        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(owner.Email, owner.Password);
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        await Look(here, $"{crew.Page}/reporting", "reporting", width, scheme, found);
        foreach (var summary in await here.Page.Locator("main details.disclose > summary").AllAsync()) await summary.ClickAsync();
        await Judge(here, "reporting-tables", width, scheme, found);
        await Look(here, $"{crew.Page}/reporting?days=90&method=password&role=member", "reporting-90", width, scheme, found);
        await Look(here, $"{crew.Page}/reporting?from={app.Now.AddDays(-399):yyyy-MM-dd}", "reporting-weeks", width, scheme, found);
        await Look(here, $"{crew.Page}/reporting?from=2026-02-30", "reporting-refused", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
