using Holdfast.Browser.Support;
using Holdfast.Features.Sessions;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>What open pages do by themselves when their session ends, and what they do not.</summary>
public sealed class LiveSignOut
{
    /// <summary>A browser without a window cannot be covered by another: the page is told that it was.</summary>
    private const string Hide = "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true }); document.dispatchEvent(new Event('visibilitychange', { bubbles: true })); }";

    private static async Task Until(Func<bool> true_)
    {
        for (var i = 0; !true_(); i++)
        {
            if (i > 600) throw new TimeoutException("Waited fifteen seconds");
            await Task.Delay(25);
        }
    }

    private static async Task SignIn(Onlooker somebody, Person person)
    {
        await somebody.SignIn(person.Email, person.Password);
        await Expect(somebody.Page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
    }

    private static ILocator Heading(IPage page) => page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to Quayside" });

    [Theory]
    [Engines]
    public async Task A_page_of_a_session_that_was_ended_elsewhere_goes_to_the_sign_in_page_by_itself_and_back_after_signing_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var laptop = await chromium.Open(app);
        await using var phone = await chromium.Open(app, width: 390);
        await SignIn(laptop, person);
        await SignIn(phone, person);
        await phone.Page.GotoAsync("/account/activity?kind=sign-ins");
        await Until(() => app.Get<SessionStreams>().Count == 2);
        await laptop.Page.GotoAsync("/account/sessions");
        await laptop.Page.GetByRole(AriaRole.Button, new() { Name = "Chrome on Linux" }).ClickAsync();
        await Expect(phone.Page.GetByText("This device was signed out from another one")).ToBeVisibleAsync();
        await phone.Photograph("live-sign-out");
        Assert.Equal("/sign-in?return=%2Faccount%2Factivity%3Fkind%3Dsign-ins", new Uri(phone.Page.Url).PathAndQuery);
        await phone.Page.GetByLabel("E-mail address").FillAsync(person.Email);
        await phone.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await phone.Page.WaitForURLAsync("**/account/activity?kind=sign-ins");
        await Expect(laptop.Page.GetByText("Chrome on Linux was signed out.")).ToBeVisibleAsync();
        Assert.Empty(laptop.Complaints);
        Assert.Empty(phone.Complaints);
    }

    [Fact]
    public async Task A_page_that_is_not_seen_holds_no_stream_and_looks_as_soon_as_it_is_seen_again()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        await SignIn(here, person);
        await Until(() => app.Get<SessionStreams>().Count == 1);
        await here.Page.EvaluateAsync(Hide, "hidden");
        await Until(() => app.Get<SessionStreams>().Count == 0);
        await here.Page.EvaluateAsync(Hide, "visible");
        await Until(() => app.Get<SessionStreams>().Count == 1);
        await here.Page.EvaluateAsync(Hide, "hidden");
        await Until(() => app.Get<SessionStreams>().Count == 0);
        var elsewhere = await app.SignedIn(person);
        (await elsewhere.Post("/api/v1/sessions/end-others")).Expect(200);
        Assert.Equal("/account/security", new Uri(here.Page.Url).AbsolutePath);
        await here.Page.EvaluateAsync(Hide, "visible");
        await Expect(here.Page.GetByText("This device was signed out from another one")).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    [Theory]
    [Engines]
    public async Task A_new_token_in_one_tab_leaves_the_other_tab_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        await SignIn(here, person);
        var other = await here.Another();
        await other.GotoAsync("/account/activity");
        await Until(() => app.Get<SessionStreams>().Count == 2);
        await other.EvaluateAsync("window.untouched = true");

        // A step-up, then a changed password: each gives the session a new token.
        await here.Page.GotoAsync("/step-up?return=/account/sessions");
        await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await here.Page.WaitForURLAsync("**/account/sessions");
        var token = await Token(here);
        await Until(() => app.Get<SessionStreams>().CountOf(TestApp.HashOf(token)) == 2);
        await here.Page.GotoAsync("/account/security");
        await here.Page.GetByLabel("Current password").FillAsync(person.Password);
        await here.Page.GetByLabel("New password", new() { Exact = true }).FillAsync(TestApp.OtherPassword);
        await here.Page.GetByLabel("New password, once more").FillAsync(TestApp.OtherPassword);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(here.Page.GetByText("Your password was changed")).ToBeVisibleAsync();
        Assert.NotEqual(token, await Token(here));
        token = await Token(here);
        await Until(() => app.Get<SessionStreams>().CountOf(TestApp.HashOf(token)) == 2);
        Assert.True(await other.EvaluateAsync<bool>("window.untouched === true"));

        // Signing out in the one takes the other along; signing in as somebody else does not leave the old page standing.
        await here.Page.GotoAsync("/sign-out");
        await here.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(here.Page.GetByText("You are signed out")).ToBeVisibleAsync();
        await Expect(Heading(other)).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    [Fact]
    public async Task A_page_of_somebody_who_was_here_before_does_not_stay_when_another_person_signs_in()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var (before, after) = (await app.AddAccount(), await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        await SignIn(here, before);
        var other = await here.Another();
        await other.GotoAsync("/account");
        await Until(() => app.Get<SessionStreams>().Count == 2);
        await other.EvaluateAsync(Hide, "hidden");
        await here.Page.GotoAsync("/sign-out");
        await here.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await SignIn(here, after);
        await Expect(other.GetByLabel("Your name")).ToHaveValueAsync(before.Name);
        await other.EvaluateAsync(Hide, "visible");
        await Expect(other.GetByLabel("Your name")).ToHaveValueAsync(after.Name);
    }

    [Fact]
    public async Task A_page_waits_for_a_server_that_stopped_and_hears_what_happened_meanwhile()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var app = await TestApp.Start(TestDatabase.Sqlite, database: database);
        var port = app.Address.Port;
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        await SignIn(here, person);
        await Until(() => app.Get<SessionStreams>().Count == 1);
        await app.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal("/account/security", new Uri(here.Page.Url).AbsolutePath);
        await using var again = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["Port"] = $"{port}" }, database: database);
        await Until(() => again.Get<SessionStreams>().Count == 1);
        var elsewhere = await again.SignedIn(person);
        (await elsewhere.Post("/api/v1/sessions/end-others")).Expect(200);
        await Expect(here.Page.GetByText("This device was signed out from another one")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_of_the_product_behind_the_same_name_goes_along()
    {
        await using var host = await SameHost.Start(TestDatabase.Sqlite, ReverseProxy.Nginx);
        var person = await host.App.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(host.App, proxy: host.Proxy.Address);
        await here.Page.GotoAsync("/reports?year=2026");
        await here.Page.GetByLabel("E-mail address").FillAsync(person.Email);
        await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "The product" })).ToBeVisibleAsync();
        Assert.Equal("/reports?year=2026", new Uri(here.Page.Url).PathAndQuery);
        await Until(() => host.App.Get<SessionStreams>().Count == 1);
        var elsewhere = await host.App.SignedIn(person);
        (await elsewhere.Post("/api/v1/sessions/end-others")).Expect(200);
        await Expect(here.Page.GetByText("This device was signed out from another one")).ToBeVisibleAsync();
        Assert.Equal("/sign-in?return=%2Freports%3Fyear%3D2026", new Uri(here.Page.Url).PathAndQuery);
        Assert.Empty(here.Complaints);
        Assert.DoesNotContain("[warn]", host.Proxy.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_for_strangers_hold_no_stream()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var stranger = await chromium.Open(app);
        foreach (var path in new[] { "/sign-in", "/account/policy", "/nothing-here" })
        {
            await stranger.Page.GotoAsync(path);
            Assert.Equal(0, await stranger.Page.Locator("script[src='/js/live.js']").CountAsync());
        }
    }

    private static async Task<string> Token(Onlooker somebody) => (await somebody.Page.Context.CookiesAsync()).Single(cookie => cookie.Name == Visitor.SessionCookie).Value;
}
