using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>From asking to the due moment: the account is closed, and the person may keep it.</summary>
public sealed class GraceTests
{
    [Theory, Engines]
    public async Task The_people_of_a_workspace_hear_that_it_goes_and_that_it_is_back(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, member, away) = (await crew.Add("owner", "greta@almondbirch.example", "Greta Lindqvist"), await crew.Add("member", "kenji@almondbirch.example"), await crew.Add("member", "wei@almondbirch.example"));
        await app.Db.Write(tx => Holdfast.Features.Workspaces.MemberTable.Suspend(tx, crew.Id, away.Id, app.Now));
        async Task<IReadOnlyList<string>> Heard(Person person) => [.. (await app.Letters(person.Email)).Select(l => l.Subject).Where(subject => subject.StartsWith("Almond & Birch", StringComparison.Ordinal))];
        for (var round = 0; round < 3; round++)
        {
            await Leaving.Ask(await app.SignedIn(owner), new { confirm = "DELETE", workspaces = new object[] { new { id = crew.Id } } });
            if (round == 0) Assert.Equal(["Almond & Birch is to be deleted"], await Heard(member));
            (await (await app.SignedIn(owner)).Post($"{Leaving.Api}/keep")).Expect(204);
        }
        // There and back, twice; after that it would be pestering.
        Assert.Equal(4, (await Heard(member)).Count);
        Assert.Contains("Almond & Birch stays", await Heard(member));
        Assert.Empty(await Heard(away));
        var kinds = await (await app.SignedIn(owner)).Activity("?kind=workspaces");
        Assert.Equal((3, 3), (kinds.Count(kind => kind == AuditKind.WorkspaceClosed), kinds.Count(kind => kind == AuditKind.WorkspaceReopened)));
    }

    [Theory, Engines]
    public async Task They_hear_that_it_is_back_also_when_another_owner_is_reactivated(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (leaver, other, member) = (await crew.Add("owner"), await crew.Add("owner", "greta@almondbirch.example", "Greta Lindqvist"), await crew.Add("member", "kenji@almondbirch.example"));
        Assert.True((await app.Get<SuspendAccount>().Suspend(other.Email)).Ok);
        await Leaving.Ask(await app.SignedIn(leaver), new { confirm = "DELETE", workspaces = new object[] { new { id = crew.Id } } });
        Assert.True((await app.Get<SuspendAccount>().Reactivate(other.Email)).Ok);
        (await (await app.SignedIn(member)).Get(crew.Api)).Expect(200);
        var letter = Assert.Single(await app.Letters(member.Email), l => l.Subject == "Almond & Birch stays");
        Assert.Contains("Almond & Birch was to be deleted, and is not: Greta Lindqvist stays its owner.", letter.Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_page_says_what_goes_and_what_stays_asks_for_a_proof_and_closes_the_account(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var other = await app.SignedIn(person, phone);
        app.Clock.Advance(TimeSpan.FromMinutes(20));
        var page = await visitor.Open("/account/delete");
        Assert.Contains("Bookings that only you can see", page.Text, StringComparison.Ordinal);
        Assert.Contains("Invoices, for 10 years", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/account/delete']", ("confirm", "DELETE"));
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        app.NextCode();
        page = await page.Submit("form.stack, form:has([name=code])", ("code", phone.Code()));
        // The kept form goes on by itself, or by one button.
        page = await page.Submit("form[action='/account/delete']");
        Assert.Equal("Your account is closed", page.Document.QuerySelector("h1")!.TextContent);
        Assert.Null(page.Document.QuerySelector("script[src='/js/live.js']"));
        Assert.Empty(system.Received);
        (await other.Get("/api/v1/session")).Expect(401, "session.ended");
        (await visitor.Get("/api/v1/session")).Expect(401);
        var letter = (await app.Letters(person.Email)).Single(l => l.Text.Contains("/keep-account", StringComparison.Ordinal));
        Assert.Contains("Signing in still works", letter.Text, StringComparison.Ordinal);
        Assert.Equal(DeletionState.Grace, (await Leaving.Open(app, person))!.State);
    }

    [Theory, Engines]
    public async Task The_link_of_the_letter_shows_first_and_keeps_the_account_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        var token = await app.LastLink(person.Email, "/keep-account");
        var stranger = app.Visitor();
        var page = await stranger.Open($"/keep-account?token={token}");
        Assert.DoesNotContain(token, page.Path, StringComparison.Ordinal);
        Assert.NotNull(await Leaving.Open(app, person));
        page = await page.Submit("form[action='/keep-account']");
        Assert.Equal("Your account stays", page.Document.QuerySelector("h1")!.TextContent);
        // Nobody is signed in by it.
        (await stranger.Get("/api/v1/session")).Expect(401);
        Assert.Null(await Leaving.Open(app, person));
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token })).Expect(404, "link.over");
        var back = await app.SignedIn(person);
        (await back.Get("/account/security")).Expect(200);
        Assert.Contains("deletion.kept", await back.Activity());
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "Your account stays");
    }

    [Theory, Engines]
    public async Task Signing_in_during_grace_still_asks_for_the_second_factor_and_then_shows_four_things(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, first) = await app.AddWithTwoFactor();
        await Leaving.Ask(first);
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        app.NextCode();
        (await visitor.Verify(phone.Code())).Expect(200);
        var page = await visitor.Open("/account/security");
        Assert.Equal("/account/closing", page.Path);
        Assert.Contains("30 days", page.Document.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["/sign-out", "/account/closing"], page.Document.QuerySelectorAll("form").Select(f => f.GetAttribute("action")));
        Assert.Contains(page.Document.QuerySelectorAll("a"), a => a.GetAttribute("href") == "/account/delete/now");
        Assert.Contains(page.Document.QuerySelectorAll("a"), a => a.GetAttribute("href") == "/account/export");
        page = await page.Submit("form[action='/account/closing']");
        Assert.Equal("/account/security", page.Path);
        (await visitor.Get("/api/v1/session")).Expect(200);
        Assert.Null(await Leaving.Open(app, person));
    }

    [Theory, Engines]
    public async Task Reminders_come_a_week_and_a_day_before_each_with_a_link_of_its_own(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        async Task<int> Letters() => (await app.Letters(person.Email)).Count(l => l.Text.Contains("/keep-account?token=", StringComparison.Ordinal));
        Assert.Equal(1, await Letters());
        app.Clock.Advance(TimeSpan.FromDays(22));
        await Leaving.Run(app);
        Assert.Equal(1, await Letters());
        app.Clock.Advance(TimeSpan.FromDays(1));
        await Leaving.Run(app);
        await Leaving.Run(app);
        Assert.Equal(2, await Letters());
        app.Clock.Advance(TimeSpan.FromDays(6));
        await Leaving.Run(app);
        Assert.Equal(3, await Letters());
        var open = (await Leaving.Open(app, person))!;
        app.Clock.Advance(open.DueAt - app.Now - TimeSpan.FromMilliseconds(1));
        await Leaving.Run(app);
        Assert.Equal(DeletionState.Grace, (await Leaving.Case(app, open.Id)).State);
        app.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, open.Id)).State);
    }

    [Theory, Engines]
    public async Task A_clock_that_jumps_months_ahead_deletes_nothing_before_a_day_after_the_last_reminder(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        app.Clock.Advance(TimeSpan.FromDays(90));
        await Leaving.Run(app);
        var open = (await Leaving.Open(app, person))!;
        Assert.Equal((DeletionState.Grace, app.Now.AddDays(1)), (open.State, open.DueAt));
        var token = await app.LastLink(person.Email, "/keep-account");
        app.Clock.Advance(TimeSpan.FromDays(-85));
        await Leaving.Run(app);
        // The link goes on working: nothing has begun.
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token })).Expect(204);
        Assert.Equal(DeletionState.Kept, (await Leaving.Case(app, open.Id)).State);
    }

    [Theory, Engines]
    public async Task The_only_owner_hands_the_workspace_over_or_says_that_it_goes_too(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (handed, gone, alone) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"), await Crew.Found(app, "Just me"));
        var owner = await handed.Add("owner");
        foreach (var crew in new[] { gone, alone }) await crew.Join(owner, "owner");
        var (heir, member) = (await handed.Add("admin", name: "Giulia Ferraro"), await gone.Add("member"));
        var theirs = await app.SignedIn(member);
        (await theirs.Get(gone.Page)).Expect(200);
        var (_, visitor) = (0, await app.SignedIn(owner));
        await app.Enrol(visitor);
        Assert.Equal("workspaces:deletion.workspace_undecided", (await visitor.Post(Leaving.Api, Leaving.Confirm)).Expect(409, "deletion.workspace_undecided").Errors);
        (await visitor.Post(Leaving.Api, new { confirm = "DELETE", workspaces = new object[] { new { id = handed.Id, handTo = "nobody@almondbirch.example" }, new { id = gone.Id } } })).Expect(404, "deletion.heir_unknown");
        Assert.Null((await app.Db.Read(tx => AccountTable.ById(tx, owner.Id)))!.ClosedAt);
        await Leaving.Ask(visitor, new { confirm = "DELETE", workspaces = new object[] { new { id = handed.Id, handTo = heir.Email }, new { id = gone.Id } } });
        Assert.Equal("owner", (await handed.Membership(heir))!.Role);
        // Closed to everybody from now on, and open again when the owner stays.
        (await theirs.Get(gone.Page)).Expect(404);
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(owner.Email, "/keep-account") })).Expect(204);
        (await theirs.Get(gone.Page)).Expect(200);
        Assert.Equal("owner", (await handed.Membership(owner))!.Role);
    }

    [Theory, Engines]
    public async Task A_workspace_that_goes_with_its_owner_is_deleted_with_them_and_its_people_stay(string engine)
    {
        await using var app = await TestApp.Start(engine, Application.Settings);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner"), await crew.Add("member"));
        var visitor = await app.SignedIn(owner);
        await app.Enrol(visitor);
        // An application by others sees it through a member.
        var tide = Application.Tide(app);
        var consent = await (await app.SignedIn(member)).Open(tide.Authorize(("scope", "openid workspaces")));
        (await tide.Exchange(tide.Back((await consent.Submit("button[value=allow]", ("workspace", crew.Id))).Answer)["code"])).Expect(200);
        await Leaving.Ask(visitor, new { confirm = "DELETE", workspaces = new[] { new { id = crew.Id } } });
        var id = (await Leaving.Open(app, owner))!.Id;
        await Leaving.PassGrace(app);
        var done = await Leaving.Finish(app, id);
        Assert.Contains("\"workspaces\":1", done.Receipt, StringComparison.Ordinal);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM workspaces")));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM oauth_grants WHERE revoked_at IS NULL")));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM oauth_families WHERE ended_at IS NULL")));
        (await (await app.SignedIn(member)).Get("/account/security")).Expect(200);
    }

    [Theory, Engines]
    public async Task The_last_operator_stays(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (first, visitor) = await app.SetUp();
        await app.Enrol(visitor);
        (await visitor.Post(Leaving.Api, Leaving.Confirm)).Expect(409, "operator.last");
        await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt");
        await Leaving.Ask(visitor);
        Assert.NotNull(await Leaving.Open(app, first));
    }

    [Theory, Engines]
    public async Task Other_flows_know_that_somebody_is_leaving(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, leaver) = (await crew.Add("owner"), await crew.Add("admin", "leaver@almondbirch.example"));
        var ownerBrowser = await app.SignedIn(owner);
        await app.Enrol(ownerBrowser);
        var visitor = await app.SignedIn(leaver);
        await app.Enrol(visitor);
        (await visitor.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "new@almondbirch.example", role = "member" } } })).Expect(200);
        var invitation = await app.LastLink("new@almondbirch.example", "/invitation");
        (await visitor.Post("/api/v1/account/email-change", new { email = "other@almondbirch.example" })).Expect(202);
        await Leaving.Ask(visitor);
        // What they had sent works no more; the wish for another address is over; nobody makes them owner.
        (await app.Visitor().Post("/api/v1/invitations/accept", new { token = invitation, name = "New", password = TestApp.OtherPassword })).Expect(404, "invitation.over");
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM email_changes WHERE dropped_at IS NULL AND confirmed_at IS NULL")));
        (await ownerBrowser.Post($"{crew.Api}/hand-over", new { email = leaver.Email })).Expect(409, "ownership.suspended");
        // A forgotten password is recovered all the same: it may be the way back.
        (await app.Visitor().Post("/api/v1/password-recovery", new { email = leaver.Email })).Expect(202);
        var reset = await app.LastLink(leaver.Email, "/reset-password");
        (await app.Visitor().Post("/api/v1/password-recovery/reset", new { link = reset, newPassword = TestApp.OtherPassword })).Expect(204);
        Assert.NotNull(await Leaving.Open(app, leaver));
        // "This wasn't me" calls the deletion off as well.
        var notMe = await app.LastLink(leaver.Email, "/not-me");
        var page = await app.Visitor().Open($"/not-me?token={notMe}");
        await page.Submit("form[action='/not-me']");
        Assert.Null(await Leaving.Open(app, leaver));
    }
}
