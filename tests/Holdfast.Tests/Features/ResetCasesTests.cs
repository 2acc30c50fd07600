using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class ResetCasesTests
{
    private const string Cases = "/api/v1/operator/cases";

    [Theory, Engines]
    public async Task Asked_approved_reminded_and_done_with_everybody_told(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        Assert.Contains(await app.Letters(setup.Member.Email), l => l.Subject == "Somebody asked to remove your two-factor" && l.Text.Contains(CaseSetup.Reason[..30], StringComparison.Ordinal));
        Assert.Contains(await app.Letters(setup.Operator.Email), l => l.Subject.StartsWith("To decide", StringComparison.Ordinal) && l.Text.Contains($"/operator/cases/{id}", StringComparison.Ordinal));

        (await setup.OperatorBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(204);
        Assert.Contains(await app.Letters(setup.Member.Email), l => l.Subject == "Your two-factor will be removed, unless you stop it" && l.Text.Contains("A call to a number known", StringComparison.Ordinal));
        Assert.Contains(await app.Letters(setup.Admin.Email), l => l.Subject.StartsWith("Approved", StringComparison.Ordinal));

        app.Clock.Advance(TimeSpan.FromHours(11));
        await setup.Run();
        Assert.DoesNotContain(await app.Letters(setup.Member.Email), l => l.Subject.StartsWith("Reminder", StringComparison.Ordinal));
        app.Clock.Advance(TimeSpan.FromHours(1));
        await setup.Run();
        await setup.Run();
        Assert.Single(await app.Letters(setup.Member.Email), l => l.Subject.StartsWith("Reminder", StringComparison.Ordinal));
        // Signing in takes half a minute.
        app.Clock.Advance(TimeSpan.FromHours(12) - TimeSpan.FromMinutes(1));
        var here = await app.SignedIn(setup.Member, setup.Phone);
        await setup.Run();
        Assert.True(await setup.HasFactors());
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await setup.Run();

        var closed = await setup.Case(id);
        Assert.Equal(CaseState.Done, closed.State);
        Assert.True(closed.SignedOut >= 1);
        Assert.False(await setup.HasFactors());
        (await here.Get("/api/v1/session")).Expect(401);
        Assert.Contains(await app.Letters(setup.Member.Email), l => l.Subject == "Two-factor was reset");
        Assert.Contains(await app.Letters(setup.Admin.Email), l => l.Subject.StartsWith("Done", StringComparison.Ordinal));
        var anew = await app.SignedIn(setup.Member);
        Assert.Contains("two_factor.reset", await anew.Activity());
        Assert.Equal(["reset_case.approved", "reset_case.reminded", "reset_case.requested"], (await anew.Activity("?group=two-factor")).Where(kind => kind.StartsWith("reset_case", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains(EndReason.TwoFactorReset, (await anew.Get("/api/v1/sessions?ended=true")).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Where_two_factor_is_required_the_next_sign_in_leads_to_setting_it_up(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RequiredForRoles"] = "member", ["TwoFactor:ResetWaitingHours"] = "0" });
        var setup = await CaseSetup.Make(app);
        await setup.AskAndApprove();
        await setup.Run();
        Assert.False(await setup.HasFactors());
        Assert.Equal("/account/two-factor", (await (await app.SignedIn(setup.Member)).Open("/account/security")).Path);
    }

    [Theory, Engines]
    public async Task The_mailed_link_shows_and_the_button_stops(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        var link = await setup.StopLink();
        for (var scans = 0; scans < 3; scans++) await app.Visitor().Open($"/stop-reset?token={link}");
        Assert.Equal(CaseState.Waiting, (await setup.Case(id)).State);
        var page = await app.Visitor().Open($"/stop-reset?token={link}");
        Assert.Equal("/stop-reset", page.Path);
        Assert.Contains(CaseSetup.Reason, page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/stop-reset']");
        Assert.Contains("The reset is stopped", page.Text, StringComparison.Ordinal);
        Assert.Equal((CaseState.Stopped, StopWay.Link), ((await setup.Case(id)).State, (await setup.Case(id)).ClosedWhy));
        Assert.Contains(await app.Letters(setup.Member.Email), l => l.Subject == "The reset of your two-factor is stopped");
        Assert.Contains(await app.Letters(setup.Admin.Email), l => l.Subject.StartsWith("Stopped", StringComparison.Ordinal));
        Assert.Contains(await app.Letters(setup.Operator.Email), l => l.Subject.StartsWith("Stopped", StringComparison.Ordinal));
        app.Clock.Advance(TimeSpan.FromDays(3));
        await setup.Run();
        Assert.True(await setup.HasFactors());
    }

    [Theory, Engines]
    public async Task Whoever_still_signs_in_with_two_factor_is_told_on_every_page_and_stops_it_there(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        app.NextCode();
        var here = await app.SignedIn(setup.Member, setup.Phone);
        foreach (var path in new[] { "/account/security", "/account/activity" }) Assert.Contains("Your two-factor is about to be removed", (await here.Open(path)).Text, StringComparison.Ordinal);
        // The operator sees that the app is not lost.
        Assert.Contains("A second factor of this account was used after the request", (await setup.OperatorBrowser.Open($"/operator/cases/{id}")).Text, StringComparison.Ordinal);
        Assert.Equal(CaseState.Waiting, (await setup.Case(id)).State);
        var page = await (await here.Open("/stop-reset")).Submit("form[action='/stop-reset']");
        Assert.Contains("The reset is stopped", page.Text, StringComparison.Ordinal);
        Assert.Equal(StopWay.SignedIn, (await setup.Case(id)).ClosedWhy);
        Assert.DoesNotContain("about to be removed", (await here.Open("/account/security")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task This_was_not_me_stops_it_too(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        await (await app.Visitor().Open($"/not-me?token={await app.LastLink(setup.Member.Email, "/not-me")}")).Submit("form[action='/not-me']");
        Assert.Equal((CaseState.Stopped, StopWay.NotMe), ((await setup.Case(id)).State, (await setup.Case(id)).ClosedWhy));
        Assert.True(await setup.HasFactors());
    }

    [Theory, Engines]
    public async Task Turned_off_by_its_owner_there_is_nothing_left_to_reset(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        app.NextCode();
        (await setup.MemberBrowser.TurnOff(setup.Phone.Code())).Expect(204);
        await setup.Run();
        Assert.Equal(CaseState.Overtaken, (await setup.Case(id)).State);
        (await setup.AdminBrowser.Post(setup.Api, CaseSetup.Request)).Expect(409, "two_factor.off");
    }

    [Theory, Engines]
    public async Task Nobody_decides_and_it_ends_after_two_weeks(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        app.Clock.Advance(ResetCase.UndecidedLifetime - TimeSpan.FromMinutes(1));
        await setup.Run();
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await setup.Run();
        Assert.Equal(CaseState.Lapsed, (await setup.Case(id)).State);
        Assert.Contains(await app.Letters(setup.Admin.Email), l => l.Subject.StartsWith("Ended", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_server_that_slept_through_the_wait_or_a_clock_that_jumped_leaves_time_to_stop_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        app.Clock.Advance(TimeSpan.FromDays(2));
        await setup.Run();
        await setup.Run();
        Assert.True(await setup.HasFactors());
        Assert.Equal(app.Now + TimeSpan.FromHours(6), (await setup.Case(id)).WaitsUntil);
        Assert.Single(await app.Letters(setup.Member.Email), l => l.Subject.StartsWith("Reminder", StringComparison.Ordinal));
        // Set back again: nothing comes earlier than was promised.
        app.Clock.Advance(TimeSpan.FromDays(-2));
        await setup.Run();
        app.Clock.Advance(TimeSpan.FromDays(2) + TimeSpan.FromHours(5));
        await setup.Run();
        Assert.True(await setup.HasFactors());
        app.Clock.Advance(TimeSpan.FromHours(1));
        // Ten at once, as if there were ten nodes: it is done once.
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => setup.Run()));
        Assert.Equal(CaseState.Done, (await setup.Case(id)).State);
        Assert.Single(await app.Letters(setup.Member.Email), l => l.Subject == "Two-factor was reset");
    }

    [Theory, Engines]
    public async Task A_server_that_starts_after_the_due_moment_goes_on(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        string id;
        Person member;
        await using (var first = await TestApp.Start(engine, clock: clock, database: database))
        {
            var setup = await CaseSetup.Make(first);
            id = await setup.Due();
            member = setup.Member;
        }
        await using var second = await TestApp.Start(engine, clock: clock, database: database);
        await second.Get<RunResetCases>().RunDue(CancellationToken.None);
        Assert.Equal(CaseState.Done, (await second.Db.Read(tx => ResetCaseTable.ById(tx, id)))!.State);
        (await second.Visitor().SignIn(member.Email, member.Password)).Expect(204);
    }

    [Theory, Engines]
    public async Task Forms_say_what_is_missing_and_keep_what_was_typed_over_a_proof(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var address = $"{setup.Crew.Page}/users/{setup.Member.Id}/reset-two-factor";
        var page = await (await setup.AdminBrowser.Open(address)).Submit("form.card", ("reason", "See https://elsewhere.example"), ("reach", ""));
        Assert.Equal(400, page.Answer.Status);
        Assert.NotNull(page.Document.QuerySelector("#reason-error"));
        Assert.NotNull(page.Document.QuerySelector("#reach-error"));
        Assert.NotNull(page.Document.QuerySelector("#known-error"));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        page = await page.Submit("form.card", ("reason", CaseSetup.Reason), ("reach", "+48 22 555 01 47"), ("known", "true"));
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        page = await page.Submit("main form", ("password", setup.Admin.Password));
        page = await page.Submit("main form");
        Assert.Equal(address, page.Path);
        Assert.Contains("TF-0001", page.Text, StringComparison.Ordinal);
        Assert.Contains("Mara Lindqvist requested the reset", page.Text, StringComparison.Ordinal);

        // The operator: nothing said, then everything; the clock has moved, so a proof comes between.
        var id = (await app.Db.Read(tx => ResetCaseTable.Open(tx, 1)))[0].Id;
        var deciding = await setup.OperatorBrowser.Open("/operator");
        Assert.Contains(setup.Member.Name, deciding.Text, StringComparison.Ordinal);
        deciding = await (await setup.OperatorBrowser.Open($"/operator/cases/{id}")).Submit("button[value=approve]");
        Assert.Equal(400, deciding.Answer.Status);
        Assert.NotNull(deciding.Document.QuerySelector("#way-error"));
        Assert.NotNull(deciding.Document.QuerySelector("#evidence-error"));
        Assert.NotNull(deciding.Document.QuerySelector("#other-error"));
        deciding = await deciding.Submit("button[value=approve]", ("way", "video"), ("evidence", "Passport looked at."), ("other", "true"));
        Assert.StartsWith("/step-up", deciding.Path, StringComparison.Ordinal);
        deciding = await deciding.Submit("main form", ("password", setup.Operator.Password));
        deciding = await deciding.Submit("main form");
        Assert.Equal($"/operator/cases/{id}", deciding.Path);
        Assert.Contains("Takes effect in", deciding.Text, StringComparison.Ordinal);
        deciding = await deciding.Submit("form[action*=Stop]");
        Assert.Contains("closed for good", deciding.Text, StringComparison.Ordinal);
        var record = (await setup.OperatorBrowser.Get($"{Cases}/{id}")).Expect(200).Json;
        Assert.Equal("operator", record.GetProperty("closedWhy").GetString());
        Assert.Equal(64, record.GetProperty("fingerprint").GetString()!.Length);
        Assert.Contains(await app.Letters(setup.Member.Email), l => l.Subject == "The reset of your two-factor is stopped");
    }

    [Theory, Engines]
    public async Task A_workspace_takes_its_request_back_and_asks_three_times_a_week_at_most(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        for (var times = 0; times < ResetCase.MostInWindow; times++)
        {
            await setup.Ask();
            var page = await (await setup.AdminBrowser.Open($"{setup.Crew.Page}/users/{setup.Member.Id}/reset-two-factor")).Submit("form[action*=Withdraw]");
            Assert.Equal($"{setup.Crew.Page}/users/{setup.Member.Id}", page.Path);
        }
        (await setup.AdminBrowser.Post(setup.Api, CaseSetup.Request)).Expect(429, "reset_case.too_many");
        Assert.Contains("reset_case.withdrawn", await setup.MemberBrowser.Activity());
        // The workspace's log has it as well.
        Assert.Contains("reset_case.withdrawn", (await setup.AdminBrowser.Get($"{setup.Crew.Api}/users/{setup.Member.Id}/events")).Expect(200).Body, StringComparison.Ordinal);
    }
}
