using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.OAuth;
using Holdfast.Features.Operator;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Attacks;

/// <summary>Attempts to get tokens with what was stolen or guessed, to use them where they are not meant for, and to go on with them when they are over.</summary>
public sealed class OAuthTokenAttacksTests
{
    [Theory, Engines]
    public async Task A_code_serves_once_and_a_second_use_ends_what_the_first_got(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var code = await shop.Code(visitor);
        var tokens = (await shop.Exchange(code)).Expect(200).Json;
        Assert.True(await shop.IsActive(Text(tokens, "access_token")));
        Assert.Equal("invalid_grant", Text((await shop.Exchange(code)).Expect(400).Json, "error"));
        Assert.False(await shop.IsActive(Text(tokens, "access_token")));
        (await shop.UserInfo(Text(tokens, "access_token"))).Expect(401);
        Assert.Equal("invalid_grant", Text((await shop.Refresh(Text(tokens, "refresh_token"))).Expect(400).Json, "error"));
        Assert.Contains(AuditKind.ApplicationReuse, await visitor.Activity());
    }

    [Theory, Engines]
    public async Task Of_fifty_who_use_a_code_at_once_one_gets_tokens_and_they_die(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var code = await shop.Code(visitor);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shop.Exchange(code)));
        var won = Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a != won), a => Assert.Equal(400, a.Status));
        Assert.False(await shop.IsActive(Text(won.Json, "access_token")));
        Assert.Single(await visitor.Activity(), kind => kind == AuditKind.ApplicationReuse);
    }

    [Theory, Engines]
    public async Task Of_fifty_who_refresh_at_once_all_get_the_one_follower(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var first = await shop.Tokens(visitor);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => shop.Refresh(Text(first, "refresh_token"))));
        Assert.Single(answers.Select(a => Text(a.Expect(200).Json, "refresh_token")).Distinct(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task A_code_is_of_no_use_to_another_or_without_what_belongs_to_it(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop, api) = (await app.SignedIn(await app.AddAccount()), Shop(app), Api(app));
        var code = await shop.Code(visitor);
        foreach (var (who, other) in new (Application, (string, string)[])[]
        {
            (api, [("redirect_uri", ShopRedirect), ("code_verifier", shop.Verifier)]), (shop, [("redirect_uri", "https://app.quayside.example/signed-in?to=1"), ("code_verifier", shop.Verifier)]),
            (shop, [("redirect_uri", ShopRedirect)]), (shop, [("redirect_uri", ShopRedirect), ("code_verifier", shop.Challenge)]), (shop, [("redirect_uri", ShopRedirect), ("code_verifier", new string('a', 43))]), (shop, [("redirect_uri", ShopRedirect), ("code_verifier", shop.Verifier + "\n")]),
        })
        {
            var answer = (await who.Call("/oauth/token", [("grant_type", "authorization_code"), ("code", code), .. other])).Expect(400);
            Assert.Equal("invalid_grant", Text(answer.Json, "error"));
        }
        // None of them used it up.
        (await shop.Exchange(code)).Expect(200);
        var late = await shop.Code(visitor);
        app.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal("invalid_grant", Text((await shop.Exchange(late)).Expect(400).Json, "error"));
    }

    [Theory, Engines]
    public async Task A_code_of_a_session_that_is_over_is_over(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var code = await shop.Code(visitor);
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        Assert.Equal("invalid_grant", Text((await shop.Exchange(code)).Expect(400).Json, "error"));
    }

    [Theory, Engines]
    public async Task A_refresh_token_that_comes_again_ends_its_family(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var (first, bystander) = (await shop.Tokens(visitor), await shop.Tokens(visitor));
        var second = (await shop.Refresh(Text(first, "refresh_token"))).Expect(200).Json;
        // Late, though the follower is unused; and at once, when it is used already.
        app.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("invalid_grant", Text((await shop.Refresh(Text(first, "refresh_token"))).Expect(400).Json, "error"));
        Assert.False(await shop.IsActive(Text(second, "access_token")));
        (await shop.Refresh(Text(second, "refresh_token"))).Expect(400);
        var third = (await shop.Refresh(Text(bystander, "refresh_token"))).Expect(200).Json;
        var fourth = (await shop.Refresh(Text(third, "refresh_token"))).Expect(200).Json;
        (await shop.Refresh(Text(bystander, "refresh_token"))).Expect(400);
        Assert.False(await shop.IsActive(Text(fourth, "access_token")));
        Assert.Equal(2, (await visitor.Activity()).Count(kind => kind == AuditKind.ApplicationReuse));
    }

    [Theory, Engines]
    public async Task A_refresh_token_is_of_no_use_to_another_client(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var tokens = await shop.Tokens(visitor);
        Assert.Equal("invalid_grant", Text((await Api(app).Refresh(Text(tokens, "refresh_token"))).Expect(400).Json, "error"));
        Assert.Equal("unauthorized_client", Text((await Api(app).Revoke(Text(tokens, "refresh_token"))).Expect(400).Json, "error"));
        (await shop.Refresh(Text(tokens, "refresh_token"))).Expect(200);
    }

    [Theory, Engines]
    public async Task A_token_of_one_audience_is_refused_at_another(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop, api, tide) = (await app.SignedIn(await app.AddAccount()), Shop(app), Api(app), Tide(app));
        var own = Text(await shop.Tokens(visitor), "access_token");
        var forApi = Text(await shop.Tokens(visitor, ("resource", ApiAddress)), "access_token");
        Assert.True(await shop.IsActive(own));
        Assert.False(await api.IsActive(own));
        Assert.False(await tide.IsActive(own));
        Assert.True(await api.IsActive(forApi));
        Assert.Equal(ApiAddress, Text(await api.Introspect(forApi), "aud"));
        Assert.False(await shop.IsActive(forApi));
        Assert.Equal(["active"], (await tide.Introspect(forApi)).EnumerateObject().Select(p => p.Name));
        // One for the API is none for us.
        (await shop.UserInfo(forApi)).Expect(401);
        // Others may not ask for our API without asking for something there.
        Assert.Equal("invalid_target", tide.Back((await visitor.Get(tide.Authorize(("resource", ApiAddress), ("scope", "openid")))).Expect(302))["error"]);
        // One without a secret may ask about nobody's.
        Assert.Equal("invalid_client", Text((await Phone(app).Call("/oauth/introspect", ("token", own))).Expect(401).Json, "error"));
    }

    [Theory, Engines]
    public async Task One_kind_of_token_is_not_taken_for_another(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var tokens = await shop.Tokens(visitor);
        var (access, refresh, id) = (Text(tokens, "access_token"), Text(tokens, "refresh_token"), Text(tokens, "id_token"));
        foreach (var wrong in new[] { id, refresh, access[6..], visitor.Token, "hf_at_" + visitor.Token, "hf_at_" + refresh[6..] })
        {
            (await shop.UserInfo(wrong)).Expect(401);
            Assert.False(await shop.IsActive(wrong));
        }
        foreach (var wrong in new[] { id, access, refresh[6..], "hf_rt_" + access[6..], visitor.Token }) (await shop.Refresh(wrong)).Expect(400);
        foreach (var wrong in new[] { id, access, refresh, access[6..] }) (await shop.Exchange(wrong)).Expect(400);
        // As a session, a token is nothing.
        var thief = app.Visitor();
        foreach (var stolen in new[] { access, access[6..], refresh[6..], id })
        {
            thief.Cookies[Visitor.SessionCookie] = stolen;
            (await thief.Get("/api/v1/session")).Expect(401);
        }
    }

    [Theory, Engines]
    public async Task A_products_token_opens_no_page_of_the_account_and_no_call_of_an_admin(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var crew = await Crew.Found(app);
        var (owner, shop) = (await crew.Add("owner"), Shop(app));
        var access = Text(await shop.Tokens(await app.SignedIn(owner)), "access_token");
        var tried = 0;
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<Holdfast.Web.OpenToAllAttribute>() is null))
        {
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{workspace}", crew.Slug, StringComparison.Ordinal).Replace("{id}", owner.Id, StringComparison.Ordinal).Replace("{act}", "remove", StringComparison.Ordinal).Replace("{role}", owner.Id, StringComparison.Ordinal).Replace("{grant}", owner.Id, StringComparison.Ordinal);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                using var body = method == "GET" ? null : Visitor.Json(new { });
                var answer = await app.Visitor().Send(HttpMethod.Parse(method), path, body, r => r.Headers.Add("Authorization", $"Bearer {access}"));
                Assert.True(answer.Status == 401 || (answer.Status == 302 && answer.Location!.StartsWith("/sign-in", StringComparison.Ordinal)), answer.ToString());
                tried++;
            }
        }
        Assert.True(tried > 80);
    }

    [Theory, Engines]
    public async Task Guesses_at_a_secret_are_slowed_for_the_client_that_is_guessed_at_from_where_it_is_guessed(string engine)
    {
        var settings = Settings.Concat([new("SignIn:NetworkLimit", "5")]).ToDictionary(p => p.Key, p => p.Value);
        await using var app = await TestApp.Start(engine, settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var guess = new Application(app, "shop", "not-the-secret", ShopRedirect);
        for (var i = 0; i < 5; i++) Assert.Equal("invalid_client", Text((await guess.Refresh("x")).Expect(401).Json, "error"));
        var full = (await guess.Refresh("x")).Expect(429);
        Assert.NotNull(full.Header("Retry-After"));
        Assert.Equal("invalid_client", Text(full.Json, "error"));
        // The right one serves on: whoever guesses behind the same address stops nobody's application, and 256 bits are not guessed.
        Assert.Equal("invalid_grant", Text((await shop.Refresh("x")).Expect(400).Json, "error"));
        // What strangers invent fills no table.
        var before = await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM throttles"));
        for (var i = 0; i < 5; i++) (await new Application(app, $"invented-{i}", "a-secret", ShopRedirect).Refresh("x")).Expect(401);
        Assert.Equal(before, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM throttles")));
        // Others are not held up.
        await Api(app).Introspect("x");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await shop.Exchange(await shop.Code(visitor))).Expect(200);
    }

    [Theory, Engines]
    public async Task A_client_is_known_by_one_proof_that_is_its_own(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var code = await shop.Code(visitor);
        (string, string)[] form = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", ShopRedirect), ("code_verifier", shop.Verifier)];
        Assert.Equal("invalid_request", Text((await shop.CallBasic("/oauth/token", Secret("shop"), [.. form, ("client_secret", Secret("shop"))])).Expect(400).Json, "error"));
        Assert.Equal("invalid_request", Text((await shop.CallBasic("/oauth/token", Secret("shop"), [.. form, ("client_id", "tide")])).Expect(400).Json, "error"));
        // One with a secret must show it; one without must not.
        Assert.Equal("invalid_client", Text((await shop.Post("/oauth/token", [.. form, ("client_id", "shop")])).Expect(401).Json, "error"));
        Assert.Equal("invalid_client", Text((await shop.Post("/oauth/token", [.. form, ("client_id", "phone"), ("client_secret", Secret("shop"))])).Expect(401).Json, "error"));
        Assert.Equal("invalid_client", Text((await shop.Post("/oauth/token", [.. form, ("client_id", "nobody"), ("client_secret", Secret("shop"))])).Expect(401).Json, "error"));
        // Twice is once too often, and the address is no place for secrets.
        Assert.Equal("invalid_request", Text((await shop.Call("/oauth/token", [.. form, ("code", code)])).Expect(400).Json, "error"));
        Assert.Equal("invalid_request", Text((await shop.Post($"/oauth/token?client_id=shop&client_secret={Secret("shop")}", form)).Expect(400).Json, "error"));
        foreach (var grant in new[] { "password", "client_credentials", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer" }) Assert.Equal("unsupported_grant_type", Text((await shop.Call("/oauth/token", ("grant_type", grant), ("username", "a"), ("password", "b"))).Expect(400).Json, "error"));
        (await shop.Exchange(code)).Expect(200);
    }

    [Theory, Engines("sign-out", "others", "password", "suspend", "grant", "revoke", "idle", "absolute", "disable", "delete")]
    public async Task Whatever_ends_is_over_for_applications_at_their_next_question(string engine, string how)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var registered = (await app.Get<RegisterClient>().Run(new ClientForm("Till", "Quayside", FirstParty: true, Confidential: true, ["https://till.example/in"], [], ["openid", "offline_access"], [], false, null), OperatorActor.CommandLine)).Value;
        var till = new Application(app, registered.Client.Id, registered.Secret, "https://till.example/in", "openid offline_access");
        var (visitor, other) = (await app.SignedIn(person), await app.SignedIn(person));
        var tokens = await till.Tokens(visitor);
        var access = Text(tokens, "access_token");
        Assert.True(await till.IsActive(access));
        switch (how)
        {
            case "sign-out": (await visitor.Post("/api/v1/sign-out")).Expect(204); break;
            case "others": (await other.Post("/api/v1/sessions/end-others")).Expect(200); break;
            case "password": (await other.ChangePassword(TestApp.Password, TestApp.OtherPassword)).Expect(200); break;
            case "suspend": Assert.True((await app.Get<SuspendAccount>().Suspend(person.Email)).Ok); break;
            case "grant": Assert.True((await app.Get<RevokeGrant>().Run((await Me(app, visitor))!, await GrantOf(app, person, till), Holdfast.Web.Client.Server)).Ok); break;
            case "revoke": (await till.Revoke(Text(tokens, "refresh_token"))).Expect(200); break;
            case "idle": app.Clock.Advance(TimeSpan.FromHours(12)); break;
            case "absolute": app.Clock.Advance(TimeSpan.FromDays(7)); break;
            case "disable": Assert.True((await app.Get<ChangeClient>().Disable(till.Id, OperatorActor.CommandLine)).Ok); break;
            case "delete": Assert.True((await app.Get<ChangeClient>().Delete(till.Id, OperatorActor.CommandLine)).Ok); break;
        }
        (await till.UserInfo(access)).Expect(401);
        if (how is "disable" or "delete")
        {
            (await till.Refresh(Text(tokens, "refresh_token"))).Expect(401);
            (await visitor.Get(till.Authorize())).Expect(400);
            return;
        }
        Assert.False(await till.IsActive(access));
        Assert.Equal("invalid_grant", Text((await till.Refresh(Text(tokens, "refresh_token"))).Expect(400).Json, "error"));
    }

    [Theory, Engines]
    public async Task An_application_gives_back_what_is_its_own(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        var tokens = await shop.Tokens(visitor);
        (await shop.Revoke("unknown")).Expect(200);
        Assert.Equal("unauthorized_client", Text((await Tide(app).Revoke(Text(tokens, "access_token"))).Expect(400).Json, "error"));
        (await shop.Revoke(Text(tokens, "access_token"))).Expect(200);
        Assert.False(await shop.IsActive(Text(tokens, "access_token")));
        // The access token alone: the rest goes on.
        var next = (await shop.Refresh(Text(tokens, "refresh_token"))).Expect(200).Json;
        (await shop.Revoke(Text(next, "refresh_token"))).Expect(200);
        Assert.False(await shop.IsActive(Text(next, "access_token")));
    }

    [Theory, Engines]
    public async Task A_form_that_cannot_be_read_is_no_fault_of_ours(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        foreach (var path in new[] { "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/authorize", "/oauth/logout", "/oauth/userinfo" })
        {
            foreach (var (type, body) in new[] { ("application/x-www-form-urlencoded; charset=no-such-thing", "a=b"), ("application/x-www-form-urlencoded; charset=utf-7", "a=b"), ("multipart/form-data; boundary=x", "--x"), ("application/json", "{}"), ("text/plain", "a=b"), ("application/x-www-form-urlencoded", "%zz=%00&&&==&a=%ff"), ("application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 3000).Select(i => $"p{i}="))) })
            {
                using var content = Visitor.Raw(body, type);
                var answer = await app.Visitor().Send(HttpMethod.Post, path, content);
                Assert.True(answer.Status is >= 300 and < 500, answer.ToString());
            }
        }
    }

    [Theory, Engines]
    public async Task Pages_of_other_sites_read_answers_only_where_an_application_of_theirs_runs_in_the_browser(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var access = Text(await Phone(app).Tokens(await app.SignedIn(await app.AddAccount())), "access_token");
        foreach (var (origin, may) in new[] { ("https://spa.quayside.example", true), ("https://app.quayside.example", false), ("https://evil.example", false), ("https://spa.quayside.example.evil.example", false), ("null", false) })
        {
            Assert.Equal(may ? origin : null, (await Phone(app).UserInfo(access, r => r.Headers.Add("Origin", origin))).Expect(200).Header("Access-Control-Allow-Origin"));
            var asked = (await app.Visitor().Send(HttpMethod.Options, "/oauth/userinfo", null, r => { r.Headers.Add("Origin", origin); r.Headers.Add("Access-Control-Request-Method", "GET"); })).Expect(204);
            Assert.Equal(may ? origin : null, asked.Header("Access-Control-Allow-Origin"));
            Assert.Null(asked.Header("Access-Control-Allow-Credentials"));
        }
    }

    private static async Task<Holdfast.Features.Sessions.SignedIn?> Me(TestApp app, Visitor visitor) => (await app.Get<Holdfast.Features.Sessions.CheckSession>().Run(visitor.Token, isUse: false)).SignedIn;

    private static async Task<string> GrantOf(TestApp app, Person person, Application application) => (await app.Db.Read(tx => GrantTable.Live(tx, person.Id, application.Id)))!.Id;
}
