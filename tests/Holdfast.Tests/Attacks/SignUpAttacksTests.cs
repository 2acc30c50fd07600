using System.Text;
using Holdfast.Features.SignUp;
using Holdfast.Outbox;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Features.SignUpTests;

namespace Holdfast.Tests.Attacks;

/// <summary>What strangers may do with the form that makes accounts: find out nothing, make nobody's account but their own.</summary>
public sealed class SignUpAttacksTests
{
    private static Task<Answer> Confirm(TestApp app, string token, string password = TestApp.Password) => app.Visitor().Post("/api/v1/sign-up/confirm", new { token, password });

    [Theory, Engines]
    public async Task A_taken_address_is_answered_as_any_other_and_its_owner_alone_is_told(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var person = await app.AddAccount();
        var seen = new List<string>();
        foreach (var email in new[] { person.Email, Email, "TOMASZ@almondbirch.example" })
        {
            var visitor = app.Visitor();
            var answer = (await Ask(app, email, by: visitor)).Expect(202);
            seen.Add($"{string.Join('\n', answer.Headers.Where(h => h.Key is not "Date").OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}"))}\n{answer.Bytes.Length}");
            Assert.Empty(visitor.Cookies);
        }
        Assert.Single(seen.Distinct(StringComparer.Ordinal));
        Assert.Equal("Confirm your address", Assert.Single(await app.Letters(Email)).Subject);
        var told = await app.Letters(person.Email);
        Assert.All(told, letter => Assert.Equal("You have a Quayside account already", letter.Subject));
        Assert.DoesNotContain("token=", told[0].Text, StringComparison.Ordinal);
        // Their password is what it was.
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal(1, await Accounts(app));
    }

    [Theory, Engines]
    public async Task The_request_looks_nothing_up_so_that_its_time_cannot_tell(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var person = await app.AddAccount();
        await using var a = await Hidden.Table(app, "accounts");
        await using var b = await Hidden.Table(app, "sign_ups");
        await using var c = await Hidden.Table(app, "email_changes");
        await using var d = await Hidden.Table(app, "outbox");
        foreach (var email in new[] { person.Email, Email }) (await Ask(app, email)).Expect(202);
        Assert.Equal(2, await app.Db.Read(QuietRequestTable.Waiting));
    }

    [Theory, Engines]
    public async Task Whoever_presses_a_strangers_link_makes_no_account_to_which_the_stranger_knows_the_password(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app, name: "Mallory")).Expect(202);
        var token = await app.LastLink(Email, "/confirm-email");
        // The owner of the mailbox opens the link and presses: what they would type is not what the stranger chose.
        for (var i = 0; i < SignUp.MostWrongPasswords; i++) (await Confirm(app, token, TestApp.OtherPassword)).Expect(401, "sign_up.wrong_password");
        (await Confirm(app, token)).Expect(404, "link.over");
        Assert.Equal(0, await Accounts(app));
        // Their own sign-up goes its way.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Ask(app, password: TestApp.OtherPassword)).Expect(202);
        (await Confirm(app, await app.LastLink(Email, "/confirm-email"), TestApp.OtherPassword)).Expect(204);
    }

    [Theory, Engines]
    public async Task A_strangers_wait_for_the_same_address_ends_with_the_account(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app)).Expect(202);
        var strangers = await app.LastLink(Email, "/confirm-email");
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        (await Ask(app, Email.ToUpperInvariant(), password: TestApp.OtherPassword)).Expect(202);
        var own = await app.LastLink(Email.ToUpperInvariant(), "/confirm-email");
        // A newer one does not end the older: strangers would stop each other's.
        (await Confirm(app, own, TestApp.OtherPassword)).Expect(204);
        (await Confirm(app, strangers)).Expect(404, "link.over");
        Assert.Equal((1, 0), (await Accounts(app), await Waiting(app)));
        (await app.Visitor().SignIn(Email, TestApp.OtherPassword)).Expect(204);
    }

    [Theory, Engines]
    public async Task A_link_pressed_by_fifty_at_once_makes_one_account(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app)).Expect(202);
        var token = await app.LastLink(Email, "/confirm-email");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Confirm(app, token)));
        Assert.Single(answers, a => a.Status == 204);
        Assert.All(answers, a => Assert.Contains(a.Status, new[] { 204, 404, 503 }));
        Assert.Equal(1, await Accounts(app));
    }

    [Theory, Engines]
    public async Task Opening_the_link_uses_nothing_up_and_takes_it_out_of_the_address(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app)).Expect(202);
        var token = await app.LastLink(Email, "/confirm-email");
        for (var i = 0; i < 20; i++)
        {
            var moved = await app.Visitor().Get($"/confirm-email?token={token}");
            Assert.Equal((302, "/confirm-email"), (moved.Status, moved.Location));
            Assert.Equal("no-referrer", moved.Header("Referrer-Policy"));
        }
        (await Confirm(app, token)).Expect(204);
        Assert.DoesNotContain(token, app.Logs.Everything, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_letter_to_a_strange_address_carries_no_word_of_whoever_typed_it_and_no_address_of_theirs(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var visitor = app.Visitor();
        foreach (var header in new[] { "X-Forwarded-Host", "Forwarded", "X-Host" }) visitor.Headers[header] = header == "Forwarded" ? "host=evil.example" : "evil.example";
        (await Ask(app, name: "You won! Go to https://evil.example", by: visitor)).Expect(202);
        var letter = Assert.Single(await app.Letters(Email));
        Assert.DoesNotContain("evil", letter.Text + letter.Html + letter.Subject, StringComparison.Ordinal);
        Assert.Contains($"{TestSettings.PublicUrl}/confirm-email?token=", letter.Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Two_addresses_line_breaks_lists_and_look_alikes_reach_nobody_else(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var person = await app.AddAccount();
        foreach (var email in new[] { $"{Email},{person.Email}", $"{Email} {person.Email}", $"{Email}\r\nBcc: {person.Email}", $"{Email}\0", "<" + Email + ">", $"{Email};x" }) (await Ask(app, email)).Expect(400);
        (await app.Visitor().Send(HttpMethod.Post, "/api/v1/sign-up", Visitor.Raw($$"""{"name":"L","email":["{{Email}}","{{person.Email}}"],"password":"{{TestApp.Password}}"}"""))).Expect(400);
        Assert.Empty(await app.Letters(Email));
        Assert.Empty(await app.Letters(person.Email));
        // Another letter that looks the same is another address, or none.
        Assert.Contains((await Ask(app, "tomаsz@almondbirch.example")).Status, new[] { 202, 400 });
        Assert.Empty(await app.Letters(person.Email));
    }

    [Theory, Engines]
    public async Task A_mailbox_gets_five_letters_an_hour_and_a_network_asks_for_so_many(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>(Open) { ["SignUp:NetworkLimit"] = "8", ["Proxy:Addresses"] = "127.0.0.1" });
        var person = await app.AddAccount();
        for (var i = 0; i < 8; i++)
        {
            foreach (var (email, network) in new[] { (Email, 1), (person.Email, 2) })
            {
                var visitor = app.Visitor();
                visitor.ForwardedFor = $"198.51.100.{network}";
                (await Ask(app, email, by: visitor)).Expect(202);
            }
        }
        foreach (var email in new[] { Email, person.Email }) Assert.Equal(SignUp.LettersPerHour, (await app.Letters(email)).Count);
        var full = app.Visitor();
        full.ForwardedFor = "198.51.100.1";
        Assert.Equal("600", (await Ask(app, "another@marchetti.example", by: full)).Expect(429, "sign_up.network_wait").Header("Retry-After"));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE account_id = '' AND kind = 'sign_in.throttled'")));
    }

    [Theory, Engines]
    public async Task What_was_typed_stands_sealed_in_the_database_until_it_is_confirmed(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app, "secret.visitor@clinic.example")).Expect(202);
        await app.Letters("nobody");
        var row = Encoding.UTF8.GetString(Assert.Single(await app.Db.Read(tx => tx.Many<byte[]>("SELECT sealed FROM sign_ups"))));
        Assert.DoesNotContain("clinic", row, StringComparison.Ordinal);
        Assert.DoesNotContain("argon2", row, StringComparison.Ordinal);
        Assert.DoesNotContain("clinic", app.Logs.Everything, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_address_that_an_account_may_take_back_makes_no_other_account(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        (await visitor.Post("/api/v1/account/email-change", new { email = "new@almondbirch.example" })).Expect(202);
        (await visitor.Post("/api/v1/account/email-change/confirm", new { token = await app.LastLink("new@almondbirch.example", "/confirm-email") })).Expect(204);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await Ask(app, person.Email)).Expect(202);
        Assert.Contains("This address cannot be used yet", (await app.Letters(person.Email)).Select(letter => letter.Subject));
        Assert.Equal(1, await Accounts(app));
    }
}
