using Holdfast.Features.Passwords;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class SignInTests
{
    [Theory, Engines]
    public async Task The_right_password_starts_a_session_that_says_who_is_signed_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(workspace: "Almond & Birch");
        var visitor = app.Visitor();
        var answer = (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Empty(answer.Body);

        var session = (await visitor.Get("/api/v1/session")).Expect(200).Json;
        Assert.Equal(person.Id, session.GetProperty("account").GetProperty("id").GetString());
        Assert.Equal(person.Email, session.GetProperty("account").GetProperty("email").GetString());
        Assert.False(session.GetProperty("account").GetProperty("operator").GetBoolean());
        var workspace = Assert.Single(session.GetProperty("workspaces").EnumerateArray());
        Assert.Equal(("almond-birch", "member"), (workspace.GetProperty("slug").GetString(), workspace.GetProperty("role").GetString()));
        Assert.Equal("password", Assert.Single(session.GetProperty("methods").EnumerateArray()).GetString());
        Assert.Equal(app.Now, session.GetProperty("provenAt").GetDateTimeOffset());
        Assert.Equal(app.Now.AddDays(7), session.GetProperty("endsAt").GetDateTimeOffset());
        Assert.DoesNotContain(visitor.Token, session.GetRawText(), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_page_signs_in_and_goes_back_to_where_the_person_wanted_to_be(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        var page = await visitor.Open("/account/activity?days=7");
        Assert.Equal("/sign-in?return=%2Faccount%2Factivity%3Fdays%3D7", page.Path);
        page = await page.Submit("form[action='/sign-in']", ("email", person.Email), ("password", "no, not this one"));
        Assert.Equal(401, page.Answer.Status);
        Assert.Equal(person.Email, page.Document.QuerySelector("input[name=email]")!.GetAttribute("value"));
        Assert.DoesNotContain("no, not this one", page.Answer.Body, StringComparison.Ordinal);
        page = await page.Submit("form[action='/sign-in']", ("password", person.Password), ("keep", "true"));
        Assert.Equal((200, "/account/activity?days=7"), (page.Answer.Status, page.Path));
        Assert.Contains(person.Name, page.Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task What_is_missing_is_said_at_its_field_and_costs_no_try(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        for (var i = 0; i < 20; i++) Assert.Equal("email:sign_in.email_required password:password.required", (await visitor.SignIn(" ", "")).Expect(400).Errors);
        (await visitor.SignIn("nobody@example.com", "whatever it was")).Expect(401, "sign_in.wrong");
    }

    [Theory, Engines("TOMASZ@AlmondBirch.Example", "  tomasz@almondbirch.example ", "ｔｏｍａｓｚ@almondbirch.example")]
    public async Task The_address_is_found_however_it_is_written(string engine, string written)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        (await app.Visitor().SignIn(written, person.Password)).Expect(204);
    }

    [Theory, Engines(" kvikkjokk-lapporten", "kvikkjokk-lapporten ", "Kvikkjokk-lapporten", "kvikkjokk-lapporte")]
    public async Task The_password_counts_exactly_as_it_was_typed(string engine, string typed)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        (await app.Visitor().SignIn(person.Email, typed)).Expect(401, "sign_in.wrong");
    }

    [Theory, Engines]
    public async Task Signing_in_again_in_the_same_browser_replaces_its_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (one, two) = (await app.AddAccount(), await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        var visitor = await app.SignedIn(one);
        var before = visitor.Copy();
        (await visitor.SignIn(two.Email, two.Password)).Expect(204);
        (await before.Get("/api/v1/session")).Expect(401, "session.ended");
        Assert.Equal(two.Id, (await visitor.Get("/api/v1/session")).Json.GetProperty("account").GetProperty("id").GetString());
        // A try that fails leaves the session that is there alone.
        (await visitor.SignIn(one.Email, "no, not this one")).Expect(401);
        (await visitor.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines]
    public async Task The_browser_time_zone_is_kept_where_none_is_known_and_only_then(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        foreach (var (told, known) in new[] { ("Mars/Olympus", null), ("../../etc/passwd", null), ("Europe/Rome", "Europe/Rome"), ("Asia/Tokyo", "Europe/Rome") })
        {
            (await visitor.Post("/api/v1/sign-in", new { email = person.Email, password = person.Password, timeZone = told })).Expect(204);
            var account = (await visitor.Get("/api/v1/account")).Expect(200).Json;
            Assert.Equal(known, account.TryGetProperty("timeZone", out var zone) ? zone.GetString() : null);
        }
    }

    [Theory, Engines]
    public async Task A_browser_gets_its_device_cookie_once_and_keeps_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        Assert.NotNull((await visitor.SignIn(person.Email, person.Password)).Expect(204).SetCookie(Visitor.DeviceCookie));
        var device = visitor.Cookies[Visitor.DeviceCookie];
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        Assert.Null((await visitor.SignIn(person.Email, person.Password)).Expect(204).SetCookie(Visitor.DeviceCookie));
        Assert.Equal(device, visitor.Cookies[Visitor.DeviceCookie]);
    }

    [Theory, Engines]
    public async Task Raised_parameters_take_hold_at_the_next_sign_in(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        Person person;
        await using (var before = await TestApp.Start(engine, database: database)) person = await before.AddAccount();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Passwords:MemoryKiB"] = "20480", ["Passwords:Iterations"] = "3", ["Passwords:Pepper"] = Convert.ToBase64String(new byte[32]) }, database: database);
        Assert.Contains("$m=19456,t=2,p=1$", (await Stored()).Phc, StringComparison.Ordinal);
        (await app.Visitor().SignIn(person.Email, "no, not this one")).Expect(401);
        Assert.Contains("$m=19456,t=2,p=1$", (await Stored()).Phc, StringComparison.Ordinal);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        var raised = await Stored();
        Assert.Contains("$m=20480,t=3,p=1$", raised.Phc, StringComparison.Ordinal);
        Assert.NotNull(raised.PepperId);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal(raised.Phc, (await Stored()).Phc);
        (await app.Visitor().SignIn(person.Email, "no, not this one")).Expect(401);

        async Task<PasswordRow> Stored() => (await app.Db.Read(tx => PasswordTable.Of(tx, person.Id)))!;
    }

    [Theory, Engines]
    public async Task A_full_hash_queue_answers_503_with_a_time_and_counts_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Passwords:HashThreads"] = "1", ["Passwords:HashQueue"] = "1" });
        var person = await app.AddAccount();
        using (var hold = new ManualResetEventSlim())
        {
            var hasher = app.Get<PasswordHasher>();
            var busy = new[] { hasher.Run(() => hold.Wait(TimeSpan.FromSeconds(30))), hasher.Run(() => true) };
            for (var i = 0; i < 10; i++)
            {
                var answer = (await app.Visitor().SignIn(person.Email, person.Password)).Expect(503, "hashing.queue_full");
                Assert.Equal("5", answer.Header("Retry-After"));
            }
            hold.Set();
            await Task.WhenAll(busy);
        }
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
    }

    [Theory, Engines]
    public async Task An_account_without_a_password_and_a_blocked_one_answer_like_a_wrong_password(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await app.Db.Write(async tx => { await PasswordTable.Block(tx, person.Id, app.Now); return 0; });
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");
        await app.Db.Write(async tx => await tx.Execute("DELETE FROM passwords WHERE account_id = @Id", new { person.Id }));
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");
    }

    [Theory, Engines]
    public async Task Text_that_is_no_address_is_refused_and_never_a_fault(string engine)
    {
        await using var app = await TestApp.Start(engine);
        foreach (var email in new[] { "a\ufffeb@example.com", "a\uffffb@example.com", "\ufdd0@example.com", "a@b", "a@" + new string('x', 300), "a\0@example.com", "a@example.com\r\nBcc: b@example.com", "a@exa\u0301mple.com", "＠@example.com", "a＠b@example.com", "a\u200b@example.com", "\u202eelpmaxe@example.com" })
        {
            var answer = await app.Visitor().SignIn(email, "whatever it was");
            Assert.True(answer.Status is 400 or 401, $"{email} gave {answer.Status}");
        }
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
