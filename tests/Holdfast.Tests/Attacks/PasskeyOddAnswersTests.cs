using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Answers that no authenticator gives, a passkey that is a stranger's, and what strangers can wear out.</summary>
public sealed class PasskeyOddAnswersTests
{
    [Theory, Engines]
    public async Task After_this_was_not_me_no_passkey_opens_the_account_alone_until_its_owner_says_so(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, own, visitor, _) = await app.AddWithPasskey();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        // Somebody at the open laptop adds one of theirs. The letter tells the owner.
        var strange = new Authenticator();
        (await visitor.AddPasskey(strange, "Eve")).Expect(200);
        var letter = (await app.Letters(person.Email)).Single(l => l.Subject == "A passkey was added");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.Visitor().Open($"/not-me?token={TestApp.TokenIn(letter, "/not-me")}")).Submit("form[action='/not-me']");
        foreach (var key in new[] { own, strange }) (await app.Visitor().SignInBy(key)).Expect(403, "passkey.paused");
        // Nor after the password is chosen anew.
        var reset = TestApp.TokenIn((await app.Letters(person.Email)).Single(l => l.Subject == "Reset Password"), "/reset-password");
        var back = app.Visitor();
        await (await back.Open($"/reset-password?token={reset}")).Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        foreach (var key in new[] { own, strange }) (await app.Visitor().SignInBy(key)).Expect(403, "passkey.paused");
        // Beside the password it is taken: who has the new one is the owner.
        (await back.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        (await back.VerifyBy(own)).Expect(200);
        var page = await back.Open("/account/two-factor");
        Assert.Contains("Are these passkeys yours?", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action*='ConfirmPasskey']");
        Assert.Contains("signs you in alone again.", page.Text, StringComparison.Ordinal);
        (await app.Visitor().SignInBy(own)).Expect(204);
        (await app.Visitor().SignInBy(strange)).Expect(403, "passkey.paused");
        page = await page.Submit("button[aria-label='Remove Eve']");
        (await app.Visitor().SignInBy(strange)).Expect(401, "passkey.unknown");
        Assert.DoesNotContain("Are these passkeys yours?", page.Text, StringComparison.Ordinal);
        Assert.Contains("passkey.confirmed", await back.Activity());
        // Somebody who has only the password says nothing.
        (await back.Post("/api/v1/me/passkeys/none/confirm")).Expect(404, "passkey.not_found");
    }

    [Theory, Engines]
    public async Task Malformed_answers_are_refused_and_harm_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "1000000" });
        var (_, key, visitor, _) = await app.AddWithPasskey(authenticator: new Authenticator { Counts = false });
        var stranger = app.Visitor();
        var (ticket, options) = await stranger.Challenge("/api/v1/sign-in/passkey/options");
        var add = await visitor.Challenge("/api/v1/me/passkeys/options");
        var (right, made) = (JsonSerializer.Serialize(key.Sign(options)), JsonSerializer.Serialize(new Authenticator().Make(add.Options)));
        string[] odd =
        [
            "null", "1", "\"x\"", "[]", "{}", "{\"id\":1}", "{\"id\":\"\"}", "{\"id\":\"***\"}", $"{{\"id\":\"{new string('A', 2000)}\"}}", $"{{\"id\":\"{key.Last.IdText}\"}}", $"{{\"id\":\"{key.Last.IdText}\",\"response\":null}}",
            $"{{\"id\":\"{key.Last.IdText}\",\"type\":\"public-key\",\"response\":{{}}}}", right.Replace("public-key", "password", StringComparison.Ordinal), "{\"id\":\"\\ud800\"}", new string('[', 15) + new string(']', 15),
        ];
        foreach (var credential in odd.Concat(Mangled(right, 120)))
        {
            var answer = await stranger.Send(HttpMethod.Post, "/api/v1/sign-in/passkey", Visitor.Raw($"{{\"ticket\":\"{ticket}\",\"credential\":{credential}}}"));
            Assert.True(answer.Status is 400 or 401, $"{answer.Status} {credential}\n{answer.Faults}");
        }
        foreach (var credential in odd.Concat(Mangled(made, 120)))
        {
            var answer = await visitor.Send(HttpMethod.Post, "/api/v1/me/passkeys", Visitor.Raw($"{{\"ticket\":\"{add.Ticket}\",\"credential\":{credential}}}"));
            // A passkey is not signed when it is made (there is no attestation): what is another one and well-formed is simply another one.
            Assert.True(answer.Status is 200 or 400, $"{answer.Status} {credential}\n{answer.Faults}");
        }
        // Forms take any text.
        foreach (var credential in new[] { "{", "x", "\0", new string('{', 20_000), "{\"id\":\"AA\"" })
        {
            var page = await (await stranger.Open("/sign-in")).Submit("form[action='/sign-in']", ("ticket", ticket), ("credential", credential));
            Assert.Equal(400, page.Answer.Status);
        }
        (await stranger.Send(HttpMethod.Post, "/api/v1/sign-in/passkey", Visitor.Raw($"{{\"ticket\":\"{ticket}\",\"credential\":{{\"id\":\"{new string('A', 70_000)}\"}}}}"))).Expect(413);
        (await stranger.Send(HttpMethod.Post, "/api/v1/sign-in/passkey", Visitor.Raw($"{{\"ticket\":\"{ticket}\"}}"))).Expect(400);
        // None of it used up the challenge.
        (await stranger.Send(HttpMethod.Post, "/api/v1/sign-in/passkey", Visitor.Raw($"{{\"ticket\":\"{ticket}\",\"credential\":{right}}}"))).Expect(204);
        Assert.Empty(app.Logs.Errors);
    }

    /// <summary>The same answer with one part cut, turned or replaced: bytes of the signed parts, of the signature, of the keys in CBOR.</summary>
    private static IEnumerable<string> Mangled(string credential, int tries)
    {
        string[] parts = ["clientDataJSON", "authenticatorData", "signature", "attestationObject"];
        for (var i = 0; i < (Fuzz.Tries ?? tries); i++)
        {
            var node = JsonNode.Parse(credential)!;
            var response = node["response"]!.AsObject();
            var part = parts.Where(response.ContainsKey).ElementAt(i % parts.Count(response.ContainsKey));
            var bytes = Base64Url.DecodeFromChars(response[part]!.GetValue<string>());
            var at = RandomNumberGenerator.GetInt32(bytes.Length);
            var changed = (i / 4 % 4) switch
            {
                0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << RandomNumberGenerator.GetInt32(8))), .. bytes[(at + 1)..]],
                1 => bytes[..at],
                2 => [.. bytes[..at], .. RandomNumberGenerator.GetBytes(1 + RandomNumberGenerator.GetInt32(40))],
                _ => [.. bytes[..at], .. Encoding.ASCII.GetBytes("\u007f\"}"), .. bytes[at..]],
            };
            response[part] = Base64Url.EncodeToString(changed);
            yield return node.ToJsonString();
        }
    }

    [Theory, Engines]
    public async Task Strangers_hold_nobody_up_and_a_network_has_its_limit(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "8", ["SignIn:FreeTries"] = "2", ["Proxy:Addresses"] = "127.0.0.1" });
        var (person, key, _, _) = await app.AddWithPasskey();
        var thief = app.Visitor();
        thief.ForwardedFor = "203.0.113.9";
        for (var i = 0; i < 8; i++) (await thief.SignInBy(key.But(rpId: "evil.example"))).Expect(400, "passkey.wrong");
        var held = (await thief.SignInBy(key.But(rpId: "evil.example"))).Expect(429, "passkey.network_wait");
        Assert.NotNull(held.Header("Retry-After"));
        // The person is somewhere else, in a browser that nobody knows.
        var owner = app.Visitor();
        owner.ForwardedFor = "198.51.100.4";
        (await owner.SignInBy(key)).Expect(204);
        Assert.Contains("sign_in.failed", await owner.Activity());
        Assert.Contains("the passkey was not taken", (await owner.Open("/account/activity")).Text, StringComparison.Ordinal);
        Assert.Equal(person.Email, (await owner.Get("/api/v1/account")).Json.GetProperty("email").GetString());
    }

    [Theory, Engines]
    public async Task A_sign_in_by_passkey_on_something_new_is_told_by_letter(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NewDeviceLetters"] = "true" });
        var (person, key, _, _) = await app.AddWithPasskey();
        var count = (await app.Letters(person.Email)).Count(l => l.Subject.Contains("New sign-in", StringComparison.OrdinalIgnoreCase));
        var visitor = app.Visitor(Visitor.Iphone);
        (await visitor.SignInBy(key)).Expect(204);
        Assert.Equal(count + 1, (await app.Letters(person.Email)).Count(l => l.Subject.Contains("New sign-in", StringComparison.OrdinalIgnoreCase)));
        Assert.Single(await app.Letters(person.Email), l => l.Subject.Contains("New sign-in", StringComparison.OrdinalIgnoreCase) && l.Text.Contains("Signed in with  Passkey", StringComparison.Ordinal));
        // A session that this browser had is replaced, and its token is new.
        var before = visitor.Copy();
        (await visitor.SignInBy(key)).Expect(204);
        Assert.NotEqual(before.Token, visitor.Token);
        (await before.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task A_call_from_a_foreign_page_signs_nobody_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, _, _) = await app.AddWithPasskey();
        var lured = app.Visitor();
        var (ticket, options) = await lured.Challenge("/api/v1/sign-in/passkey/options");
        lured.Headers["Sec-Fetch-Site"] = "cross-site";
        (await lured.Post("/api/v1/sign-in/passkey", new { ticket, credential = key.Sign(options) })).Expect(403, "request.cross_site");
        (await lured.Post("/api/v1/sign-in/passkey/options")).Expect(403, "request.cross_site");
    }
}
