using Holdfast.Features.Accounts;
using Holdfast.Features.NotMe;
using Holdfast.Features.Recovery;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Features;

/// <summary>"Forgot password?": the request, the letter, the new password.</summary>
public sealed class ForgottenPasswordTests
{
    private static Task<Answer> Ask(TestApp app, string email) => app.Visitor().Post("/api/v1/password-recovery", new { email });

    private static async Task<IReadOnlyList<Letter>> Links(TestApp app, string email) => [.. (await app.Letters(email)).Where(letter => letter.Subject == "Reset Password")];

    [Theory, Engines]
    public async Task A_person_who_forgot_the_password_asks_gets_a_letter_and_chooses_a_new_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var elsewhere = await app.SignedIn(person);
        var visitor = app.Visitor();
        var page = await visitor.Open("/sign-in");
        var link = page.Document.QuerySelector("a[href='/forgot-password']")!;
        Assert.Equal("Forgot password?", link.TextContent);
        page = await visitor.Open(link.GetAttribute("href")!);
        Assert.Equal(("Recover Password", "Recover Password"), (page.Document.QuerySelector("h1")!.TextContent, page.Document.QuerySelector("main button")!.TextContent));
        page = await page.Submit("form[action='/forgot-password']", ("email", "  Tomasz@AlmondBirch.example "));
        Assert.Equal(200, page.Answer.Status);
        Assert.Contains("If Tomasz@AlmondBirch.example has an account", page.Text, StringComparison.Ordinal);

        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Equal("Reset Password", letter.Subject);
        var token = TestApp.TokenIn(letter, "/reset-password");
        Assert.Contains($"href=\"{TestSettings.PublicUrl}/reset-password?token={token}\"", letter.Html, StringComparison.Ordinal);
        Assert.Contains(">Reset Password</a>", letter.Html, StringComparison.Ordinal);
        Assert.Contains("The link works once, until ", letter.Text, StringComparison.Ordinal);

        page = await visitor.Open($"/reset-password?token={token}");
        Assert.Contains($"For {person.Email}.", page.Text, StringComparison.Ordinal);
        Assert.Equal("Change Password", page.Document.QuerySelector("main form > button")!.TextContent);
        page = await page.Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        Assert.Equal((200, "/sign-in"), (page.Answer.Status, page.Path));
        Assert.Contains("Your new password is set. Sign in with it.", page.Text, StringComparison.Ordinal);
        (await elsewhere.Get("/api/v1/session")).Expect(401, "session.ended");
        (await visitor.SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");
        (await visitor.SignIn(person.Email, TestApp.OtherPassword)).Expect(204);
        Assert.Single(await app.Letters(person.Email), l => l.Subject == "Your password was changed");
        Assert.Equal(["password.recovery_asked", "password.reset", "sign_in.failed", "sign_in.succeeded", "sign_in.succeeded"], (await visitor.Activity()).Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task A_program_does_the_same(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var asked = (await Ask(app, person.Email)).Expect(202);
        Assert.Empty(asked.Body);
        var link = TestApp.TokenIn(Assert.Single(await Links(app, person.Email)), "/reset-password");
        var visitor = app.Visitor();
        Assert.Equal("newPassword:password.too_short newPasswordAgain:password.not_repeated", (await visitor.Post("/api/v1/password-recovery/reset", new { link, newPassword = "short", newPasswordAgain = "other" })).Expect(400).Errors);
        (await visitor.Post("/api/v1/password-recovery/reset", new { link, newPassword = TestApp.OtherPassword })).Expect(204);
        Assert.Empty(visitor.Cookies);
        (await visitor.Post("/api/v1/password-recovery/reset", new { link, newPassword = TestApp.Password })).Expect(404, "link.over");
        (await visitor.Post("/api/v1/password-recovery/reset", new { link = "x", newPassword = TestApp.Password })).Expect(404, "link.over");
        (await visitor.SignIn(person.Email, TestApp.OtherPassword)).Expect(204);
        Assert.Equal("email:form.email", (await Ask(app, "tomasz")).Expect(400).Errors);
        Assert.Equal("email:form.required", (await Ask(app, " ")).Expect(400).Errors);
    }

    [Theory, Engines]
    public async Task A_second_request_inside_a_minute_sends_nothing_and_leaves_the_link_as_it_is(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        (await Ask(app, person.Email)).Expect(202);
        var first = TestApp.TokenIn(Assert.Single(await Links(app, person.Email)), "/reset-password");
        app.Clock.Advance(TimeSpan.FromSeconds(59));
        (await Ask(app, person.Email)).Expect(202);
        Assert.Single(await Links(app, person.Email));
        Assert.NotNull(await app.Get<ResetPassword>().Look(TestApp.HashOf(first)));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await Ask(app, person.Email)).Expect(202);
        var letters = await Links(app, person.Email);
        Assert.Equal(2, letters.Count);
        // The newer one takes its place.
        Assert.Null(await app.Get<ResetPassword>().Look(TestApp.HashOf(first)));
        Assert.NotNull(await app.Get<ResetPassword>().Look(TestApp.HashOf(TestApp.TokenIn(letters[1], "/reset-password"))));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public void However_often_somebody_asks_there_are_no_more_than_so_many_links_in_any_hour_and_none_within_a_minute(int perHour)
    {
        var start = DateTimeOffset.UnixEpoch;
        var made = new List<DateTimeOffset>();
        for (var now = start; now < start.AddHours(5); now += TimeSpan.FromSeconds(7))
        {
            if (RecoveryPace.Wait([.. made.Where(at => at > now - RecoveryPace.Window)], perHour, now) is null) made.Insert(0, now);
        }
        // As many as the limit gives, and no more.
        Assert.InRange(made.Count, 5 * perHour - 1, 5 * perHour);
        Assert.All(made, at => Assert.InRange(made.Count(other => other > at - RecoveryPace.Window && other <= at), 1, perHour));
        Assert.All(made.Zip(made.Skip(1)), pair => Assert.True(pair.First - pair.Second >= RecoveryPace.Pause));
    }

    [Fact]
    public void What_has_to_be_waited_for_is_the_later_of_the_minute_and_the_hour()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(1);
        Assert.Null(RecoveryPace.Wait([], 5, now));
        Assert.Equal(TimeSpan.FromSeconds(20), RecoveryPace.Wait([now.AddSeconds(-40)], 5, now));
        Assert.Equal(TimeSpan.FromMinutes(10), RecoveryPace.Wait([now.AddSeconds(-40), now.AddMinutes(-50)], 2, now));
        Assert.Equal(TimeSpan.FromSeconds(20), RecoveryPace.Wait([now.AddSeconds(-40), now.AddSeconds(-3599)], 2, now));
        Assert.Null(RecoveryPace.Wait([now.AddMinutes(-1)], 5, now));
    }

    [Theory, Engines]
    public async Task The_link_lives_as_long_as_the_setting_says(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Recovery:LinkLifetime"] = "10m" });
        var person = await app.AddAccount();
        (await Ask(app, person.Email)).Expect(202);
        var token = TestApp.TokenIn(Assert.Single(await Links(app, person.Email)), "/reset-password");
        app.Clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(200, (await app.Visitor().Open($"/reset-password?token={token}")).Answer.Status);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        var visitor = app.Visitor();
        var page = await visitor.Open($"/reset-password?token={token}");
        Assert.Equal(404, page.Answer.Status);
        Assert.Contains("This link has ended", page.Text, StringComparison.Ordinal);
        Assert.Contains("for 10 minutes", page.Text, StringComparison.Ordinal);
        // From here a new one is asked for.
        page = await page.Submit("form[action='/forgot-password']", ("email", person.Email));
        Assert.Equal(200, page.Answer.Status);
        Assert.Equal(2, (await Links(app, person.Email)).Count);
    }

    [Theory, Engines]
    public async Task It_lifts_the_stop_for_strangers_and_what_this_was_not_me_has_blocked(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m" });
        var person = await app.AddAccount();
        var notMe = await NotMeToken(app, person);
        Assert.True((await app.Get<NotMe>().Run(TestApp.HashOf(notMe), Client.Server)).Ok);
        for (var tries = 0; tries < 10; app.Clock.Advance(TimeSpan.FromMinutes(1))) tries += (await app.Visitor().SignIn(person.Email, "no, not this one")).Status == 401 ? 1 : 0;
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(429, "sign_in.stopped");
        (await Ask(app, person.Email)).Expect(202);
        var link = TestApp.TokenIn((await Links(app, person.Email))[^1], "/reset-password");
        (await app.Visitor().Post("/api/v1/password-recovery/reset", new { link, newPassword = "drei graue reiher am see" })).Expect(204);
        (await app.Visitor().SignIn(person.Email, "drei graue reiher am see")).Expect(204);
    }

    [Theory, Engines]
    public async Task An_admin_starts_it_with_the_same_letter_and_the_same_limits_and_an_entry_that_names_them(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, admin) = (await app.AddAccount(), await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        Task<Outcome<Done>> Start() => app.Db.Write(async tx => await app.Get<RequestRecovery>().ForAccount(tx, (await AccountTable.ById(tx, person.Id))!, admin.Id, "workspace", Client.Server));
        Assert.True((await Start()).Ok);
        var refused = (await Start()).Refusal!;
        Assert.Equal(("recovery.just_sent", 429, TimeSpan.FromMinutes(1)), (refused.Code, refused.Status, refused.RetryAfter!.Value));
        TestApp.TokenIn(Assert.Single(await app.Letters(person.Email)), "/reset-password");
        Assert.Empty(await app.Letters(admin.Email));
        var entry = await app.Db.Read(tx => tx.One<(string Actor, string Workspace)>("SELECT actor_id, workspace_id FROM audit_entries WHERE account_id = @Id AND kind = 'password.recovery_started'", new { person.Id }));
        Assert.Equal((admin.Id, "workspace"), entry);
    }

    [Theory, Engines]
    public async Task Of_many_who_are_at_one_account_at_once_one_mails_a_link(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
            app.Db.Write(async tx => await app.Get<RequestRecovery>().ForAccount(tx, (await AccountTable.ById(tx, person.Id))!, "admin", "workspace", Client.Server)))));
        Assert.Single(outcomes, outcome => outcome.Ok);
        Assert.Single(await Links(app, person.Email));
    }

    [Theory, Engines]
    public async Task A_request_whose_server_died_over_it_is_answered_later_and_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var hold = await Hidden.Table(app, "outbox");
        (await Ask(app, person.Email)).Expect(202);
        // The letter cannot be written: then nothing of it has happened, and the request is still there.
        await app.Get<AnswerQuietly>().RunDue(CancellationToken.None);
        Assert.Equal(1, await app.Db.Read(QuietRequestTable.Waiting));
        foreach (var table in new[] { "links", "audit_entries WHERE kind = 'password.recovery_asked'" }) Assert.Equal(0, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}")));
        await hold.Back();
        await app.Get<AnswerQuietly>().RunDue(CancellationToken.None);
        Assert.Equal(1, await app.Db.Read(QuietRequestTable.Waiting));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Single(await Links(app, person.Email));
        Assert.Equal(0, await app.Db.Read(QuietRequestTable.Waiting));
    }

    [Fact]
    public async Task Two_nodes_do_no_request_twice()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres);
        var clock = new FakeClock();
        await using var one = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: database);
        await using var two = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: database);
        var people = new List<Person>();
        for (var i = 0; i < 8; i++) people.Add(await one.AddAccount($"person{i}@quayside.example", "Somebody"));
        // Each twice: of two requests for one account at two nodes at once only one may send.
        foreach (var person in people.Concat(people)) (await Ask(one, person.Email)).Expect(202);
        await Task.WhenAll(new[] { one, two, one, two }.Select(node => Task.Run(() => node.Get<AnswerQuietly>().RunDue(CancellationToken.None))));
        foreach (var person in people) Assert.Single(await Links(one, person.Email));
        Assert.Equal(8, await one.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE kind = 'password.recovery_asked'")));
        Assert.Equal(8, await one.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM links")));
    }

    [Theory, Engines]
    public async Task A_request_of_yesterday_is_tidied_away(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await using var hold = await Hidden.Table(app, "accounts");
        (await Ask(app, "tomasz@almondbirch.example")).Expect(202);
        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        Assert.Equal(1, await app.Db.Write(tx => QuietRequestTable.DeleteAskedBefore(tx, app.Now - TimeSpan.FromDays(1), 100)));
        await hold.Back();
    }

    [Fact]
    public async Task The_old_address_of_the_page_leads_to_it_and_the_policy_says_the_limits()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["Recovery:LettersPerHour"] = "7" });
        Assert.Equal("/forgot-password", (await app.Visitor().Get("/recover-password")).Expect(302).Location);
        var policy = (await app.Visitor().Get("/api/v1/policy")).Expect(200).Body;
        Assert.Contains("At most 7 in an hour", policy, StringComparison.Ordinal);
        Assert.Contains("two-factor stays on", policy, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_page_that_says_that_every_session_is_over_stays_and_does_not_lead_away_from_itself(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        // In the very browser that is signed in: a stream would be refused there, and its script goes to the sign-in page.
        var page = await visitor.Open($"/not-me?token={TestApp.TokenIn((await app.Letters(person.Email))[^1], "/not-me")}");
        Assert.NotNull(page.Document.QuerySelector("script[src='/js/live.js']"));
        page = await page.Submit("form[action='/not-me']");
        Assert.Contains("Your account is closed to everybody", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("script[src='/js/live.js']"));
        Assert.DoesNotContain(Visitor.SessionCookie, visitor.Cookies.Keys);
    }

    private static async Task<string> NotMeToken(TestApp app, Person person)
    {
        var visitor = await app.SignedIn(person);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        return TestApp.TokenIn((await app.Letters(person.Email))[^1], "/not-me");
    }
}
