using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_where_something_looks_wrong_either(int width, ColorScheme scheme)
    {
        using var places = new TemporaryFile(ExamplePlaces.Build());
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["SignIn:FreeTries"] = "10", ["GeoIp:DatabasePath"] = places.Path, ["Proxy:Addresses"] = "127.0.0.1" });
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var crew = await Crew.Found(app);
        var (person, admin) = (await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist"), await crew.Add("admin", "jonas@almondbirch.example", "Jonas Weidner"));
        // Somewhere else a moment ago, and before that somebody guessed.
        var elsewhere = app.Visitor();
        elsewhere.ForwardedFor = "203.0.113.201";
        for (var i = 0; i < 6; i++) await elsewhere.SignIn(person.Email, $"wrong number {i}");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await elsewhere.SignIn(person.Email, person.Password);
        app.Clock.Advance(TimeSpan.FromMinutes(20));
        elsewhere.ForwardedFor = "198.51.100.77";
        await elsewhere.SignIn(person.Email, person.Password);
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(person.Email, person.Password);
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        await Look(here, "/account/security", "unusual-security", width, scheme, found);
        await Look(here, "/account/activity", "unusual-activity", width, scheme, found);
        await Look(here, "/account/unusual", "unusual", width, scheme, found);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "It was me" }).First.ClickAsync();
        await Judge(here, "unusual-was-me", width, scheme, found);
        await Look(here, $"{crew.Page}/unusual", "workspace-unusual", width, scheme, found);

        await Look(here, "/account/secure", "secure-1", width, scheme, found);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere else" }).ClickAsync();
        await Judge(here, "secure-2", width, scheme, found);
        await Send(here, "form.card", ("currentPassword", person.Password), ("newPassword", "short"), ("newPasswordAgain", "shorter"));
        await Judge(here, "secure-2-refused", width, scheme, found);
        await Send(here, "form.card", ("currentPassword", person.Password), ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        await Judge(here, "secure-3", width, scheme, found);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Finish without two-factor" }).ClickAsync();
        await Judge(here, "secure-done", width, scheme, found);

        await using var boss = await chromium.Open(app, width: width, scheme: scheme);
        await boss.SignIn(admin.Email, admin.Password);
        await Look(boss, $"{crew.Page}/unusual", "workspace-unusual-secured", width, scheme, found);
        Assert.Empty(found);
        Assert.Empty(here.Complaints);
    }
}
