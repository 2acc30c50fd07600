using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Features.Passkeys;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Ways to get in with a passkey that is not one's own, or with an answer that was given for something else.</summary>
public sealed class PasskeyAttacksTests
{
    private const string SignInOptions = "/api/v1/sign-in/passkey/options";
    private const string VerifyOptions = "/api/v1/sign-in/verify/passkey-options";
    private const string StepUpOptions = "/api/v1/step-up/passkey-options";
    private const string TurnOffOptions = "/api/v1/two-factor/turn-off/passkey-options";
    private const string AddOptions = "/api/v1/me/passkeys/options";

    private static Task<Answer> SignIn(Visitor visitor, string ticket, object credential) => visitor.Post("/api/v1/sign-in/passkey", new { ticket, credential });

    [Theory, Engines]
    public async Task A_passkey_of_somebody_else_serves_in_no_second_step_and_no_step_up(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (victim, own, visitor, _) = await app.AddWithPasskey();
        var (_, foreign, thief, _) = await app.AddWithPasskey("eve@quayside.example", "Eve");
        var door = app.Visitor();
        (await door.SignIn(victim.Email, victim.Password)).Expect(202);
        (await door.VerifyBy(foreign)).Expect(400, "passkey.wrong");
        // With the victim's handle in the answer, or with the victim's credential id over a foreign key, neither.
        var (ticket, options) = await door.Challenge(VerifyOptions);
        (await door.Post("/api/v1/sign-in/verify", new { passkey = new { ticket, credential = foreign.Sign(options, userHandle: own.Last.UserHandle) } })).Expect(400, "passkey.wrong");
        var forged = JsonSerializer.SerializeToNode(foreign.Sign(options))!;
        forged["id"] = own.Last.IdText;
        forged["rawId"] = own.Last.IdText;
        forged["response"]!["userHandle"] = Base64Url.EncodeToString(own.Last.UserHandle);
        (await door.Post("/api/v1/sign-in/verify", new { passkey = new { ticket, credential = forged } })).Expect(400, "passkey.wrong");
        (await visitor.StepUpBy(foreign)).Expect(400, "passkey.wrong");
        (await door.Get("/api/v1/session")).Expect(401);
        (await door.VerifyBy(own)).Expect(200);
        (await thief.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines]
    public async Task Nobody_renames_removes_or_confirms_a_passkey_of_somebody_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, own, visitor, _) = await app.AddWithPasskey();
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await visitor.AddPasskey(own)).Expect(200);
        var (_, _, thief, _) = await app.AddWithPasskey("eve@quayside.example", "Eve");
        var id = (await visitor.Get("/api/v1/me/passkeys")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        (await thief.Patch($"/api/v1/me/passkeys/{id}", new { name = "Mine" })).Expect(404, "passkey.not_found");
        (await thief.Delete($"/api/v1/me/passkeys/{id}")).Expect(404, "passkey.not_found");
        (await thief.Post($"/api/v1/me/passkeys/{id}/confirm")).Expect(404, "passkey.not_found");
        (await app.Visitor().SignInBy(own, own.Kept[0])).Expect(204);
    }

    [Theory, Engines]
    public async Task A_user_handle_of_another_account_or_none_is_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, own, _, _) = await app.AddWithPasskey();
        var (_, foreign, _, _) = await app.AddWithPasskey("eve@quayside.example", "Eve");
        var visitor = app.Visitor();
        var (ticket, options) = await visitor.Challenge(SignInOptions);
        (await SignIn(visitor, ticket, foreign.Sign(options, userHandle: own.Last.UserHandle))).Expect(400, "passkey.wrong");
        (await SignIn(visitor, ticket, foreign.Sign(options, userHandle: []))).Expect(400, "passkey.wrong");
        (await SignIn(visitor, ticket, foreign.Sign(options, userHandle: RandomNumberGenerator.GetBytes(64)))).Expect(400, "passkey.wrong");
        (await SignIn(visitor, ticket, foreign.Sign(options))).Expect(204);
    }

    [Theory, Engines]
    public async Task A_copied_authenticator_is_noticed_shut_out_and_told_of(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, codes) = await app.AddWithPasskey();
        (await app.Visitor().SignInBy(key)).Expect(204);
        var copy = key.Last.Clone();
        // The copy is quicker, its count is higher: nothing can be seen yet.
        var thief = app.Visitor(Visitor.Chrome);
        (await thief.SignInBy(key, copy)).Expect(204);
        // Then its owner comes with a count that was there before: from now on neither is taken.
        (await app.Visitor().SignInBy(key)).Expect(403, "passkey.copied");
        (await app.Visitor().SignInBy(key)).Expect(403, "passkey.copied");
        (await app.Visitor().SignInBy(key, copy)).Expect(403, "passkey.copied");
        Assert.Single(await app.Letters(person.Email), l => l.Subject == "This passkey may have been copied");
        var notMe = TestApp.TokenIn((await app.Letters(person.Email)).Single(l => l.Subject == "This passkey may have been copied"), "/not-me");
        Assert.Single(await visitor.Activity(), kind => kind == "passkey.copied");
        Assert.Contains("A passkey may have been copied", (await visitor.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        Assert.Empty((await visitor.Get("/api/v1/me/passkeys")).Json.GetProperty("acceptedCredentialIds").EnumerateArray());

        // Two-factor stays on with it: else the copy would have turned it off. The way in is a recovery code.
        var door = app.Visitor();
        Assert.Equal(["recovery_code"], (await door.SignIn(person.Email, person.Password)).Expect(202).Json.GetProperty("ways").EnumerateArray().Select(w => w.GetString()));
        (await door.Post(VerifyOptions)).Expect(404, "passkey.not_found");
        (await door.Verify(codes[0], "recovery_code")).Expect(200);
        // Another one first, then it can go.
        var id = (await door.Get("/api/v1/me/passkeys")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        (await door.Delete($"/api/v1/me/passkeys/{id}")).Expect(409, "two_factor.last_factor");
        (await door.AddPasskey(new Authenticator())).Expect(200);
        (await door.Delete($"/api/v1/me/passkeys/{id}")).Expect(204);
        // The letter's link ends what the thief has got.
        await (await app.Visitor().Open($"/not-me?token={notMe}")).Submit("form[action='/not-me']");
        (await thief.Get("/api/v1/session")).Expect(401);
    }

    [Theory, Engines]
    public async Task A_counter_that_goes_back_to_nothing_is_a_copy_too_and_in_a_second_step_as_well(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey();
        (await app.Visitor().SignInBy(key)).Expect(204);
        var door = app.Visitor();
        (await door.SignIn(person.Email, person.Password)).Expect(202);
        key.Last.Count = uint.MaxValue;
        (await door.VerifyBy(key)).Expect(403, "passkey.copied");
        (await visitor.Post(StepUpOptions)).Expect(404, "passkey.not_found");
    }

    [Theory, Engines]
    public async Task A_replayed_answer_is_refused_everywhere(string engine)
    {
        await using var app = await TestApp.Start(engine);
        // Counts nothing: the challenge alone has to hold it back.
        var (_, key, _, _) = await app.AddWithPasskey(authenticator: new Authenticator { Counts = false });
        var visitor = app.Visitor();
        var (ticket, options) = await visitor.Challenge(SignInOptions);
        var answer = key.Sign(options);
        (await SignIn(visitor, ticket, answer)).Expect(204);
        (await SignIn(visitor.Copy(), ticket, answer)).Expect(400, "passkey.challenge_over");
        // A fresh signature over the same challenge is no better, and the ticket in another spelling is the same ticket.
        (await SignIn(visitor, ticket, key.Sign(options))).Expect(400, "passkey.challenge_over");
        (await SignIn(visitor, ticket + "=", key.Sign(options))).Expect(400, "passkey.challenge_over");
        (await SignIn(visitor, $" {ticket}\n", key.Sign(options))).Expect(400, "passkey.challenge_over");
        app.Clock.Advance(TimeSpan.FromMinutes(6));
        await app.Tidy();
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM used_challenges")));
        (await SignIn(visitor, ticket, key.Sign(options))).Expect(400, "passkey.challenge_over");
        Assert.Equal(2, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sessions")));
    }

    [Theory, Engines]
    public async Task Of_fifty_connections_with_the_same_answer_one_gets_in(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "1000" });
        var (person, key, _, _) = await app.AddWithPasskey(authenticator: new Authenticator { Counts = false });
        var visitor = app.Visitor();
        var (ticket, options) = await visitor.Challenge(SignInOptions);
        var answer = key.Sign(options);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SignIn(visitor.Copy(), ticket, answer)));
        Assert.Single(answers, a => a.Status == 204);
        Assert.All(answers.Where(a => a.Status != 204), a => a.Expect(400, "passkey.challenge_over"));
        Assert.Equal(2, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sessions")));
        Assert.DoesNotContain(await app.Letters(person.Email), l => l.Subject.Contains("copied", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task Of_fifty_connections_that_add_the_same_passkey_one_does(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        var (ticket, options) = await visitor.Challenge(AddOptions);
        var credential = key.Make(options);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => visitor.Copy().Post("/api/v1/me/passkeys", new { ticket, credential })));
        Assert.Single(answers, a => a.Status == 200);
        Assert.Equal(2, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM passkeys")));
    }

    [Theory, Engines]
    public async Task Answers_from_a_false_page_a_frame_or_for_another_name_are_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        Authenticator[] elsewhere =
        [
            key.But(origin: "https://quayside.example.evil.example"), key.But(origin: TestSettings.PublicUrl + "/"), key.But(origin: "http://localhost"), key.But(origin: "https://localhost:8080"), key.But(origin: "null"), key.But(origin: ""),
            key.But(rpId: "evil.example"), key.But(rpId: "localhost:8080"), key.But(rpId: ""), key.But(crossOrigin: true), key.But(topOrigin: "https://evil.example"), key.But(crossOrigin: true, topOrigin: TestSettings.PublicUrl),
        ];
        foreach (var authenticator in elsewhere)
        {
            (await app.Visitor().SignInBy(authenticator)).Expect(400, "passkey.wrong");
            (await visitor.StepUpBy(authenticator)).Expect(400, "passkey.wrong");
            (await visitor.AddPasskey(authenticator)).Expect(400, "passkey.wrong");
            key.Kept.RemoveRange(1, key.Kept.Count - 1);
        }
        (await app.Visitor().SignInBy(key)).Expect(204);
    }

    [Theory, Engines]
    public async Task The_host_header_makes_no_other_name_of_us(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        var lured = app.Visitor();
        lured.Headers["Host"] = "evil.example";
        lured.Headers["Origin"] = "http://evil.example";
        var (ticket, options) = await lured.Challenge(SignInOptions);
        Assert.Equal("localhost", options.GetProperty("rpId").GetString());
        (await SignIn(lured, ticket, key.But(origin: "http://evil.example", rpId: "evil.example").Sign(options))).Expect(400, "passkey.wrong");
        visitor.Headers["Host"] = "evil.example";
        Assert.Equal("localhost", (await visitor.Challenge(AddOptions)).Options.GetProperty("rp").GetProperty("id").GetString());
        (await visitor.AddPasskey(key.But(origin: "http://evil.example", rpId: "evil.example"))).Expect(400, "passkey.wrong");
    }

    [Theory, Engines]
    public async Task Without_the_person_verified_or_present_nothing_is_taken(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        foreach (var lax in new[] { key.But(verified: false), key.But(present: false) })
        {
            (await app.Visitor().SignInBy(lax)).Expect(400, "passkey.wrong");
            (await visitor.StepUpBy(lax)).Expect(400, "passkey.wrong");
            (await visitor.AddPasskey(lax)).Expect(400, "passkey.wrong");
            key.Kept.RemoveAt(1);
        }
    }

    [Theory, Engines]
    public async Task A_challenge_serves_for_what_it_was_made_and_for_whom_it_was_made(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, visitor, _) = await app.AddWithPasskey(authenticator: new Authenticator { Counts = false });
        var second = app.Visitor();
        (await second.SignInBy(key)).Expect(204);
        var pending = app.Visitor();
        (await pending.SignIn(person.Email, person.Password)).Expect(202);
        var otherPending = app.Visitor();
        (await otherPending.SignIn(person.Email, person.Password)).Expect(202);
        var stranger = app.Visitor();

        var made = new Dictionary<string, (string Ticket, JsonElement Options)>
        {
            ["sign in"] = await stranger.Challenge(SignInOptions), ["second step"] = await pending.Challenge(VerifyOptions), ["step up"] = await visitor.Challenge(StepUpOptions),
            ["turn off"] = await visitor.Challenge(TurnOffOptions), ["add"] = await visitor.Challenge(AddOptions),
        };
        foreach (var (what, (ticket, options)) in made)
        {
            object proof = new { passkey = new { ticket, credential = what == "add" ? key.Sign(JsonDocument.Parse($"{{\"challenge\":\"{options.GetProperty("challenge").GetString()}\"}}").RootElement) : key.Sign(options) } };
            var credential = key.Sign(options);
            // The same browser for another step, and another browser, session or sign-in for the same step.
            (await SignIn(app.Visitor(), ticket, credential)).Expect(400, "passkey.challenge_over");
            var other = app.Visitor();
            await other.Challenge(SignInOptions);
            (await SignIn(other, ticket, credential)).Expect(400, "passkey.challenge_over");
            if (what != "sign in") (await SignIn(stranger, ticket, credential)).Expect(400, "passkey.challenge_over");
            if (what != "second step") (await pending.Post("/api/v1/sign-in/verify", proof)).Expect(400, "passkey.challenge_over");
            (await otherPending.Post("/api/v1/sign-in/verify", proof)).Expect(400, "passkey.challenge_over");
            if (what != "step up") (await visitor.Post("/api/v1/step-up", proof)).Expect(400, "passkey.challenge_over");
            (await second.Post("/api/v1/step-up", proof)).Expect(400, "passkey.challenge_over");
            if (what != "turn off") (await visitor.Post("/api/v1/two-factor/turn-off", proof)).Expect(400, "passkey.challenge_over");
            (await second.Post("/api/v1/two-factor/turn-off", proof)).Expect(400, "passkey.challenge_over");
            (await second.Post("/api/v1/me/passkeys", new { ticket, credential })).Expect(400, "passkey.challenge_over");
            if (what != "add") (await visitor.Post("/api/v1/me/passkeys", new { ticket, credential })).Expect(400, "passkey.challenge_over");
        }
        // An assertion is no registration, and a registration is no assertion, even where the challenge fits.
        (await visitor.Post("/api/v1/me/passkeys", new { made["add"].Ticket, credential = key.Sign(made["add"].Options) })).Expect(400, "passkey.wrong");
        (await SignIn(stranger, made["sign in"].Ticket, key.Sign(made["sign in"].Options))).Expect(204);
        (await pending.Post("/api/v1/sign-in/verify", new { passkey = new { made["second step"].Ticket, credential = key.Sign(made["second step"].Options) } })).Expect(200);
    }

    [Theory, Engines]
    public async Task A_challenge_lasts_five_minutes_whatever_its_ticket_says(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, _, _) = await app.AddWithPasskey();
        var visitor = app.Visitor();
        var (ticket, options) = await visitor.Challenge(SignInOptions);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        (await SignIn(visitor, ticket, key.Sign(options))).Expect(400, "passkey.challenge_over");
        // Made up, cut or turned: opened by nobody.
        (ticket, options) = await visitor.Challenge(SignInOptions);
        foreach (var other in new[] { "", "x", ticket[..^4], ticket[4..], new string('A', 300), new string('A', 5000), ticket.Replace(ticket[60], ticket[60] == 'A' ? 'B' : 'A') })
        {
            (await SignIn(visitor, other, key.Sign(options))).Expect(400, "passkey.challenge_over");
        }
        // Opened by the right seal alone: an answer to a challenge that somebody else chose.
        var chosen = JsonSerializer.SerializeToElement(new { challenge = Base64Url.EncodeToString(new byte[32]) });
        (await SignIn(visitor, ticket, key.Sign(chosen))).Expect(400, "passkey.wrong");
    }

    [Theory, Engines]
    public async Task A_credential_that_somebody_has_is_not_registered_again(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, own, _, _) = await app.AddWithPasskey();
        var (_, foreign, thief, _) = await app.AddWithPasskey("eve@quayside.example", "Eve");
        // With it the victim's sign-ins would look for Eve.
        (await thief.AddPasskey(foreign, id: own.Last.Id)).Expect(409, "passkey.taken");
        (await thief.AddPasskey(foreign, id: foreign.Kept[0].Id)).Expect(409, "passkey.taken");
        var visitor = app.Visitor();
        (await visitor.SignInBy(own)).Expect(204);
        Assert.Equal("Tomasz Wiśniewski", (await visitor.Get("/api/v1/account")).Json.GetProperty("name").GetString());
    }

    [Theory, Engines]
    public async Task Nobody_adds_a_passkey_without_a_proof_or_with_the_password_alone_where_there_is_more(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post(AddOptions)).Expect(403, "step_up.required");
        Assert.StartsWith("/step-up", (await visitor.Open("/account/two-factor/passkey")).Path, StringComparison.Ordinal);
        (await visitor.StepUp(person.Password)).Expect(200);
        var phone = await app.Enrol(visitor);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Post(AddOptions)).Expect(403, "step_up.second_factor_required");
        app.NextCode();
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        // Asked for in time, answered too late: the proof is looked at again.
        var (ticket, options) = await visitor.Challenge(AddOptions);
        app.Clock.Advance(TimeSpan.FromMinutes(4));
        (await visitor.Post("/api/v1/me/passkeys", new { ticket, credential = new Authenticator().Make(options) })).Expect(200);
        (ticket, options) = await visitor.Challenge(AddOptions);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post("/api/v1/me/passkeys", new { ticket, credential = new Authenticator().Make(options) })).Expect(403, "step_up.second_factor_required");
        var id = (await visitor.Get("/api/v1/me/passkeys")).Json.GetProperty("items")[0].GetProperty("id").GetString();
        (await visitor.Delete($"/api/v1/me/passkeys/{id}")).Expect(403, "step_up.second_factor_required");
    }

    [Theory, Engines]
    public async Task A_set_up_begun_before_two_factor_was_on_is_not_ended_after(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        // Somebody with the password alone begins a passkey; its owner sets up the first factor meanwhile.
        var (thief, owner) = (await app.SignedIn(person), await app.SignedIn(person));
        var (ticket, options) = await thief.Challenge(AddOptions);
        await app.Enrol(owner);
        (await thief.Post("/api/v1/me/passkeys", new { ticket, credential = new Authenticator().Make(options) })).Expect(403, "step_up.second_factor_required");
    }

    [Theory, Engines]
    public async Task A_pending_sign_in_cannot_add_list_or_prove_in_a_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, key, _, _) = await app.AddWithPasskey();
        var door = app.Visitor();
        (await door.SignIn(person.Email, person.Password)).Expect(202);
        (await door.Post(AddOptions)).Expect(401);
        (await door.Get("/api/v1/me/passkeys")).Expect(401);
        (await door.Post(StepUpOptions)).Expect(401);
        (await door.Post(TurnOffOptions)).Expect(401);
        (await app.Visitor().Post(VerifyOptions)).Expect(401, "sign_in.pending_over");
        (await door.VerifyBy(key)).Expect(200);
    }

    [Theory, Engines]
    public async Task An_ended_session_proves_and_adds_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, key, visitor, _) = await app.AddWithPasskey();
        var (ticket, options) = await visitor.Challenge(StepUpOptions);
        var add = await visitor.Challenge(AddOptions);
        var owner = app.Visitor();
        (await owner.SignInBy(key)).Expect(204);
        (await owner.Post("/api/v1/sessions/end-others")).Expect(200);
        (await visitor.Post("/api/v1/step-up", new { passkey = new { ticket, credential = key.Sign(options) } })).Expect(401, "session.ended");
        (await visitor.Post("/api/v1/me/passkeys", new { add.Ticket, credential = new Authenticator().Make(add.Options) })).Expect(401, "session.ended");
        // Signing in anew is another matter: nobody took the passkey away.
        (await app.Visitor().SignInBy(key)).Expect(204);
    }
}
