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
    public async Task Axe_finds_nothing_on_the_pages_of_applications_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, Application.Settings);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var (person, _) = await app.SetUp();
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        await crew.Join(person, "owner");
        await other.Join(person, "admin");
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(person.Email, person.Password);
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");

        await Look(here, Application.Tide(app).Authorize(("redirect_uri", "https://tide-calendar.example.net/in")), "oauth-refused", width, scheme, found);
        await Look(here, Application.Shop(app).Authorize(("acr_values", "urn:holdfast:acr:2fa")), "oauth-factor", width, scheme, found);
        await Look(here, Application.Tide(app).Authorize(("scope", "openid profile email workspaces offline_access bookings.read")), "consent", width, scheme, found);
        // The pages of another origin are not ours to look at, and are not there.
        await here.Page.RouteAsync("https://tidecalendar.example/**", route => route.AbortAsync());
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Allow access" }).ClickAsync();
        await using (var visitor = await chromium.Open(app, width: width, scheme: scheme)) await Look(visitor, "/oauth/logout?client_id=shop", "oauth-signed-out", width, scheme, found);
        await Look(here, "/oauth/logout?client_id=shop", "oauth-sign-out", width, scheme, found);
        await Application.Shop(app).Tokens(await app.SignedIn(person));
        await Look(here, "/account/apps", "apps", width, scheme, found);
        await Look(here, await here.Page.GetByRole(AriaRole.Link, new() { Name = "Revoke Tide calendar" }).GetAttributeAsync("href") ?? "", "apps-revoke", width, scheme, found);
        await Look(here, $"{crew.Page}/apps", "workspace-apps-none", width, scheme, found);
        var place = (await app.Db.Read(tx => Holdfast.Features.OAuth.GrantTable.Of(tx, person.Id))).Single(g => g.ClientId == "tide").WorkspaceId;
        var there = place == crew.Id ? crew.Page : place == other.Id ? other.Page : "/w/northwind";
        await Look(here, $"{there}/apps", "workspace-apps", width, scheme, found);
        await Look(here, $"{there}/users/{person.Id}", "user-apps", width, scheme, found);
        await Look(here, await here.Page.GetByRole(AriaRole.Link, new() { Name = "Revoke Tide calendar" }).GetAttributeAsync("href") ?? "", "user-apps-revoke", width, scheme, found);

        await Look(here, "/operator/clients", "clients", width, scheme, found);
        await Look(here, "/operator/clients/shop", "client-of-settings", width, scheme, found);
        await Look(here, "/operator/clients/new", "client-new", width, scheme, found);
        await Send(here, "form.card", ("name", ""), ("maker", "Tidewater Tools"), ("redirects", "https://tidecalendar.example/signed-in\nhttp://tidecalendar.example/signed-in"));
        await Judge(here, "client-refused", width, scheme, found);
        await Send(here, "form.card", ("name", "Tide calendar"), ("maker", "Tidewater Tools"), ("redirects", "https://tidecalendar.example/signed-in"));
        await Judge(here, "client-made", width, scheme, found);
        await Look(here, "/operator/clients/tide-calendar", "client", width, scheme, found);
        Assert.Empty(found);
        Assert.Empty(here.Complaints);
    }
}
