using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>What attackers send to a product, each by its name.</summary>
public sealed class ProductAttacksTests
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    [Theory, Engines]
    public async Task A_code_with_the_state_of_another_browser_signs_nobody_in(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, attacker, _) = await trust.SignedIn();
        var product = trust.Product;
        // The attacker begins, and has the victim finish: the victim would work in the attacker's account.
        var back = await product.Ask(product.Visitor(), attacker);
        var victim = product.Visitor();
        (await victim.Get(back)).Expect(400);
        // Even one who has begun a sign-in as well, with the cookie under the attacker's name.
        await victim.Get("/orders");
        (await victim.Get(back)).Expect(400);
        var state = QueryHelpers.ParseQuery(back.Split('?')[1])["state"].ToString();
        victim.Cookies[$"{product.Cookie}-in-{state[..8]}"] = victim.Cookies.Single().Value;
        (await victim.Get(back)).Expect(400);
        (await victim.Get("/orders")).Expect(303);
        Assert.Equal(0, product.Logs.Lines.Count(line => line.StartsWith("Error", StringComparison.Ordinal)));
    }

    [Theory, Engines("https://evil.example", "", "twice")]
    public async Task An_answer_of_another_issuer_costs_neither_code_nor_secret(string engine, string issuer)
    {
        await using var trust = await Trust.Start(engine);
        var (_, holdfast, _) = await trust.SignedIn();
        var here = trust.Product.Visitor();
        var back = await trust.Product.Ask(here, holdfast);
        var own = "iss=" + Uri.EscapeDataString(trust.App.Settings.Server.Issuer);
        Assert.Contains(own, back, StringComparison.Ordinal);
        var calls = trust.Product.Wire.Calls;
        (await here.Get(back.Replace(own, issuer switch { "" => "x=y", "twice" => $"{own}&{own}", _ => "iss=" + Uri.EscapeDataString(issuer) }, StringComparison.Ordinal))).Expect(400);
        Assert.Equal(calls, trust.Product.Wire.Calls);
        (await here.Get("/orders")).Expect(303);
    }

    [Theory, Engines]
    public async Task A_code_serves_once_and_one_that_was_stolen_serves_nobody_else(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (_, holdfast, _) = await trust.SignedIn();
        var product = trust.Product;
        var here = product.Visitor();
        var back = await product.Ask(here, holdfast);
        var thief = here.Copy();
        (await here.Get(back)).Expect(303);
        // The same answer again, by the button Back: nothing is sent to Holdfast, and they are where they wanted to be.
        Assert.Equal("/", (await here.Get(back)).Expect(302).Location);
        (await here.Get("/orders")).Expect(200);
        // With a copy of the cookies from before: the code is used, and the session that it made is over (RFC 6749 §4.1.2).
        (await thief.Get(back)).Expect(400);
        (await thief.Get("/orders")).Expect(303);
        (await here.Get("/orders")).Expect(303);
        // Put into a sign-in of the thief's own, it lacks the verifier.
        var victim = product.Visitor();
        var stolen = QueryHelpers.ParseQuery((await product.Ask(victim, holdfast)).Split('?')[1])["code"].ToString();
        var started = (await thief.Get("/orders")).Expect(303).Location!;
        var state = QueryHelpers.ParseQuery(new Uri(started).Query)["state"].ToString();
        (await thief.Get($"/holdfast/callback?code={stolen}&state={state}&iss={Uri.EscapeDataString(trust.App.Settings.Server.Issuer)}")).Expect(400);
        (await thief.Get("/orders")).Expect(303);
    }

    [Theory]
    [InlineData("other key")]
    [InlineData("no signature")]
    [InlineData("alg none")]
    [InlineData("HS256 with the public key")]
    [InlineData("HS256 with the secret")]
    [InlineData("another audience")]
    [InlineData("two audiences")]
    [InlineData("azp of another")]
    [InlineData("another issuer")]
    [InlineData("over")]
    [InlineData("from the future")]
    [InlineData("stale")]
    [InlineData("another nonce")]
    [InlineData("no nonce")]
    [InlineData("no sid")]
    [InlineData("no auth_time")]
    [InlineData("at_hash of another")]
    [InlineData("logout token")]
    [InlineData("no type")]
    [InlineData("not a token")]
    public async Task An_id_token_that_is_not_right_in_every_part_signs_nobody_in(string how)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        var (app, product) = (trust.App, trust.Product);
        var (_, holdfast, _) = await trust.SignedIn();
        var keys = app.Get<SigningKeys>();
        var now = app.Now.ToUnixTimeSeconds();
        var publicKey = Encoding.ASCII.GetBytes((string)(await keys.Published())["keys"]![0]!["x"]!);
        product.Wire.Forge(async claims => how switch
        {
            "other key" => Sign(claims, "ES256", (string)(await keys.Published())["keys"]![0]!["kid"]!, Stranger),
            "no signature" => (await keys.Sign(claims, IdToken.Type)).Split('.') is var parts ? $"{parts[0]}.{parts[1]}." : "",
            "alg none" => Sign(claims, "none", null, _ => []),
            "HS256 with the public key" => Sign(claims, "HS256", (string)(await keys.Published())["keys"]![0]!["kid"]!, text => HMACSHA256.HashData(publicKey, text)),
            "HS256 with the secret" => Sign(claims, "HS256", null, text => HMACSHA256.HashData(Encoding.ASCII.GetBytes(Application.Secret("shop")), text)),
            "another audience" => await With(claims, "aud", "other"),
            "two audiences" => await With(claims, "aud", new JsonArray("shop", "other")),
            "azp of another" => await With(claims, "azp", "other"),
            "another issuer" => await With(claims, "iss", "https://evil.example"),
            "over" => await With(claims, "exp", now - 61),
            "from the future" => await With(claims, "iat", now + 3600),
            "stale" => await With(claims, "iat", now - 3600),
            "another nonce" => await With(claims, "nonce", "n-0S6"),
            "no nonce" => await With(claims, "nonce", null),
            "no sid" => await With(claims, "sid", null),
            "no auth_time" => await With(claims, "auth_time", null),
            "at_hash of another" => await With(claims, "at_hash", Base64Url.EncodeToString(new byte[16])),
            "logout token" => await keys.Sign(claims, SendLogouts.Type),
            "no type" => await keys.Sign(claims, ""),
            _ => "not.a.token",
        });
        var here = product.Visitor();
        (await here.Get(await product.Ask(here, holdfast))).Expect(400);
        Assert.DoesNotContain(product.Cookie, here.Cookies.Keys);
        (await here.Get("/orders")).Expect(303);
        // The same with nothing changed is let in: it was the change that was refused.
        product.Wire.Forge(claims => keys.Sign(claims, IdToken.Type));
        (await here.Get(await product.Ask(here, holdfast))).Expect(303);

        async Task<string> With(JsonObject claims, string name, JsonNode? value)
        {
            if (value is null) claims.Remove(name);
            else claims[name] = value;
            return await keys.Sign(claims, IdToken.Type);
        }
    }

    [Theory]
    [InlineData("auth_time", "older than was asked for")]
    [InlineData("acr", "less than was asked for")]
    public async Task A_proof_that_is_less_than_was_asked_for_does_not_do(string claim, string says)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        var (app, product) = (trust.App, trust.Product);
        var (_, phone, holdfast) = await app.AddWithTwoFactor();
        app.NextCode();
        (await holdfast.StepUpBy(phone.Code())).Expect(200);
        product.Wire.Forge(claims =>
        {
            claims[claim] = claim == "acr" ? "urn:holdfast:acr:1fa" : app.Now.ToUnixTimeSeconds() - 3600;
            return app.Get<SigningKeys>().Sign(claims, IdToken.Type);
        });
        var here = product.Visitor();
        (await here.Get(await product.Ask(here, holdfast, "/payouts"))).Expect(400);
        Assert.Contains(says, product.Logs.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Userinfo_about_somebody_else_signs_nobody_in_and_ends_who_is_in()
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        var (_, holdfast, here) = await trust.SignedIn();
        trust.Product.Wire.Change = ("/oauth/userinfo", answer =>
        {
            answer["sub"] = "0195e6a0-0000-7000-8000-000000000000";
            return Task.CompletedTask;
        }
        );
        var other = trust.Product.Visitor();
        (await other.Get(await trust.Product.Ask(other, holdfast))).Expect(400);
        (await here.Get("/orders")).Expect(303);
    }

    [Theory]
    [InlineData("good")]
    [InlineData("of another client")]
    [InlineData("other key")]
    [InlineData("alg none")]
    [InlineData("id token")]
    [InlineData("with a nonce")]
    [InlineData("no event")]
    [InlineData("event of another kind")]
    [InlineData("no session")]
    [InlineData("no number")]
    [InlineData("over")]
    [InlineData("stale")]
    [InlineData("from the future")]
    [InlineData("another issuer")]
    [InlineData("not a token")]
    public async Task Only_a_logout_token_that_is_right_in_every_part_ends_a_session(string how)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite, options => options.CheckEvery = TimeSpan.FromMinutes(5));
        var (app, product) = (trust.App, trust.Product);
        var (person, holdfast, here) = await trust.SignedIn();
        var sid = (await here.Get("/orders")).Expect(200).Json.GetProperty("sessionId").GetString();
        var keys = app.Get<SigningKeys>();
        var now = app.Now.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = app.Settings.Server.Issuer, ["aud"] = "shop", ["iat"] = now, ["exp"] = now + 120, ["jti"] = "0195e6a0-1", ["sub"] = person.Id, ["sid"] = sid, ["events"] = new JsonObject { [Event] = new JsonObject() },
        };
        var type = SendLogouts.Type;
        switch (how)
        {
            case "of another client": claims["aud"] = "other"; break;
            case "id token": type = IdToken.Type; break;
            case "with a nonce": claims["nonce"] = "n"; break;
            case "no event": claims.Remove("events"); break;
            case "event of another kind": claims["events"] = new JsonObject { ["https://example.com/event"] = new JsonObject() }; break;
            case "no session": claims.Remove("sid"); break;
            case "no number": claims.Remove("jti"); break;
            case "over": claims["exp"] = now - 61; break;
            case "stale": claims["iat"] = now - 3600; break;
            case "from the future": claims["iat"] = now + 3600; break;
            case "another issuer": claims["iss"] = "https://evil.example"; break;
            default: break;
        }
        var token = how switch
        {
            "other key" => Sign(claims, "ES256", (string)(await keys.Published())["keys"]![0]!["kid"]!, Stranger, type),
            "alg none" => Sign(claims, "none", null, _ => [], type),
            "not a token" => "not.a.token",
            _ => await keys.Sign(claims, type),
        };
        var answer = await product.Tell(token);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        if (how != "good")
        {
            answer.Expect(400);
            Assert.Equal("invalid_request", answer.Json.GetProperty("error").GetString());
            (await here.Get("/orders")).Expect(200);
            return;
        }
        answer.Expect(200);
        (await here.Get("/orders")).Expect(303);
        // Told again, as after an answer that got lost: taken, and it does nothing to those who came since.
        var later = await product.SignedIn(await app.SignedIn(person));
        (await product.Tell(token)).Expect(200);
        (await later.Get("/orders")).Expect(200);
        // A recording of it is soon worth nothing at all.
        app.Clock.Advance(TimeSpan.FromMinutes(4));
        (await product.Tell(token)).Expect(400);
        _ = holdfast;
    }

    [Fact]
    public async Task Whatever_is_no_form_with_one_token_is_refused()
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        var visitor = trust.Product.Visitor();
        (await visitor.Get("/holdfast/session-ended")).Expect(405);
        (await visitor.Post("/holdfast/session-ended", new { logout_token = "x" })).Expect(400);
        foreach (var form in new[] { "", "logout_token=", "logout_token=a&logout_token=b", "logout_token=" + new string('a', 40_000) })
        {
            using var body = Visitor.Raw(form, "application/x-www-form-urlencoded");
            (await visitor.Send(HttpMethod.Post, "/holdfast/session-ended", body)).Expect(400);
        }
    }

    [Theory, Engines]
    public async Task Two_products_of_one_Holdfast_do_not_take_each_others_tokens_cookies_or_codes(string engine)
    {
        await using var trust = await Trust.Start(engine, other: "second");
        var (product, other) = (trust.Product, trust.Other!);
        var (_, holdfast, here) = await trust.SignedIn();
        // The other's id token, which somebody who runs it would have.
        string? theirs = null;
        other.Wire.Change = ("/oauth/token", answer =>
        {
            theirs = (string?)answer["id_token"];
            return Task.CompletedTask;
        }
        );
        await other.SignedIn(holdfast);
        product.Wire.Forge(_ => Task.FromResult(theirs!));
        var victim = product.Visitor();
        (await victim.Get(await product.Ask(victim, holdfast))).Expect(400);
        product.Wire.Change = null;
        // The other's code, in a sign-in of ours.
        var code = QueryHelpers.ParseQuery((await other.Ask(other.Visitor(), holdfast)).Split('?')[1])["code"].ToString();
        var own = QueryHelpers.ParseQuery((await product.Ask(victim, holdfast)).Split('?')[1]);
        (await victim.Get($"/holdfast/callback?code={code}&state={own["state"]}&iss={Uri.EscapeDataString(trust.App.Settings.Server.Issuer)}")).Expect(400);
        // The cookie, under either name.
        var guest = other.Visitor();
        guest.Cookies[product.Cookie] = guest.Cookies[other.Cookie] = here.Cookies[product.Cookie];
        (await guest.Get("/orders")).Expect(303);
    }

    [Theory, Engines]
    public async Task Keys_that_changed_are_fetched_when_a_token_names_one_and_not_for_every_invention(string engine)
    {
        await using var trust = await Trust.Start(engine);
        var (app, product) = (trust.App, trust.Product);
        // The list as it was before.
        product.Wire.Change = ("/oauth/jwks", answer =>
        {
            answer["keys"]![0]!["kid"] = "the-key-before";
            return Task.CompletedTask;
        }
        );
        var person = await app.AddAccount();
        var holdfast = await app.SignedIn(person);
        var here = product.Visitor();
        var back = await product.Ask(here, holdfast);
        product.Wire.Change = null;
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        (await here.Get(back)).Expect(303);
        (await here.Get("/orders")).Expect(200);
        var calls = product.Wire.Calls;
        for (var i = 0; i < 20; i++) (await product.Tell(Sign(new JsonObject { ["iss"] = app.Settings.Server.Issuer, ["aud"] = "shop" }, "ES256", $"invented-{i}", Stranger, SendLogouts.Type))).Expect(400);
        Assert.InRange(product.Wire.Calls - calls, 0, 2);
        // By Holdfast's own schedule, while the product runs on.
        app.Clock.Advance(TimeSpan.FromDays(92));
        await app.Get<SigningKeys>().Tend();
        app.Clock.Advance(TimeSpan.FromDays(2));
        var again = await app.SignedIn(person);
        (await (await product.SignedIn(again)).Get("/orders")).Expect(200);
    }

    [Theory]
    [InlineData("issuer", "https://evil.example")]
    [InlineData("token_endpoint", "https://evil.example/token")]
    [InlineData("jwks_uri", "https://evil.example/keys")]
    [InlineData("authorization_endpoint", "")]
    public async Task Metadata_that_lead_elsewhere_are_not_believed(string name, string value)
    {
        await using var trust = await Trust.Start(TestDatabase.Sqlite);
        trust.Product.Wire.Change = ("/openid-configuration", answer =>
        {
            answer[name] = value;
            return Task.CompletedTask;
        }
        );
        (await trust.Product.Visitor().Get("/orders")).Expect(503);
        Assert.Contains("Error", trust.Product.Logs.Errors, StringComparison.Ordinal);
    }

    private static byte[] Stranger(byte[] text)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.SignData(text, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    private static string Sign(JsonObject claims, string algorithm, string? key, Func<byte[], byte[]> sign, string type = IdToken.Type)
    {
        var header = new JsonObject { ["alg"] = algorithm, ["typ"] = type };
        if (key is not null) header["kid"] = key;
        var text = $"{OAuthJson.Encode(header)}.{OAuthJson.Encode(claims)}";
        return $"{text}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)))}";
    }
}
