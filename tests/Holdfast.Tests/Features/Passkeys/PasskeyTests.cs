using Holdfast.Features.Passkeys;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Passkeys;

/// <summary>Adding passkeys, signing in with them, proving by them, and what becomes of them.</summary>
public sealed class PasskeyTests
{
    [Theory, Engines(false, true)]
    public async Task The_first_passkey_turns_two_factor_on_brings_codes_and_signs_in_alone(string engine, bool rsa)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var old = visitor.Token;
        var key = new Authenticator { Rsa = rsa, Aaguid = new Guid("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"), Synced = true, Counts = false };
        var added = (await visitor.AddPasskey(key)).Expect(200).Json;
        Assert.Equal(10, added.GetProperty("recoveryCodes").GetArrayLength());
        Assert.Equal("iCloud Keychain", added.GetProperty("passkey").GetProperty("name").GetString());
        Assert.True(added.GetProperty("passkey").GetProperty("synced").GetBoolean());
        Assert.NotEqual(old, visitor.Token);
        Assert.True((await visitor.Get("/api/v1/two-factor")).Expect(200).Json.GetProperty("on").GetBoolean());
        var letter = (await app.Letters(person.Email)).Single();
        Assert.Equal("Two-factor was turned on", letter.Subject);
        Assert.Contains("The passkey “iCloud Keychain”", letter.Text, StringComparison.Ordinal);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));

        var elsewhere = app.Visitor(Visitor.Iphone);
        (await elsewhere.SignInBy(key, keep: true)).Expect(204);
        var session = (await elsewhere.Get("/api/v1/session")).Expect(200).Json;
        Assert.Equal(["passkey"], session.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(app.Now, session.GetProperty("secondProvenAt").GetDateTimeOffset());
        Assert.Contains("Passkey", (await visitor.Open("/account/sessions")).Text, StringComparison.Ordinal);
        // It is a second factor as well: new codes need no further proof.
        (await elsewhere.Post("/api/v1/two-factor/recovery-codes")).Expect(200);
        Assert.Empty(new[] { "recovery_codes.made", "sign_in.succeeded", "two_factor.turned_on", "passkey.added" }.Except(await elsewhere.Activity()));
        // The password alone now opens a pending sign-in.
        var third = app.Visitor();
        var pending = (await third.SignIn(person.Email, person.Password)).Expect(202).Json;
        Assert.Equal(["passkey", "recovery_code"], pending.GetProperty("ways").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal("passkey", (await third.VerifyBy(key)).Expect(200).Json.GetProperty("method").GetString());
        Assert.Contains("Password and passkey", (await third.Open("/account/sessions")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_challenge_asks_for_what_a_passkey_has_to_be(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey();
        var (_, options) = await visitor.Challenge("/api/v1/me/passkeys/options");
        Assert.Equal(("localhost", "Quayside"), (options.GetProperty("rp").GetProperty("id").GetString(), options.GetProperty("rp").GetProperty("name").GetString()));
        var chosen = options.GetProperty("authenticatorSelection");
        Assert.Equal(("required", "required"), (chosen.GetProperty("residentKey").GetString(), chosen.GetProperty("userVerification").GetString()));
        Assert.Equal("none", options.GetProperty("attestation").GetString());
        Assert.Equal([-7, -257], options.GetProperty("pubKeyCredParams").EnumerateArray().Select(p => p.GetProperty("alg").GetInt32()).OrderDescending());
        Assert.Equal(key.Last.IdText, options.GetProperty("excludeCredentials")[0].GetProperty("id").GetString());
        Assert.Equal((person.Email, person.Name), (options.GetProperty("user").GetProperty("name").GetString(), options.GetProperty("user").GetProperty("displayName").GetString()));
        // The handle tells nobody who it is, and is the same for every passkey of the account.
        Assert.Equal(43, key.Last.UserHandle.Length);
        Assert.DoesNotContain(person.Id, System.Text.Encoding.ASCII.GetString(key.Last.UserHandle), StringComparison.Ordinal);
        (await visitor.AddPasskey(key)).Expect(200);
        Assert.Equal(key.Kept[0].UserHandle, key.Kept[1].UserHandle);

        var (_, request) = await app.Visitor().Challenge("/api/v1/sign-in/passkey/options");
        Assert.Equal(("localhost", "required"), (request.GetProperty("rpId").GetString(), request.GetProperty("userVerification").GetString()));
        Assert.Equal(0, request.TryGetProperty("allowCredentials", out var allowed) ? allowed.GetArrayLength() : 0);
        Assert.Equal(5 * 60 * 1000, request.GetProperty("timeout").GetInt64());
    }

    [Theory, Engines]
    public async Task Passkeys_are_named_listed_and_removed_with_a_letter(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = (await visitor.AddPasskey(key, "Work laptop")).Expect(200).Json;
        Assert.False(second.TryGetProperty("recoveryCodes", out _));
        (await visitor.AddPasskey(new Authenticator(), new string('x', 61))).Expect(400, "form.too_long");
        var items = (await visitor.Get("/api/v1/me/passkeys")).Expect(200).Json;
        Assert.Equal(["Firefox on Linux", "Work laptop"], items.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
        Assert.Equal(key.Kept.Select(k => k.IdText), items.GetProperty("acceptedCredentialIds").EnumerateArray().Select(i => i.GetString()));
        var id = second.GetProperty("passkey").GetProperty("id").GetString();
        (await visitor.Patch($"/api/v1/me/passkeys/{id}", new { name = "Old laptop" })).Expect(204);
        (await visitor.Patch($"/api/v1/me/passkeys/{id}", new { name = " " })).Expect(400);
        Assert.Contains("Old laptop", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await visitor.Delete($"/api/v1/me/passkeys/{id}")).Expect(204);
        (await visitor.Delete($"/api/v1/me/passkeys/{id}")).Expect(404, "passkey.not_found");
        (await app.Visitor().SignInBy(key)).Expect(401, "passkey.unknown");
        // The last factor goes with turning two-factor off.
        var last = items.GetProperty("items")[0].GetProperty("id").GetString();
        (await visitor.Delete($"/api/v1/me/passkeys/{last}")).Expect(409, "two_factor.last_factor");
        Assert.Equal(["A passkey was added", "A passkey was removed", "Two-factor was turned on"], (await app.Letters(person.Email)).Select(l => l.Subject).Order(StringComparer.Ordinal));
        Assert.Empty(new[] { "passkey.removed", "passkey.renamed", "passkey.added" }.Except(await visitor.Activity("?kind=two-factor")));
    }

    [Theory, Engines]
    public async Task A_second_one_of_a_kind_gets_a_number_and_there_are_ten_at_most(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        for (var more = 1; more < Passkey.Most; more++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            (await visitor.AddPasskey(key)).Expect(200);
        }
        Assert.Equal("Firefox on Linux 10", (await visitor.Get("/api/v1/me/passkeys")).Json.GetProperty("items")[9].GetProperty("name").GetString());
        (await visitor.Post("/api/v1/me/passkeys/options")).Expect(409, "passkey.too_many");
        Assert.Contains("as many as there can be", (await visitor.Open("/account/two-factor/passkey")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_step_up_by_passkey_counts_as_second_factor_and_turns_two_factor_off(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post("/api/v1/me/passkeys/options")).Expect(403, "step_up.second_factor_required");
        var before = visitor.Token;
        (await visitor.StepUpBy(key)).Expect(200);
        Assert.NotEqual(before, visitor.Token);
        (await visitor.Post("/api/v1/me/passkeys/options")).Expect(200);

        var (ticket, options) = await visitor.Challenge("/api/v1/two-factor/turn-off/passkey-options");
        (await visitor.Post("/api/v1/two-factor/turn-off", new { passkey = new { ticket, credential = key.Sign(options) } })).Expect(204);
        Assert.False((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("on").GetBoolean());
        (await app.Visitor().SignInBy(key)).Expect(401, "passkey.unknown");
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "Two-factor was turned off");
        // Browsers are told that none is left, and a new one gets the same handle.
        Assert.Equal("", (await visitor.Open("/account/two-factor")).Document.QuerySelector("[data-passkeys-of]")!.GetAttribute("data-ids"));
        (await visitor.AddPasskey(key)).Expect(200);
        Assert.Equal(key.Kept[0].UserHandle, key.Last.UserHandle);
    }

    [Theory, Engines]
    public async Task The_pages_take_passkeys_in_their_forms(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var key = new Authenticator();
        async Task<(string, string)[]> Answer(Visitor who, string path, bool creates = false)
        {
            var (ticket, options) = await who.Challenge(path);
            return [("ticket", ticket), ("credential", System.Text.Json.JsonSerializer.Serialize(creates ? key.Make(options) : key.Sign(options)))];
        }

        var page = await (await visitor.Open("/account/two-factor/passkey")).Submit("form.card", await Answer(visitor, "/api/v1/me/passkeys/options", creates: true));
        Assert.Equal(10, page.Document.QuerySelectorAll("ol.codes li").Length);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        page = await (await visitor.Open("/account/two-factor/passkey")).Submit("form.card", await Answer(visitor, "/api/v1/me/passkeys/options", creates: true));
        Assert.Equal("/account/two-factor#passkeys", page.Path);
        Assert.Contains("“Firefox on Linux 2” was added.", page.Text, StringComparison.Ordinal);

        // Sign in, and on to where one was going.
        var other = app.Visitor();
        page = await (await other.Open("/account/activity")).Submit("form[action='/sign-in']", await Answer(other, "/api/v1/sign-in/passkey/options"));
        Assert.Equal((200, "/account/activity"), (page.Answer.Status, page.Path));

        // The second step.
        var third = app.Visitor();
        page = await (await third.Open("/account/activity")).Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        Assert.Contains("Use your passkey", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/sign-in/verify']", await Answer(third, "/api/v1/sign-in/verify/passkey-options"));
        Assert.Equal((200, "/account/activity"), (page.Answer.Status, page.Path));

        // A proof, and back to what one was doing.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        page = await (await other.Open("/account/two-factor")).Submit("form[action*='RemovePasskey']");
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        Assert.Contains("You are about to remove a passkey.", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/step-up']", await Answer(other, "/api/v1/step-up/passkey-options"));
        page = await page.Submit("form[data-go-on]");
        Assert.Contains("“Firefox on Linux” was removed.", page.Text, StringComparison.Ordinal);

        // Off.
        page = await (await other.Open("/account/two-factor")).Submit("form[action*='TurnOff']", await Answer(other, "/api/v1/two-factor/turn-off/passkey-options"));
        Assert.Contains("Two-factor is off.", page.Text, StringComparison.Ordinal);

        // One that nobody has is told to the browser, so that it stops offering it.
        page = await (await app.Visitor().Open("/sign-in")).Submit("form[action='/sign-in']", ("ticket", "x"), ("credential", "{}"));
        Assert.Equal(400, page.Answer.Status);
        var fourth = app.Visitor();
        page = await (await fourth.Open("/sign-in")).Submit("form[action='/sign-in']", await Answer(fourth, "/api/v1/sign-in/passkey/options"));
        Assert.Equal((401, key.Last.IdText), (page.Answer.Status, page.Document.QuerySelector("[data-unknown-passkey]")!.GetAttribute("data-unknown-passkey")));
    }

    [Theory, Engines]
    public async Task After_a_recovery_code_a_new_passkey_takes_the_place_of_the_apps(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        (await visitor.Verify(phone.Codes[0], "recovery_code")).Expect(200);
        Assert.Equal(10, (await visitor.AddPasskey(new Authenticator())).Expect(200).Json.GetProperty("recoveryCodes").GetArrayLength());
        var now = (await visitor.Get("/api/v1/two-factor")).Json;
        Assert.Equal((false, "passkey"), (now.GetProperty("wantsNewDevice").GetBoolean(), now.GetProperty("factors").EnumerateArray().Single().GetProperty("method").GetString()));
        (await visitor.StepUpBy(phone.Codes[1], "recovery_code")).Expect(400, "recovery_code.wrong");
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "A passkey took the place of your apps");
    }

    [Theory, Engines]
    public async Task A_passkey_fulfils_what_a_role_asks_for(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RequiredForRoles"] = "member" });
        var person = await app.AddAccount(workspace: "Northwind");
        var visitor = await app.SignedIn(person);
        (await visitor.Get("/api/v1/account")).Expect(403, "two_factor.enrol_required");
        Assert.Equal(200, (await visitor.Open("/account/two-factor/passkey")).Answer.Status);
        (await visitor.AddPasskey(new Authenticator())).Expect(200);
        (await visitor.Get("/api/v1/account")).Expect(200);
        Assert.Empty(await app.Db.Read(tx => Holdfast.Features.TwoFactor.TwoFactorTable.Without(tx, ["member"])));
    }

    [Theory, Engines]
    public async Task A_reset_by_those_who_run_the_server_removes_passkeys_as_well(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey();
        var reset = new Holdfast.Features.TwoFactor.ResetTwoFactor(app.Db, app.Get<Holdfast.Outbox.SendLetters>(), app.Settings, app.Clock);
        Assert.True((await reset.Run(person.Email)).Ok);
        (await visitor.Get("/api/v1/session")).Expect(401);
        (await app.Visitor().SignInBy(key)).Expect(401, "passkey.unknown");
    }

    [Fact]
    public async Task Password_managers_find_where_passkeys_are_added_and_managed()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var found = (await app.Visitor().Get("/.well-known/passkey-endpoints")).Expect(200);
        Assert.Equal("application/json; charset=utf-8", found.ContentType);
        Assert.Equal((TestSettings.PublicUrl + "/account/two-factor/passkey", TestSettings.PublicUrl + "/account/two-factor#passkeys"), (found.Json.GetProperty("enroll").GetString(), found.Json.GetProperty("manage").GetString()));
    }

    [Fact]
    public async Task A_server_without_a_name_offers_none()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["PublicUrl"] = "http://127.0.0.1:8080" });
        (await app.Visitor().Get("/.well-known/passkey-endpoints")).Expect(404);
        (await app.Visitor().Post("/api/v1/sign-in/passkey/options")).Expect(409, "passkey.impossible");
        Assert.Null((await app.Visitor().Open("/sign-in")).Document.QuerySelector("[data-passkey]"));
    }

    [Theory]
    [InlineData("https://id.example.com", "id.example.com", "https://id.example.com")]
    [InlineData("https://ID.example.com:8443", "id.example.com", "https://id.example.com:8443")]
    [InlineData("https://bücher.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example")]
    [InlineData("http://localhost:8080", "localhost", "http://localhost:8080")]
    public void Name_and_origin_are_written_as_browsers_write_them(string address, string id, string origin)
    {
        var here = new RelyingParty(TestSettings.Read(new Dictionary<string, string?> { ["PublicUrl"] = address, ["Mail:Host"] = "mail.example.com", ["Mail:From"] = "id@example.com" }).Server);
        Assert.Equal((id, origin, true), (here.Id, here.Origin, here.IsPossible));
    }
}
