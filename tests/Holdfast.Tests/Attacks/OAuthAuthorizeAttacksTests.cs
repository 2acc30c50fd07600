using Holdfast.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Attacks;

/// <summary>Attempts to have people, or their codes, sent to a stranger; to learn who is signed in; to get past a proof that an application asks for.</summary>
public sealed class OAuthAuthorizeAttacksTests
{
    [Theory]
    [Engines("https://app.quayside.example/signed-in/", "https://app.quayside.example/signed-in/../evil", "https://app.quayside.example/signed-in?x=1", "https://app.quayside.example:443/signed-in", "https://app.quayside.example:8443/signed-in", "https://app.quayside.example/signed-in#x",
        "https://ada@app.quayside.example/signed-in", "https://app.quayside.example@evil.example/signed-in", "https://APP.quayside.example/signed-in", "https://app.quayside.example/Signed-in", "HTTPS://app.quayside.example/signed-in", "http://app.quayside.example/signed-in",
        "https://app.quayside.example.evil.example/signed-in", "https://app.quayside.example/signed-in%20", "https://app.quayside.example/signed-in%2F", " https://app.quayside.example/signed-in", "//app.quayside.example/signed-in", "/signed-in", "javascript:alert(1)", "https://app.quayside.example\\@evil.example/signed-in", "https://tidecalendar.example/signed-in")]
    public async Task A_return_address_that_is_not_registered_letter_by_letter_sends_nobody_anywhere(string engine, string address)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount());
        foreach (var prompt in new[] { "", "none" })
        {
            var answer = (await visitor.Get(Shop(app).Authorize(("redirect_uri", address), ("prompt", prompt)))).Expect(400);
            Assert.Null(answer.Location);
            Assert.Null(answer.Header("Refresh"));
            Assert.Contains("oauth.redirect_not_registered", answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain($"href=\"{address}", answer.Body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [Engines("http://127.0.0.1/in/", "http://127.0.0.1:0/in", "http://127.0.0.1:080/in", "http://127.0.0.1:70000/in", "http://127.0.0.1:1@evil.example/in", "http://127.0.0.1:/in", "http://127.0.0.2:5000/in", "http://localhost:5000/in", "http://127.0.0.1:5000/In", "http://127.0.0.1.evil.example/in", "https://127.0.0.1:5000/in", "https://spa.quayside.example:5000/in")]
    public async Task Only_the_port_of_a_loopback_address_is_free(string engine, string address)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount());
        Assert.Contains("oauth.redirect_not_registered", (await visitor.Get(Phone(app).Authorize(("redirect_uri", address)))).Expect(400).Body, StringComparison.Ordinal);
        // One that has a secret has no free port at all.
        Assert.Contains("oauth.redirect_not_registered", (await visitor.Get(Shop(app).Authorize(("redirect_uri", "http://127.0.0.1:5000/in")))).Expect(400).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_error_is_told_to_the_application_only_once_it_and_its_address_are_sure(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (app.Visitor(), Shop(app));
        foreach (var query in new[] { shop.Authorize(("client_id", "nobody"), ("response_type", "token")), shop.Authorize(("client_id", "")), shop.Authorize(("redirect_uri", "")), shop.Authorize() + "&redirect_uri=https%3A%2F%2Fevil.example", shop.Authorize() + "&client_id=tide", shop.Authorize(("redirect_uri", "https://evil.example/"), ("response_type", "token")) })
        {
            var answer = (await visitor.Get(query)).Expect(400);
            Assert.Null(answer.Location);
            Assert.Contains("This request cannot be trusted", answer.Body, StringComparison.Ordinal);
        }
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_told_in_the_words_of_the_standard_with_who_says_it(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, shop) = (await app.SignedIn(await app.AddAccount()), Shop(app));
        foreach (var (error, other) in new (string, (string, string)[])[]
        {
            ("unsupported_response_type", [("response_type", "token")]), ("unsupported_response_type", [("response_type", "code id_token")]), ("invalid_request", [("response_type", "")]),
            ("invalid_request", [("code_challenge", "")]), ("invalid_request", [("code_challenge_method", "plain")]), ("invalid_request", [("code_challenge_method", "")]), ("invalid_request", [("code_challenge", "tooshort")]),
            ("invalid_scope", [("scope", "openid admin")]), ("invalid_scope", [("scope", "")]), ("invalid_scope", [("scope", "openid bookings.read")]), ("invalid_target", [("resource", "https://evil.example/")]),
            ("invalid_request", [("prompt", "none login")]), ("invalid_request", [("prompt", "create")]), ("account_selection_required", [("prompt", "select_account")]), ("invalid_request", [("max_age", "-1")]), ("invalid_request", [("max_age", "soon")]),
            ("request_not_supported", [("request", "x.y.z")]), ("request_uri_not_supported", [("request_uri", "https://evil.example/")]), ("invalid_request", [("response_mode", "fragment")]),
        })
        {
            var back = shop.Back((await visitor.Get(shop.Authorize(other))).Expect(302));
            Assert.Equal((error, TestSettings.PublicUrl, "a state & more"), (back["error"], back["iss"], back["state"]));
            Assert.DoesNotContain("code", back.Keys);
        }
        // A parameter that comes twice (RFC 6749 §3.1), one that we do not know among them.
        foreach (var twice in new[] { "&scope=openid", "&nonce=x", "&foo=1&foo=2", "&state=x" })
        {
            var back = shop.Back((await visitor.Get(shop.Authorize() + twice)).Expect(302));
            Assert.Equal("invalid_request", back["error"]);
            Assert.Equal(twice != "&state=x", back.ContainsKey("state"));
        }
    }

    [Theory, Engines]
    public async Task Asking_silently_tells_a_stranger_from_nobody_who_cannot_go_on(string engine)
    {
        var settings = Settings.Concat([new("TwoFactor:RequiredForRoles", "owner")]).ToDictionary(p => p.Key, p => p.Value);
        await using var app = await TestApp.Start(engine, settings);
        var shop = Shop(app);
        // A stranger, somebody half signed in, and somebody who has to set up two-factor first: one answer.
        var (halfPerson, phone, _) = await app.AddWithTwoFactor("half@almondbirch.example");
        var half = app.Visitor();
        (await half.SignIn(halfPerson.Email, halfPerson.Password)).Expect(202);
        var owner = await (await Crew.Found(app)).Add("owner");
        var mustEnrol = await app.SignedIn(owner);
        var silent = shop.Authorize(("prompt", "none"));
        var answers = new List<string>();
        foreach (var visitor in new[] { app.Visitor(), half, mustEnrol })
        {
            var answer = (await visitor.Get(silent)).Expect(302);
            answers.Add(answer.Location!);
            Assert.Empty(answer.SetCookies);
        }
        Assert.Single(answers.Distinct(StringComparer.Ordinal));
        Assert.Equal("login_required", QueryHelpers.ParseQuery(new Uri(answers[0]).Query)["error"].ToString());
        // Others' applications learn no more of somebody who is signed in and never allowed them than that they would be asked.
        var signedIn = await app.SignedIn(await app.AddAccount());
        var tide = Tide(app);
        Assert.Equal("consent_required", tide.Back((await signedIn.Get(tide.Authorize(("prompt", "none")))).Expect(302))["error"]);
        Assert.Equal("login_required", shop.Back((await signedIn.Get(shop.Authorize(("prompt", "none"), ("max_age", "0")))).Expect(302))["error"]);
        Assert.Equal("interaction_required", shop.Back((await signedIn.Get(shop.Authorize(("prompt", "none"), ("acr_values", "urn:holdfast:acr:2fa")))).Expect(302))["error"]);
        Assert.NotNull(phone);
    }

    [Theory, Engines]
    public async Task Somebody_half_signed_in_gets_no_code_until_the_second_step_is_done(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var (visitor, shop) = (app.Visitor(), Shop(app));
        var page = await visitor.Open(shop.Authorize());
        app.NextCode();
        var second = await page.Submit("form", ("email", person.Email), ("password", person.Password));
        Assert.StartsWith("/sign-in/verify", second.Path, StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await visitor.Get(shop.Authorize())).Expect(302).Location, StringComparison.Ordinal);
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        var code = shop.Back((await second.Submit("form", ("code", phone.Code()))).Answer)["code"];
        var claims = (await shop.Read(Text((await shop.Exchange(code)).Expect(200).Json, "id_token"))).Claims;
        Assert.Equal("urn:holdfast:acr:2fa", Text(claims, "acr"));
        Assert.Equal(["pwd", "otp", "mfa"], claims.GetProperty("amr").EnumerateArray().Select(v => v.GetString()));
    }

    [Theory, Engines]
    public async Task Somebody_who_has_to_set_up_two_factor_first_gets_no_code(string engine)
    {
        var settings = Settings.Concat([new("TwoFactor:RequiredForRoles", "owner")]).ToDictionary(p => p.Key, p => p.Value);
        await using var app = await TestApp.Start(engine, settings);
        var visitor = await app.SignedIn(await (await Crew.Found(app)).Add("owner"));
        var shop = Shop(app);
        Assert.StartsWith("/account/two-factor?return=", (await visitor.Get(shop.Authorize())).Expect(302).Location, StringComparison.Ordinal);
        await app.Enrol(visitor);
        Assert.Contains("code", shop.Back((await visitor.Get(shop.Authorize())).Expect(302)).Keys);
    }

    [Theory, Engines]
    public async Task A_proof_that_an_application_asks_for_is_really_made(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (await app.SignedIn(person), Shop(app));
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Contains("code", shop.Back((await visitor.Get(shop.Authorize(("max_age", "600")))).Expect(302)).Keys);
        foreach (var asked in new[] { ("prompt", "login"), ("max_age", "60"), ("max_age", "0") })
        {
            app.Clock.Advance(TimeSpan.FromMinutes(3));
            var page = await visitor.Open(shop.Authorize(asked));
            Assert.StartsWith("/step-up?return=", page.Path, StringComparison.Ordinal);
            // Back without a proof: no.
            var cancelled = QueryHelpers.ParseQuery(page.Path.Split('?', 2)[1])["return"].ToString();
            Assert.Equal("access_denied", shop.Back((await visitor.Get(cancelled)).Expect(302))["error"]);
            // A mark of one's own making says nothing.
            Assert.StartsWith("/step-up", (await visitor.Get(shop.Authorize(asked, ("proof_since", "0.AAAA")))).Expect(302).Location, StringComparison.Ordinal);
            app.Clock.Advance(TimeSpan.FromSeconds(20));
            visitor.Headers["Sec-Fetch-Site"] = "same-origin";
            var code = shop.Back((await page.Submit("form", ("password", person.Password))).Answer)["code"];
            visitor.Headers.Clear();
            var claims = (await shop.Read(Text((await shop.Exchange(code)).Expect(200).Json, "id_token"))).Claims;
            Assert.Equal(app.Now.ToUnixTimeSeconds(), claims.GetProperty("auth_time").GetInt64());
        }
    }

    [Theory, Engines]
    public async Task A_second_factor_that_an_application_asks_for_is_really_proven(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (visitor, shop) = (await app.SignedIn(person), Shop(app));
        var asked = shop.Authorize(("acr_values", "urn:holdfast:acr:2fa"));
        var none = await visitor.Open(asked);
        Assert.Contains("A second factor is asked for", none.Text, StringComparison.Ordinal);
        Assert.Contains("unmet_authentication_requirements", none.Document.QuerySelector("a.button:not(.button-primary)")!.GetAttribute("href"), StringComparison.Ordinal);
        // Either will do: then what there is.
        Assert.Contains("code", shop.Back((await visitor.Get(shop.Authorize(("acr_values", "urn:holdfast:acr:2fa urn:holdfast:acr:1fa")))).Expect(302)).Keys);
        // A session that began before there was one.
        var phone = await app.Enrol(await app.SignedIn(person));
        Assert.StartsWith("/step-up", (await visitor.Open(asked)).Path, StringComparison.Ordinal);
        (await visitor.StepUp(person.Password)).Expect(200);
        var page = await visitor.Open(asked);
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        app.NextCode();
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        var code = shop.Back((await page.Submit("form[action='/step-up']", ("code", phone.Code()))).Answer)["code"];
        Assert.Equal("urn:holdfast:acr:2fa", Text((await shop.Read(Text((await shop.Exchange(code)).Expect(200).Json, "id_token"))).Claims, "acr"));
    }

    [Theory, Engines]
    public async Task A_hint_that_somebody_else_is_signed_in_gives_no_code_for_this_one(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var shop = Shop(app);
        var hint = Text(await shop.Tokens(await app.SignedIn(await app.AddAccount())), "id_token");
        var other = await app.SignedIn(await app.AddAccount("other@almondbirch.example"));
        foreach (var prompt in new[] { "none", "" }) Assert.Equal("login_required", shop.Back((await other.Get(shop.Authorize(("id_token_hint", hint), ("prompt", prompt)))).Expect(302))["error"]);
    }

    [Theory, Engines]
    public async Task A_consent_is_given_by_the_person_on_our_page_and_by_nobody_else(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var visitor = await app.SignedIn(await app.AddAccount(workspace: "Almond & Birch"));
        var tide = Tide(app);
        var page = await visitor.Open(tide.Authorize(("scope", "openid email bookings.read")));
        Assert.Equal("/oauth/consent", page.Path.Split('?')[0]);
        Assert.Equal("DENY", page.Answer.Header("X-Frame-Options"));
        Assert.Contains("frame-ancestors 'none'", page.Answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        foreach (var words in new[] { "Tide calendar asks for access", "Made by Tidewater Tools", "tidecalendar.example", "Read your bookings", "See your e-mail address" }) Assert.Contains(words, page.Text, StringComparison.Ordinal);
        var request = page.Document.QuerySelector("input[name=request]")!.GetAttribute("value")!;
        var token = page.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        var form = new[] { new KeyValuePair<string, string>("request", request), new("answer", "allow") };
        // Without the page's value; from another site; by somebody else's page.
        using (var bare = new FormUrlEncodedContent(form)) (await visitor.Send(HttpMethod.Post, "/oauth/consent", bare)).Expect(400);
        using (var foreign = new FormUrlEncodedContent([.. form, new("form_token", token)])) (await visitor.Send(HttpMethod.Post, "/oauth/consent", foreign, r => r.Headers.Add("Sec-Fetch-Site", "cross-site"))).Expect(403);
        var other = await app.SignedIn(await app.AddAccount("other@almondbirch.example"));
        using (var theirs = new FormUrlEncodedContent([.. form, new("form_token", token)])) (await other.Send(HttpMethod.Post, "/oauth/consent", theirs)).Expect(400);
        // A stranger is no one who could allow anything.
        using (var stranger = new FormUrlEncodedContent(form)) (await app.Visitor().Send(HttpMethod.Post, "/oauth/consent", stranger)).Expect(401);
        // What was asked is read again when it is answered: no address, no scope slips in.
        using (var forged = new FormUrlEncodedContent([new("request", request.Replace("tidecalendar.example", "evil.example", StringComparison.Ordinal)), new("answer", "allow"), new("form_token", token)]))
            Assert.StartsWith("/oauth/authorize", (await visitor.Send(HttpMethod.Post, "/oauth/consent", forged)).Expect(302).Location, StringComparison.Ordinal);
        Assert.Equal("consent_required", tide.Back((await visitor.Get(tide.Authorize(("prompt", "none"), ("scope", "openid email bookings.read")))).Expect(302))["error"]);

        Assert.Equal("access_denied", tide.Back((await page.Submit("button[value=deny]")).Answer)["error"]);
        var code = tide.Back((await (await visitor.Open(tide.Authorize(("scope", "openid email bookings.read")))).Submit("button[value=allow]")).Answer)["code"];
        (await tide.Exchange(code)).Expect(200);
        // Asked once; for more, or when the application says so, again.
        Assert.Contains("code", tide.Back((await visitor.Get(tide.Authorize(("scope", "openid email")))).Expect(302)).Keys);
        Assert.StartsWith("/oauth/consent", (await visitor.Get(tide.Authorize(("scope", "openid profile")))).Expect(302).Location, StringComparison.Ordinal);
        Assert.StartsWith("/oauth/consent", (await visitor.Get(tide.Authorize(("scope", "openid"), ("prompt", "consent")))).Expect(302).Location, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Others_see_the_one_workspace_that_the_person_chose(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount();
        var (first, second) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        await first.Join(person, "member");
        await second.Join(person, "admin");
        var elsewhere = await Crew.Found(app, "North Pier");
        var visitor = await app.SignedIn(person);
        var tide = Tide(app);
        var page = await visitor.Open(tide.Authorize(("scope", "openid workspaces")));
        Assert.DoesNotContain("North Pier", page.Text, StringComparison.Ordinal);
        Assert.Equal(400, (await page.Submit("button[value=allow]", ("workspace", elsewhere.Id))).Answer.Status);
        var code = tide.Back((await page.Submit("button[value=allow]", ("workspace", second.Id))).Answer)["code"];
        var access = Text((await tide.Exchange(code)).Expect(200).Json, "access_token");
        Assert.Equal(second.Id, Text(Assert.Single((await tide.UserInfo(access)).Expect(200).Json.GetProperty("workspaces").EnumerateArray()), "id"));
    }
}
