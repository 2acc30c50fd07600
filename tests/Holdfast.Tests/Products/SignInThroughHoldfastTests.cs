using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>What a product gets from the library: who is there, with what proof, and for how long.</summary>
public sealed class SignInThroughHoldfastTests
{
    [Theory, Engines]
    public async Task Whoever_is_signed_in_at_Holdfast_comes_back_to_the_page_they_wanted_and_the_product_knows_them(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (person, holdfast, _) = await trust.SignedIn(workspace: "Northwind");
        var here = trust.Product.Visitor();
        Assert.Equal("Nobody", (await here.Get("/")).Expect(200).Body);
        var back = await trust.Product.Ask(here, holdfast, "/orders?page=2&sort=a%20b");
        var done = (await here.Get(back)).Expect(303);
        Assert.Equal("/orders?page=2&sort=a%20b", done.Location);
        Assert.Equal("no-store", done.Header("Cache-Control"));
        var me = (await here.Get("/orders")).Expect(200).Json;
        Assert.Equal((person.Id, person.Name, person.Email), (me.GetProperty("id").GetString(), me.GetProperty("name").GetString(), me.GetProperty("email").GetString()));
        Assert.False(me.GetProperty("secondFactor").GetBoolean());
        Assert.Equal("pwd", Assert.Single(me.GetProperty("methods").EnumerateArray()).GetString());
        Assert.Equal(trust.App.Now.ToUnixTimeSeconds(), me.GetProperty("provenAt").GetDateTimeOffset().ToUnixTimeSeconds());
        var workspace = Assert.Single(me.GetProperty("workspaces").EnumerateArray());
        Assert.Equal(("Northwind", "member"), (workspace.GetProperty("name").GetString(), workspace.GetProperty("role").GetString()));
        Assert.Equal($"Signed in as {person.Name}", (await here.Get("/")).Body);
        Assert.Contains((await here.Get("/claims")).Json.EnumerateArray(), c => c.GetString() == $"sub={person.Id}");
        // Roles hold in their workspace alone: they are none of ASP.NET Core's.
        Assert.DoesNotContain((await here.Get("/claims")).Json.EnumerateArray(), c => c.GetString()!.StartsWith("role=", StringComparison.Ordinal));
        Assert.StartsWith("hf_at_", (await here.Get("/token")).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Cookies_are_of_this_host_alone_and_hold_nothing(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (person, holdfast, _) = await trust.SignedIn();
        var here = trust.Product.Visitor();
        var started = (await here.Get("/orders")).Expect(303);
        var attempt = Assert.Single(started.SetCookies);
        Assert.Matches($"^{trust.Product.Cookie}-in-[A-Za-z0-9_-]{{8}}=[A-Za-z0-9_-]+; max-age=1800; path=/; secure; samesite=lax; httponly$", attempt);
        var finished = (await here.Get(await trust.Product.Ask(here, holdfast))).Expect(303);
        Assert.Matches($"^{trust.Product.Cookie}=[A-Za-z0-9_-]{{43}}; path=/; secure; samesite=lax; httponly$", finished.SetCookie(trust.Product.Cookie));
        // The attempt that came to its end is forgotten; the one that was left half-way stays its half hour.
        Assert.Equal(2, here.Cookies.Count);
        // A new key with each sign-in, and the one before serves no more.
        var before = here.Copy();
        (await before.Get("/orders")).Expect(200);
        (await here.Get(await trust.Product.Ask(here, holdfast))).Expect(303);
        Assert.NotEqual(before.Cookies[trust.Product.Cookie], here.Cookies[trust.Product.Cookie]);
        (await before.Get("/orders")).Expect(303);
        (await here.Get("/orders")).Expect(200);
        // Neither secrets nor who it was about reach the log.
        foreach (var secret in new[] { Application.Secret("shop"), "hf_at_", "hf_rt_", "eyJ", person.Email, here.Cookies[trust.Product.Cookie] }) Assert.DoesNotContain(secret, trust.Product.Logs.Everything, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Many_sign_ins_that_were_left_half_way_do_not_pile_up(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var here = trust.Product.Visitor();
        for (var i = 0; i < 9; i++) (await here.Get("/orders")).Expect(303);
        Assert.InRange(here.Cookies.Count, 1, 4);
        var (_, holdfast, _) = await trust.SignedIn();
        Assert.Equal("/", (await here.Get(await trust.Product.Ask(here, holdfast))).Expect(303).Location);
    }

    [Theory, Engines]
    public async Task A_second_factor_is_asked_for_where_the_product_wants_one(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (person, phone, holdfast) = await trust.App.AddWithTwoFactor();
        var app = trust.App;
        // Signed in with a password before there was a second factor; setting one up is no proof by it.
        var here = await trust.Product.SignedIn(holdfast);
        (await here.Get("/orders")).Expect(200);
        var asked = (await here.Get("/payouts")).Expect(303).Location!;
        Assert.Contains("acr_values=urn%3Aholdfast%3Aacr%3A2fa", asked, StringComparison.Ordinal);
        Assert.Contains("max_age=600", asked, StringComparison.Ordinal);
        app.NextCode();
        (await holdfast.StepUpBy(phone.Code())).Expect(200);
        Assert.Equal("/payouts", (await here.Get(await trust.Product.Ask(here, holdfast, "/payouts"))).Expect(303).Location);
        var me = (await here.Get("/payouts")).Expect(200).Json;
        Assert.True(me.GetProperty("secondFactor").GetBoolean());
        Assert.Contains(me.GetProperty("methods").EnumerateArray(), m => m.GetString() == "otp");
        // It gets old; what asks for less stays open.
        app.Clock.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(1));
        (await here.Get("/payouts")).Expect(303);
        (await here.Get("/orders")).Expect(200);
        // A password is a proof, but not this one.
        (await holdfast.StepUp(person.Password)).Expect(200);
        Assert.Equal("/orders", (await here.Get(await trust.Product.Ask(here, holdfast, "/holdfast/sign-in?return=/orders"))).Expect(303).Location);
        (await here.Get("/payouts")).Expect(303);
    }

    [Theory, Engines(-90, 90)]
    public async Task A_clock_that_is_off_sends_nobody_to_and_fro(string engine, int seconds)
    {
        await using var trust = await Trust.Start(engine);
        var (app, product) = (trust.App, trust.Product);
        var (_, phone, holdfast) = await app.AddWithTwoFactor();
        app.NextCode();
        (await holdfast.StepUpBy(phone.Code())).Expect(200);
        // As if Holdfast's clock were off ours.
        product.Wire.Forge(claims =>
        {
            foreach (var name in (string[])["iat", "exp", "auth_time"]) claims[name] = (long)claims[name]! + seconds;
            return app.Get<SigningKeys>().Sign(claims, IdToken.Type);
        });
        var here = product.Visitor();
        var back = await product.Ask(here, holdfast, "/holdfast/sign-in?return=/payouts&second_factor=true&max_age=60");
        // Too far ahead, it is refused, aloud; behind, it is taken, and the proof is as old as Holdfast says that it is.
        if (seconds > 0)
        {
            (await here.Get(back)).Expect(400);
            return;
        }
        (await here.Get(back)).Expect(303);
        (await here.Get("/payouts")).Expect(200);
    }

    [Theory, Engines]
    public async Task Scripts_are_told_what_is_missing_and_are_not_sent_to_another_site(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, _, here) = await trust.SignedIn();
        var stranger = trust.Product.Visitor();
        Product.IsScript(stranger);
        Product.IsScript(here);
        var refused = (await stranger.Get("/orders")).Expect(401);
        Assert.Equal("Holdfast error=\"login_required\"", refused.Header("WWW-Authenticate"));
        Assert.Empty(refused.SetCookies);
        Assert.Equal("Holdfast error=\"insufficient_user_authentication\", acr_values=\"urn:holdfast:acr:2fa\", max_age=\"600\"", (await here.Get("/payouts")).Expect(401).Header("WWW-Authenticate"));
        // What it then asks for by a page load.
        here.Headers["Sec-Fetch-Mode"] = "navigate";
        Assert.Contains("max_age=600", (await here.Get("/holdfast/sign-in?return=/orders&second_factor=true&max_age=600")).Expect(303).Location, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Signing_out_ends_the_session_here_and_at_Holdfast(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, holdfast, here) = await trust.SignedIn();
        var copy = here.Copy();
        // A page of a neighbouring host may send a form with our cookie; it signs nobody out.
        here.Headers["Sec-Fetch-Site"] = "same-site";
        (await here.Post("/holdfast/sign-out")).Expect(403);
        here.Headers["Sec-Fetch-Site"] = "same-origin";
        (await here.Get("/orders")).Expect(200);
        var leaving = (await here.Post("/holdfast/sign-out")).Expect(303);
        Assert.StartsWith(trust.App.Settings.Server.Issuer + "/oauth/logout?id_token_hint=", leaving.Location, StringComparison.Ordinal);
        Assert.DoesNotContain(trust.Product.Cookie, here.Cookies.Keys);
        (await copy.Get("/orders")).Expect(303);
        var left = (await holdfast.Get(new Uri(leaving.Location!).PathAndQuery)).Expect(302);
        Assert.Equal("/", (await here.Get(trust.Product.Within(left.Location!))).Expect(302).Location);
        (await holdfast.Get("/api/v1/session")).Expect(401);
        // Once more, by whoever is signed out already.
        Assert.Equal("/", (await here.Post("/holdfast/sign-out")).Expect(303).Location);
    }

    [Theory, Engines]
    public async Task The_session_goes_on_with_new_tokens_and_says_what_changed_at_Holdfast(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, holdfast, here) = await trust.SignedIn();
        var tokens = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            tokens.Add((await here.Get("/token")).Expect(200).Body);
            trust.App.Clock.Advance(TimeSpan.FromMinutes(20));
        }
        Assert.Equal(5, tokens.Count);
        (await holdfast.Patch("/api/v1/account", new { name = "Tomasz W. Wiśniewski" })).Expect(200);
        Assert.Equal("Signed in as Tomasz W. Wiśniewski", (await here.Get("/")).Body);
    }

    [Theory, Engines]
    public async Task Many_requests_at_once_ask_once_and_none_loses_the_new_tokens(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, _, here) = await trust.SignedIn();
        for (var round = 0; round < 3; round++)
        {
            trust.App.Clock.Advance(TimeSpan.FromMinutes(6));
            var before = trust.Product.Wire.Calls;
            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => here.Get("/orders"))));
            Assert.All(answers, answer => answer.Expect(200));
            // A refresh and a question each for those who came while none was under way: far from forty.
            Assert.InRange(trust.Product.Wire.Calls - before, 2, 21);
        }
    }

    [Theory, Engines]
    public async Task Who_may_not_be_let_in_is_told_why_and_how_to_go_on(string engine)
    {
        await using var trust = await Trust.Start(engine, options => options.FailurePath = null);
        var here = trust.Product.Visitor();
        var started = (await here.Get("/payouts")).Expect(303).Location!;
        var state = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(started).Query)["state"].ToString();
        var issuer = Uri.EscapeDataString(trust.App.Settings.Server.Issuer);
        // No second factor, and the person says so at Holdfast.
        var told = (await here.Get($"/holdfast/callback?error=unmet_authentication_requirements&state={state}&iss={issuer}")).Expect(403);
        Assert.Contains("A second factor is needed", told.Body, StringComparison.Ordinal);
        Assert.Contains("/holdfast/sign-in?return=%2Fpayouts", told.Body, StringComparison.Ordinal);
        // The same once more: it is used up.
        Assert.Contains("This sign-in is over", (await here.Get($"/holdfast/callback?error=access_denied&state={state}&iss={issuer}")).Expect(400).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_product_may_show_failures_on_a_page_of_its_own()
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite, options => options.FailurePath = "/sorry");
        Assert.Equal("/sorry?error=not_begun_here&return=%2F", (await trust.Product.Visitor().Get("/holdfast/callback?code=x&state=y")).Expect(303).Location);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/\t/evil.example/")]
    [InlineData("\\/evil.example")]
    [InlineData("javascript:alert(1)")]
    [InlineData("orders")]
    [InlineData("/a\\b")]
    [InlineData("/a\r\nSet-Cookie: a=b")]
    [InlineData("")]
    public async Task A_return_address_elsewhere_leads_home(string address)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        var (_, holdfast, _) = await trust.SignedIn();
        var here = trust.Product.Visitor();
        Assert.Equal("/", (await here.Get(await trust.Product.Ask(here, holdfast, $"/holdfast/sign-in?return={Uri.EscapeDataString(address)}"))).Expect(303).Location);
    }

    [Theory]
    [InlineData("Authority", "http://id.example.com", "https")]
    [InlineData("Authority", "", "missing")]
    [InlineData("ClientId", "", "missing")]
    [InlineData("ClientSecret", "", "missing")]
    [InlineData("CheckEvery", "00:06:00", "0 to 5 minutes")]
    [InlineData("UnreachableFor", "-00:00:01", "0 to 15 minutes")]
    [InlineData("IdleFor", "00:01:00", "10 minutes to 90 days")]
    [InlineData("SignedOutPath", "https://evil.example", "a path of the product")]
    [InlineData("Authority", "http://id.localhost:8080", "https")]
    [InlineData("PublicUrl", "https://app.example.com/path", "without a path")]
    [InlineData("PublicUrl", "http://localhost.example.com", "https")]
    [InlineData("Autority", "https://id.example.com", "Autority")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value, string says)
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => StartWith(key, value));
        Assert.Contains(key, wrong.ToString(), StringComparison.Ordinal);
        Assert.Contains(says, wrong.ToString(), StringComparison.Ordinal);
    }

    private static async Task StartWith(string key, string value)
    {
        var (host, stop) = SettingsHost.Build(new Dictionary<string, string?> { ["Holdfast:Authority"] = "https://id.example.com", ["Holdfast:ClientId"] = "shop", ["Holdfast:ClientSecret"] = "a secret", [$"Holdfast:{key}"] = value });
        await using (stop) await host();
    }
}
