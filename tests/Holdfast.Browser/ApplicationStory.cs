using System.Net;
using System.Text;
using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>
/// Signing in to an application of another origin, in a real browser. Chromium holds every redirect that follows a form to <c>form-action</c>: whatever a person has to do on the way, they arrive, with and without JavaScript.
/// </summary>
public sealed class ApplicationStory
{
    [Theory, Engines(true, false)]
    public async Task Somebody_signs_in_on_the_way_and_arrives(string engine, bool script)
    {
        await using var there = new Product();
        await using var app = await TestApp.Start(engine, there.Settings());
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        await there.Begin(here, app, "shop");
        await FillIn(here, person);
        await Arrived(here, there);
        // And at once the next time.
        await there.Begin(here, app, "shop");
        await Arrived(here, there);
        // A proof on the way.
        await there.Begin(here, app, "shop", ("prompt", "login"));
        await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await Arrived(here, there);
        Assert.Empty(here.Complaints);
    }

    [Theory, Engines(true, false)]
    public async Task The_second_step_is_on_the_way_as_well(string engine, bool script)
    {
        await using var there = new Product();
        await using var app = await TestApp.Start(engine, there.Settings());
        var (person, phone, _) = await app.AddWithTwoFactor();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        app.NextCode();
        await there.Begin(here, app, "shop", ("acr_values", "urn:holdfast:acr:2fa"));
        await FillIn(here, person);
        await here.Page.GetByLabel("6-digit code").FillAsync(phone.Code());
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Arrived(here, there);
        Assert.Empty(here.Complaints);
    }

    [Theory, Engines(true, false)]
    public async Task Consent_is_asked_for_and_either_answer_goes_back(string engine, bool script)
    {
        await using var there = new Product();
        await using var app = await TestApp.Start(engine, there.Settings());
        var person = await app.AddAccount(workspace: "Almond & Birch");
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        await there.Begin(here, app, "tide");
        await FillIn(here, person);
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "Tide calendar asks for access to your account" })).ToBeVisibleAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Deny" }).ClickAsync();
        await Expect(here.Page.GetByText("error=access_denied")).ToBeVisibleAsync();
        await there.Begin(here, app, "tide");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Allow access" }).ClickAsync();
        await Arrived(here, there);
        await here.Page.GotoAsync("/account/apps");
        await here.Page.GetByRole(AriaRole.Link, new() { Name = "Revoke Tide calendar" }).ClickAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Revoke", Exact = true }).ClickAsync();
        await Expect(here.Page.GetByText("Tide calendar can use your account no longer.")).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    [Theory, Engines(true, false)]
    public async Task Who_has_to_set_up_two_factor_first_does_and_then_goes_on(string engine, bool script)
    {
        await using var there = new Product();
        await using var app = await TestApp.Start(engine, there.Settings(("TwoFactor:RequiredForRoles", "owner")));
        var owner = await (await Crew.Found(app)).Add("owner", "mara@almondbirch.example", "Mara Lindqvist");
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        await there.Begin(here, app, "shop");
        await FillIn(here, owner);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Set up now" }).ClickAsync();
        var key = string.Concat(await here.Page.Locator(".key-groups span").AllInnerTextsAsync());
        await here.Page.GetByLabel("6-digit code").FillAsync(Phone.At(key, app.Now));
        await here.Page.GetByLabel("Name").FillAsync("My phone");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await here.Page.GetByLabel("I have saved these codes").CheckAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await here.Page.GetByRole(AriaRole.Link, new() { Name = "Go on to the application" }).ClickAsync();
        await Arrived(here, there);
        Assert.Empty(here.Complaints);
    }

    [Theory, Engines(true, false)]
    public async Task Signing_out_there_asks_here_and_goes_back(string engine, bool script)
    {
        await using var there = new Product();
        await using var app = await TestApp.Start(engine, there.Settings());
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        await here.SignIn(person.Email, person.Password);
        await there.Follow(here, $"http://localhost:{app.Address.Port}/oauth/logout?client_id=shop&post_logout_redirect_uri={Uri.EscapeDataString(there.Address + "/bye")}");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(here.Page).ToHaveURLAsync(there.Address + "/bye");
        Assert.Empty(here.Complaints);
    }

    private static async Task FillIn(Onlooker here, Person person)
    {
        await here.Page.GetByLabel("E-mail address").FillAsync(person.Email);
        await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
    }

    private static async Task Arrived(Onlooker here, Product there)
    {
        await Expect(here.Page.GetByText("The product has: code=")).ToBeVisibleAsync();
        Assert.StartsWith(there.Address + "/in?code=", here.Page.Url, StringComparison.Ordinal);
    }

    /// <summary>An application on an origin of its own.</summary>
    private sealed class Product : IAsyncDisposable
    {
        private readonly LoopbackListener _listener = new(Answer);

        public string Address => _listener.Address;

        public Dictionary<string, string?> Settings(params (string Key, string Value)[] more)
        {
            var settings = new Dictionary<string, string?>(Application.Settings) { ["OAuth:Clients:shop:Redirects"] = Address + "/in", ["OAuth:Clients:shop:SignOuts"] = Address + "/bye", ["OAuth:Clients:tide:Redirects"] = Address + "/in" };
            foreach (var (key, value) in more) settings[key] = value;
            return settings;
        }

        /// <summary>The person presses "Sign in" there.</summary>
        public Task Begin(Onlooker here, TestApp app, string client, params (string Name, string Value)[] more) =>
            Follow(here, $"http://localhost:{app.Address.Port}{new Application(app, client, null, Address + "/in", "openid profile").Authorize(more)}");

        public async Task Follow(Onlooker here, string address)
        {
            await here.Page.GotoAsync($"{Address}/?to={Uri.EscapeDataString(address)}");
            await here.Page.GetByRole(AriaRole.Link, new() { Name = "Go" }).ClickAsync();
        }

        public ValueTask DisposeAsync() => _listener.DisposeAsync();

        private static async Task Answer(HttpListenerContext context)
        {
            var to = context.Request.QueryString["to"];
            var body = to is null ? $"<title>Product</title><p>The product has: {WebUtility.HtmlEncode(context.Request.Url!.Query.TrimStart('?'))}</p>" : $"<title>Product</title><a href=\"{WebUtility.HtmlEncode(to)}\">Go</a>";
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body));
            context.Response.Close();
        }
    }
}
