using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Features.Audit;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>Signing in to an application, all the way.</summary>
public sealed class CodeFlowTests
{
    [Theory, Engines]
    public async Task An_application_of_ours_gets_a_code_tokens_and_what_the_scopes_ask_for(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var crew = await Crew.Found(app);
        var person = await crew.Add("admin", "mara@almondbirch.example", "Mara Lindqvist");
        var visitor = await app.SignedIn(person);
        var shop = Shop(app);
        var back = shop.Back((await visitor.Get(shop.Authorize())).Expect(302));
        Assert.Equal(["code", "iss", "state"], back.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("a state & more", back["state"]);
        Assert.Equal(TestSettings.PublicUrl, back["iss"]);

        var answer = (await shop.Exchange(back["code"])).Expect(200);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        var tokens = answer.Json;
        Assert.Equal("Bearer", Text(tokens, "token_type"));
        Assert.Equal(300, tokens.GetProperty("expires_in").GetInt64());
        Assert.Equal("openid profile email workspaces offline_access", Text(tokens, "scope"));

        var (header, claims) = await shop.Read(Text(tokens, "id_token"));
        Assert.Equal("JWT", Text(header, "typ"));
        Assert.Equal((TestSettings.PublicUrl, person.Id, "shop", "n-0S6", "urn:holdfast:acr:1fa"), (Text(claims, "iss"), Text(claims, "sub"), Text(claims, "aud"), Text(claims, "nonce"), Text(claims, "acr")));
        Assert.Equal(["pwd"], claims.GetProperty("amr").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal((await visitor.Sessions())[0], Text(claims, "sid"));
        Assert.Equal(app.Now.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        Assert.Equal(app.Now.AddMinutes(5).ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64());
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Text(tokens, "access_token"))).AsSpan(0, 16)), Text(claims, "at_hash"));
        Assert.False(claims.TryGetProperty("email", out _));

        var info = (await shop.UserInfo(Text(tokens, "access_token"))).Expect(200).Json;
        Assert.Equal((person.Id, person.Name, person.Email), (Text(info, "sub"), Text(info, "name"), Text(info, "email")));
        var place = Assert.Single(info.GetProperty("workspaces").EnumerateArray());
        Assert.Equal((crew.Id, crew.Slug, "admin"), (Text(place, "id"), Text(place, "slug"), Text(place, "role")));
        Assert.Contains("users.invite", place.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));

        var about = await shop.Introspect(Text(tokens, "access_token"));
        Assert.Equal(["acr", "active", "aud", "auth_time", "client_id", "exp", "iat", "iss", "scope", "sid", "sub", "token_type"], about.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.Equal(("shop", "shop", person.Id), (Text(about, "client_id"), Text(about, "aud"), Text(about, "sub")));
        Assert.Contains(AuditKind.ApplicationOpened, await visitor.Activity());
    }

    [Theory, Engines]
    public async Task Only_what_the_scopes_ask_for_is_told(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount());
        var shop = Shop(app);
        var tokens = await shop.Tokens(visitor, ("scope", "openid"));
        Assert.False(tokens.TryGetProperty("refresh_token", out _));
        Assert.Equal(["sub"], (await shop.UserInfo(Text(tokens, "access_token"))).Expect(200).Json.EnumerateObject().Select(p => p.Name));
        // Without openid there is no id token, and nobody to ask about.
        var bare = await shop.Tokens(visitor, ("scope", "profile"));
        Assert.False(bare.TryGetProperty("id_token", out _));
        (await shop.UserInfo(Text(bare, "access_token"))).Expect(403);
    }

    [Theory, Engines]
    public async Task A_stranger_signs_in_first_and_comes_back_to_the_application_by_a_page_that_goes_on(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (app.Visitor(), Shop(app));
        var page = await visitor.Open(shop.Authorize());
        Assert.StartsWith("/sign-in?return=", page.Path, StringComparison.Ordinal);
        // As browsers tell after a form of ours.
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        var leaving = await page.Submit("form", ("email", person.Email), ("password", person.Password));
        Assert.Equal(200, leaving.Answer.Status);
        var back = shop.Back(leaving.Answer);
        Assert.Equal(back["code"], Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(new Uri(leaving.Document.QuerySelector("a.button-primary")!.GetAttribute("href")!).Query)["code"].ToString());
        Assert.Contains("form-action 'self'", leaving.Answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        (await shop.Exchange(back["code"])).Expect(200);
    }

    [Theory, Engines]
    public async Task A_long_request_finds_its_way_through_sign_in(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (app.Visitor(), Shop(app));
        var state = new string('s', 2000);
        var page = await visitor.Open(shop.Authorize(("state", state)));
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        Assert.Equal(state, shop.Back((await page.Submit("form", ("email", person.Email), ("password", person.Password))).Answer)["state"]);
        (await visitor.Get(shop.Authorize(("state", new string('s', 4000))))).Expect(400);
    }

    [Theory, Engines]
    public async Task A_posted_request_is_asked_again_as_GET(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        using var body = new FormUrlEncodedContent(Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(shop.Authorize().Split('?')[1]).Select(p => new KeyValuePair<string, string>(p.Key, p.Value.ToString())));
        var answer = (await visitor.Send(HttpMethod.Post, "/oauth/authorize", body, request => request.Headers.Add("Sec-Fetch-Site", "cross-site"))).Expect(303);
        Assert.Contains("code", shop.Back((await visitor.Get(answer.Location!)).Expect(302)).Keys);
    }

    [Theory, Engines]
    public async Task A_refresh_token_serves_once_and_another_follows(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount());
        foreach (var application in new[] { Shop(app), Phone(app) })
        {
            var first = await application.Tokens(visitor);
            app.Clock.Advance(TimeSpan.FromMinutes(6));
            (await application.UserInfo(Text(first, "access_token"))).Expect(401);
            var second = (await application.Refresh(Text(first, "refresh_token"))).Expect(200).Json;
            Assert.NotEqual(Text(first, "refresh_token"), Text(second, "refresh_token"));
            (await application.UserInfo(Text(second, "access_token"))).Expect(200);
            (await application.Refresh(Text(second, "refresh_token"))).Expect(200);
        }
    }

    [Theory, Engines]
    public async Task A_lost_answer_is_given_again_for_half_a_minute(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var first = await shop.Tokens(visitor);
        var lost = (await shop.Refresh(Text(first, "refresh_token"))).Expect(200).Json;
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        var again = (await shop.Refresh(Text(first, "refresh_token"))).Expect(200).Json;
        Assert.Equal(Text(lost, "refresh_token"), Text(again, "refresh_token"));
        Assert.NotEqual(Text(lost, "access_token"), Text(again, "access_token"));
        (await shop.Refresh(Text(again, "refresh_token"))).Expect(200);
    }

    [Theory, Engines]
    public async Task A_program_with_a_loopback_address_gets_its_code_at_any_port(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount());
        // Another program may be listening there: the person is asked each time, though the application is the product's own.
        foreach (var program in new[] { new Application(app, "phone", null, "http://127.0.0.1:51234/in"), new Application(app, "phone", null, "com.example.quayside:/signed-in") })
        {
            for (var time = 0; time < 2; time++)
            {
                Assert.Equal("consent_required", program.Back((await visitor.Get(program.Authorize(("prompt", "none")))).Expect(302))["error"]);
                var page = await visitor.Open(program.Authorize());
                Assert.Equal("/oauth/consent", page.Path.Split('?')[0]);
                Assert.Contains("runs on your device", page.Text, StringComparison.Ordinal);
                var allowed = await page.Submit("button[value=allow]");
                (await program.Exchange(program.Back(allowed.Answer)["code"])).Expect(200);
            }
        }
    }

    [Theory, Engines]
    public async Task A_client_shows_its_secret_in_the_header_or_in_the_body(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        (await shop.CallBasic("/oauth/token", Secret("shop"), ("grant_type", "authorization_code"), ("code", await shop.Code(visitor)), ("redirect_uri", ShopRedirect), ("code_verifier", shop.Verifier))).Expect(200);
        Assert.Equal("Basic realm=\"oauth\"", (await shop.CallBasic("/oauth/token", "wrong", ("grant_type", "authorization_code"))).Expect(401).Header("WWW-Authenticate"));
    }

    [Theory, Engines]
    public async Task Both_discovery_addresses_say_the_same_and_what_they_name_is_there(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = app.Visitor();
        var found = (await visitor.Get("/.well-known/openid-configuration")).Expect(200);
        Assert.Equal(found.Body, (await visitor.Get("/.well-known/oauth-authorization-server")).Expect(200).Body);
        Assert.Equal(TestSettings.PublicUrl, Text(found.Json, "issuer"));
        Assert.Contains("bookings.read", found.Json.GetProperty("scopes_supported").EnumerateArray().Select(s => s.GetString()));
        foreach (var name in found.Json.EnumerateObject().Where(p => p.Name.EndsWith("_endpoint", StringComparison.Ordinal) || p.Name == "jwks_uri"))
        {
            Assert.NotEqual(404, (await visitor.Get(name.Value.GetString()![TestSettings.PublicUrl.Length..])).Status);
        }
    }
}
