using Holdfast.Features.Recovery;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Ways to get somebody else's recovery link, and to get round what recovery must not get round. What strangers can find out and how much they can ask for: <see cref="RecoveryProbesTests"/>.</summary>
public sealed class RecoveryAttacksTests
{
    private const string Third = "drei graue reiher am see";

    private static Task<Answer> Ask(TestApp app, string email) => app.Visitor().Post("/api/v1/password-recovery", new { email });

    private static Task<Answer> Reset(TestApp app, string link, string next = TestApp.OtherPassword) => app.Visitor().Post("/api/v1/password-recovery/reset", new { link, newPassword = next });

    private static async Task<string> NewLink(TestApp app, Person person)
    {
        (await Ask(app, person.Email)).Expect(202);
        var link = TestApp.TokenIn((await app.Letters(person.Email)).Last(letter => letter.Subject == "Reset Password"), "/reset-password");
        // Letters are listed by the moment they were written, and there is one a minute.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        return link;
    }

    /// <summary>All letters, whomever they went to.</summary>
    internal static async Task<IReadOnlyList<string>> Receivers(TestApp app)
    {
        await app.Letters("nobody");
        return [.. (await app.Get<Holdfast.Features.DevMail.Mailbox>().List()).Select(pair => pair.Letter.To)];
    }

    [Theory, Engines("attacker.example", "attacker.example:8080", "localhost:8080@attacker.example", "localhost:8080\tattacker.example")]
    public async Task A_poisoned_host_does_not_reach_the_letter(string engine, string host)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var header in new[] { "Host", "X-Forwarded-Host", "X-Host", "Forwarded", "X-Forwarded-Server", "X-Original-URL", "X-Forwarded-Prefix" })
        {
            var visitor = app.Visitor();
            visitor.Headers[header] = header == "Forwarded" ? $"host={host};proto=https" : host;
            visitor.Headers["X-Forwarded-Proto"] = "https";
            var asked = await visitor.Post("/api/v1/password-recovery", new { email = person.Email });
            // A host of that form may be refused before anybody reads it.
            if (asked.Status == 202) app.Clock.Advance(TimeSpan.FromMinutes(15));
            await app.Letters(person.Email);
        }
        var letters = await app.Letters(person.Email);
        Assert.NotEmpty(letters);
        Assert.All(letters, letter => Assert.DoesNotContain("attacker", letter.Text + letter.Html + letter.Subject, StringComparison.Ordinal));
        Assert.All(letters, letter => TestApp.TokenIn(letter, "/reset-password"));
    }

    [Theory, Engines(
        "{0},attacker@evil.example", "{0};attacker@evil.example", "{0} attacker@evil.example", "attacker@evil.example,{0}", "{0}\r\nCc: attacker@evil.example", "{0}\nBcc:attacker@evil.example", "{0}%0d%0aCc:attacker@evil.example",
        "{0}\0attacker@evil.example", "\"{0}\" <attacker@evil.example>", "<{0}>", "{0}@evil.example", "attacker@evil.example\u2028{0}", "{0}\u200b", "{0}|attacker@evil.example", "(attacker@evil.example){0}", "{0}&email=attacker@evil.example")]
    public async Task Two_addresses_in_one_field_send_nothing_to_anybody(string engine, string form)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var typed = form.Replace("{0}", person.Email, StringComparison.Ordinal);
        Assert.True((await Ask(app, typed)).Status is 400 or 202);
        var page = await (await app.Visitor().Open("/forgot-password")).Submit("form[action='/forgot-password']", ("email", typed));
        Assert.True(page.Answer.Status is 400 or 200);
        Assert.Empty(await Receivers(app));
    }

    [Theory, Engines]
    public async Task Doubled_fields_arrays_and_objects_reach_nobody_but_the_owner(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var body in new[]
        {
            $"{{\"email\":[\"{person.Email}\",\"attacker@evil.example\"]}}", $"{{\"email\":{{\"to\":\"{person.Email}\"}}}}", $"{{\"email\":\"{person.Email}\",\"email\":\"attacker@evil.example\"}}", $"{{\"email\":\"{person.Email}\",\"Email\":\"attacker@evil.example\"}}",
            $"{{\"email\":\"{person.Email}\",\"cc\":\"attacker@evil.example\"}}", $"[\"{person.Email}\",\"attacker@evil.example\"]", "{\"email\":null}", "{}", "{\"email\":true}", "null", $"\"{person.Email}\"",
        }) (await app.Visitor().Send(HttpMethod.Post, "/api/v1/password-recovery", Visitor.Raw(body))).Expect(400);
        Assert.Empty(await Receivers(app));

        var visitor = app.Visitor();
        var page = await visitor.Open("/forgot-password");
        var token = page.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        foreach (var field in new[] { "email", "email[]", "Email", "email[1]" })
        {
            using var content = new FormUrlEncodedContent([new("form_token", token), new("email", person.Email), new(field, "attacker@evil.example"), new("cc", "attacker@evil.example"), new("token", "x"), new("host", "evil.example")]);
            await visitor.Send(HttpMethod.Post, "/forgot-password?email=attacker@evil.example", content);
            app.Clock.Advance(TimeSpan.FromMinutes(15));
        }
        Assert.All(await Receivers(app), to => Assert.Equal(person.Email, to));
    }

    [Theory, Engines(
        "mıke@quayside.example", "m\u0456ke@quayside.example", "mike＠quayside.example", "mike@quays\u0131de.example", "mike@quaysidе.example", "mi\u212Ae@quayside.example", "ＭＩＫＥ@quayside.example", "MİKE@quayside.example", "mike@quayside。example",
        "mike@ｑuayside.example", "mike\u0301@quayside.example", "mike@xn--quaysde-wfb.example", "mike+evil@quayside.example", "mike@quayside.example.", "m\u00adike@quayside.example")]
    public async Task A_look_alike_address_gets_no_link_to_somebody_elses_account(string engine, string typed)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount("mike@quayside.example", "Mike Quayside");
        Assert.True((await Ask(app, typed)).Status is 400 or 202);
        // Where the look-alike is another spelling of the same address, the letter goes to the owner alone, as the address is stored: never to what was typed.
        Assert.All(await Receivers(app), to => Assert.Equal(person.Email, to));
    }

    [Theory, Engines]
    public async Task Of_two_accounts_whose_addresses_look_alike_each_gets_a_link_to_itself_alone(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (mike, other) = (await app.AddAccount("mike@quayside.example", "Mike"), await app.AddAccount("mıke@quayside.example", "Mıke"));
        var link = await NewLink(app, other);
        Assert.Empty(await app.Letters(mike.Email));
        (await Reset(app, link)).Expect(204);
        (await app.Visitor().SignIn(mike.Email, mike.Password)).Expect(204);
        (await app.Visitor().SignIn(mike.Email, TestApp.OtherPassword)).Expect(401);
        (await app.Visitor().SignIn(other.Email, TestApp.OtherPassword)).Expect(204);
    }

    [Theory, Engines]
    public async Task An_accent_written_in_two_ways_is_one_address_and_the_letter_goes_to_the_stored_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount("jos\u00e9@quayside.example", "José");
        (await Ask(app, "jose\u0301@quayside.example")).Expect(202);
        Assert.Equal([person.Email], await Receivers(app));
    }

    [Theory, Engines]
    public async Task A_used_link_is_refused(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await NewLink(app, person);
        (await Reset(app, link)).Expect(204);
        (await Reset(app, link, Third)).Expect(404, "link.over");
        (await app.Visitor().SignIn(person.Email, TestApp.OtherPassword)).Expect(204);
        // On the page as well, where the cookie still holds it.
        var visitor = app.Visitor();
        visitor.Cookies["__Host-holdfast-link"] = link;
        Assert.Equal(404, (await visitor.Open("/reset-password")).Answer.Status);
    }

    [Theory, Engines]
    public async Task Of_fifty_who_use_one_link_at_once_one_chooses_the_password(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Passwords:HashQueue"] = "200" });
        var person = await app.AddAccount();
        var link = await NewLink(app, person);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Reset(app, link, $"{Third} {i}")));
        var winner = Assert.Single(Enumerable.Range(0, 50), i => answers[i].Status == 204);
        Assert.All(answers.Where(answer => answer.Status != 204), answer => answer.Expect(404, "link.over"));
        Assert.Single(await app.Letters(person.Email), letter => letter.Subject == "Your password was changed");
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE kind = 'password.reset'")));
        (await app.Visitor().SignIn(person.Email, $"{Third} {winner}")).Expect(204);
    }

    [Theory, Engines]
    public async Task A_link_is_worth_nothing_after_a_password_change_a_newer_link_or_another_address(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await NewLink(app, person);
        (await (await app.SignedIn(person)).ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        (await Reset(app, link, Third)).Expect(404, "link.over");

        var (older, newer) = (await NewLink(app, person), await NewLink(app, person));
        (await Reset(app, older, Third)).Expect(404, "link.over");
        Assert.NotNull(await app.Get<ResetPassword>().Look(TestApp.HashOf(newer)));

        // The mailbox that it went to is not the account's any more.
        await app.Db.Write(tx => tx.Execute("UPDATE accounts SET email = 'new@almondbirch.example', email_canonical = 'new@almondbirch.example' WHERE id = @Id", new { person.Id }));
        Assert.Equal(404, (await app.Visitor().Open($"/reset-password?token={newer}")).Answer.Status);
        (await Reset(app, newer, Third)).Expect(404, "link.over");
        (await app.Visitor().SignIn("new@almondbirch.example", TestApp.OtherPassword)).Expect(204);
    }

    [Theory, Engines]
    public async Task The_mailbox_alone_does_not_get_past_the_second_factor(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RememberDays"] = "30", ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m" });
        var (person, phone, _) = await app.AddWithTwoFactor();
        // A browser that may skip the second step.
        app.NextCode();
        var trusted = app.Visitor();
        (await trusted.SignIn(person.Email, person.Password)).Expect(202);
        (await trusted.Post("/api/v1/sign-in/verify", new { code = phone.Code(), method = "totp", remember = true })).Expect(200);
        var half = app.Visitor();
        (await half.SignIn(person.Email, person.Password)).Expect(202);

        var reader = app.Visitor();
        var link = await NewLink(app, person);
        var answer = (await reader.Post("/api/v1/password-recovery/reset", new { link, newPassword = TestApp.OtherPassword })).Expect(204);
        // No session comes of it, and no pending sign-in.
        Assert.Empty(answer.SetCookies);
        (await reader.Get("/api/v1/session")).Expect(401);
        (await reader.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        (await reader.Get("/api/v1/session")).Expect(401);
        // What was half done ended with the old password, and remembered browsers are strangers again.
        app.NextCode();
        (await half.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        (await trusted.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        (await trusted.Verify(phone.Code())).Expect(200);
        Assert.True((await trusted.Get("/api/v1/two-factor")).Expect(200).Json.GetProperty("on").GetBoolean());
    }

    [Theory, Engines]
    public async Task A_new_password_by_mail_gives_no_new_guesses_at_the_six_digits(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m", ["SignIn:NetworkLimit"] = "1000" });
        var (person, phone, _) = await app.AddWithTwoFactor();
        var thief = app.Visitor();
        (await thief.SignIn(person.Email, person.Password)).Expect(202);
        for (var wrong = 0; wrong < 10; app.Clock.Advance(TimeSpan.FromSeconds(50)))
        {
            var answer = await thief.Verify(phone.WrongCode());
            if (answer.Code == "code.wrong") wrong++;
            if (answer.Status == 401) (await thief.SignIn(person.Email, person.Password)).Expect(202);
        }
        (await Reset(app, await NewLink(app, person))).Expect(204);
        (await thief.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        (await thief.Verify(phone.WrongCode())).Expect(429, "second_factor.stopped");
    }

    [Theory, Engines]
    public async Task The_links_secret_stays_out_of_logs_pages_referrers_and_what_was_sent(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await NewLink(app, person);
        var visitor = app.Visitor();
        var moved = (await visitor.Get($"/reset-password?token={link}")).Expect(302);
        Assert.Equal(("/reset-password", "no-referrer", "no-store"), (moved.Location, moved.Header("Referrer-Policy"), moved.Header("Cache-Control")));
        Assert.Empty(moved.Body);
        Assert.Matches("max-age=1800; path=/; secure; samesite=lax; httponly", moved.SetCookie("__Host-holdfast-link")!.ToLowerInvariant());
        var page = await visitor.Open("/reset-password");
        Assert.Equal("no-referrer", page.Answer.Header("Referrer-Policy"));
        Assert.DoesNotContain(link, page.Answer.Body, StringComparison.Ordinal);
        // Nothing on that page is loaded from anywhere else.
        Assert.All(page.Document.QuerySelectorAll("[src], link[href]"), element => Assert.StartsWith("/", element.GetAttribute("src") ?? element.GetAttribute("href"), StringComparison.Ordinal));
        page = await page.Submit("form[action='/reset-password']", ("newPassword", "short"), ("newPasswordAgain", "short"));
        Assert.Equal(("no-referrer", 400), (page.Answer.Header("Referrer-Policy"), page.Answer.Status));
        page = await page.Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        Assert.DoesNotContain("__Host-holdfast-link", visitor.Cookies.Keys);
        // Faults quote things: they must not quote this.
        await visitor.Send(HttpMethod.Post, "/api/v1/password-recovery/reset", Visitor.Raw($"{{\"link\":\"{link}\",\"x\":1}}"));
        await visitor.Send(HttpMethod.Put, $"/reset-password?token={link}", null);
        await app.Letters(person.Email);
        Assert.DoesNotContain(link, app.Logs.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("token=", app.Logs.Everything, StringComparison.Ordinal);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM outbox WHERE sealed IS NOT NULL")));
        Assert.Equal(0, await app.Db.Read(QuietRequestTable.Waiting));
    }

    [Theory, Engines]
    public async Task A_mail_scanner_that_opens_every_link_uses_nothing_up(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await NewLink(app, person);
        var scanner = app.Visitor("Mozilla/5.0 (compatible; LinkScanner/1.0)");
        foreach (var (name, value) in new[] { ("Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("X-Moz", "prefetch"), ("Accept", "*/*") })
        {
            scanner.Headers[name] = value;
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Head, HttpMethod.Get })
            {
                Assert.Equal(302, (await scanner.Send(method, $"/reset-password?token={link}", null)).Status);
                Assert.Equal(200, (await scanner.Send(method, "/reset-password", null)).Status);
            }
        }
        foreach (var method in new[] { HttpMethod.Options, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch }) Assert.NotEqual(200, (await scanner.Send(method, $"/reset-password?token={link}", null)).Status);
        // A form without our token is no form of ours, and programs do not ask by GET.
        await scanner.Send(HttpMethod.Post, $"/reset-password?token={link}", new FormUrlEncodedContent([new("newPassword", Third), new("newPasswordAgain", Third)]));
        await scanner.Send(HttpMethod.Get, $"/api/v1/password-recovery/reset?link={link}&newPassword=x", null);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        (await Reset(app, link)).Expect(204);
    }

    [Theory, Engines]
    public async Task A_foreign_page_cannot_ask_in_a_visitors_name(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        using var content = new FormUrlEncodedContent([new("email", person.Email)]);
        Assert.Equal(400, (await visitor.Send(HttpMethod.Post, "/forgot-password", content)).Status);
        visitor.Headers["Sec-Fetch-Site"] = "cross-site";
        (await visitor.Post("/api/v1/password-recovery", new { email = person.Email })).Expect(403, "request.cross_site");
        Assert.Empty(await Receivers(app));
    }
}
