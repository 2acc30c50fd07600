using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Invitations;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Ways around the rules of workspaces and cases that lie between two requests.</summary>
public sealed class WorkspaceReviewTests
{
    private static async Task<SignedIn> LetIn(TestApp app, Visitor visitor) => (await app.Get<CheckSession>().Run(visitor.Token, isUse: false)).SignedIn!;

    [Theory, Engines]
    public async Task A_case_is_not_decided_by_a_session_that_ended_or_a_proof_that_became_too_weak(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        var form = new DecisionForm("call", "Called back. She named her last two bookings.", true);
        var thief = await app.SignedIn(setup.Operator);
        var held = await LetIn(app, thief);
        await app.Enrol(setup.OperatorBrowser);
        Assert.Equal("step_up.second_factor_required", (await app.Get<DecideReset>().Approve(held, id, form, Client.Server)).Refusal?.Code);
        (await setup.OperatorBrowser.Post("/api/v1/sessions/end-all")).Expect(200);
        Assert.Equal("session.ended", (await app.Get<DecideReset>().Approve(held, id, form, Client.Server)).Refusal?.Code);
        Assert.Equal("session.ended", (await app.Get<StopReset>().ByOperator(held, id, Client.Server)).Refusal?.Code);
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
        Assert.Equal("session.ended", (await app.Get<EndSessions>().All(held, Client.Server)).Refusal?.Code);
    }

    [Theory, Engines]
    public async Task No_factor_is_removed_while_the_account_is_suspended(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        Assert.True((await app.Get<SuspendAccount>().Suspend(setup.Member.Email)).Ok);
        var stopped = await setup.Case(id);
        Assert.Equal((CaseState.Stopped, StopWay.Suspended), (stopped.State, stopped.ClosedWhy));
        app.Clock.Advance(TimeSpan.FromDays(3));
        await setup.Run();
        Assert.True(await setup.HasFactors());
        // A case asked for while nobody may sign in is not approved either.
        var next = (await (await app.SignedIn(setup.Admin)).Post(setup.Api, CaseSetup.Request)).Expect(201).Json.GetProperty("id").GetString();
        (await (await app.SignedIn(setup.Operator)).Post($"/api/v1/operator/cases/{next}/approve", CaseSetup.Decision)).Expect(403, "account.suspended");
    }

    [Theory, Engines]
    public async Task The_workspace_takes_a_case_back_after_the_person_has_left(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        (await setup.MemberBrowser.Post($"{setup.Crew.Api}/leave")).Expect(204);
        var seen = (await app.Get<LookAtCases>().One(id)).Value;
        Assert.False(seen.RequesterMay);
        (await setup.AdminBrowser.Delete(setup.Api)).Expect(204);
        Assert.Equal(CaseState.Withdrawn, (await setup.Case(id)).State);
    }

    [Theory, Engines]
    public async Task Withdrawing_and_inviting_anew_fills_no_mailbox(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Invitations:PerDay"] = "8" });
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        const string Victim = "victim@elsewhere.example";
        for (var i = 0; i < 30; i++)
        {
            await InvitationTests.Invite(admin, crew, Victim);
            var open = (await admin.Get($"{crew.Api}/invitations")).Expect(200).Json.GetProperty("invitations");
            foreach (var one in open.EnumerateArray()) (await admin.Delete($"{crew.Api}/invitations/{one.GetProperty("id").GetString()}")).Expect(204);
            app.Clock.Advance(TimeSpan.FromSeconds(40));
        }
        Assert.Equal(Invitation.MostLetters, (await app.Letters(Victim)).Count);
        // The day's letters are counted, not the invitations.
        app.Clock.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 5; i++)
        {
            await InvitationTests.Invite(admin, crew, "another@elsewhere.example");
            app.Clock.Advance(TimeSpan.FromMinutes(2));
        }
        Assert.Equal(3, (await app.Letters("another@elsewhere.example")).Count);
        Assert.Equal("invite.enough_today", (await InvitationTests.Invite(admin, crew, "third@elsewhere.example")).GetProperty("code").GetString());
    }

    [Theory, Engines]
    public async Task A_helper_neither_replaces_nor_withdraws_what_an_owner_invited_to(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        const string Guest = "guest@elsewhere.example";
        await InvitationTests.Invite(owner, crew, Guest, "admin");
        var link = await app.LastLink(Guest, "/invitation");
        var helper = await app.SignedIn(await crew.Add(await crew.Role("Helper", "users.view", "users.invite")));
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("role.above_yours", (await InvitationTests.Invite(helper, crew, Guest)).GetProperty("code").GetString());
        var id = (await owner.Get($"{crew.Api}/invitations")).Json.GetProperty("invitations")[0].GetProperty("id").GetString();
        (await helper.Delete($"{crew.Api}/invitations/{id}")).Expect(403, "role.above_yours");
        (await app.Visitor().Post("/api/v1/invitations/accept", new { token = link, name = "Guest", password = TestApp.Password })).Expect(204);
        Assert.Equal("admin", (await app.Db.Read(async tx => await MemberTable.Find(tx, crew.Id, (await AccountTable.ByEmail(tx, Guest))!.Id)))!.Role);
    }

    [Theory, Engines]
    public async Task The_thief_who_changed_the_address_gets_no_way_to_a_new_password_by_the_victims_press(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var thief = await app.SignedIn(person);
        const string Theirs = "thief@elsewhere.example";
        (await thief.Post("/api/v1/account/email-change", new { email = Theirs })).Expect(202);
        var warned = await app.LastLink(person.Email, "/not-me");
        (await thief.Post("/api/v1/account/email-change/confirm", new { token = await app.LastLink(Theirs, "/confirm-email") })).Expect(204);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await app.Visitor().Post("/api/v1/not-me", new { token = warned })).Expect(200);
        Assert.Equal(person.Email, (await app.Db.Read(tx => AccountTable.ById(tx, person.Id)))!.Email);
        Assert.Contains(await app.Letters(person.Email), letter => letter.Text.Contains("/reset-password?token=", StringComparison.Ordinal));
        Assert.DoesNotContain(await app.Letters(Theirs), letter => letter.Text.Contains("/reset-password?token=", StringComparison.Ordinal));
        (await thief.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task Somebody_who_joins_elsewhere_at_this_moment_is_not_signed_out_everywhere_by_an_admin(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (here, elsewhere) = (await Crew.Found(app), await Crew.Found(app, "Harbour"));
        var admin = await app.SignedIn(await here.Add("admin"));
        for (var round = 0; round < 6; round++)
        {
            var person = await here.Add("member");
            var theirs = await app.SignedIn(person);
            var (act, join) = (admin.Post($"{here.Api}/users/{person.Id}/sign-out"), elsewhere.Join(person, "member"));
            await Task.WhenAll(act, join);
            // Either they were signed out before they came there, or not at all.
            if ((await act).Status == 403) (await theirs.Get("/api/v1/session")).Expect(200);
            else (await act).Expect(204);
            (await admin.Post($"{here.Api}/users/{person.Id}/sign-out")).Expect(403, "user.not_only_here");
        }
    }

    [Theory, Engines]
    public async Task An_admin_sees_what_happened_to_the_account_since_the_person_came_and_nothing_of_operators(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var person = await app.AddAccount();
        await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await crew.Join(person, "member");
        async Task<int> SignIns(Person who) => (await admin.Get($"{crew.Api}/users/{who.Id}/events")).Expect(200).Json.GetProperty("items").EnumerateArray().Count(e => e.GetProperty("kind").GetString() == "sign_in.succeeded");
        Assert.Equal(0, await SignIns(person));
        await app.SignedIn(person);
        Assert.Equal(1, await SignIns(person));
        await CaseSetup.Promote(app, person);
        Assert.Equal(0, await SignIns(person));
    }

    [Theory, Engines]
    public async Task Whoever_may_not_see_people_is_not_told_who_lacks_two_factor(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        await crew.Add("member", "ines@almondbirch.example", "Inês Duarte");
        var keeper = await app.SignedIn(await crew.Add(await crew.Role("Keeper", "settings.edit")));
        var told = (await keeper.Get($"{crew.Api}/two-factor")).Expect(200);
        Assert.Equal(2, told.Json.GetProperty("without").GetInt64());
        Assert.DoesNotContain("ines@", told.Body, StringComparison.Ordinal);
        var page = await keeper.Open($"{crew.Page}/settings/two-factor");
        Assert.Equal(200, page.Answer.Status);
        Assert.DoesNotContain("ines@", page.Answer.Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_last_operator_who_can_sign_in_is_not_suspended_whoever_else_is_on_paper(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (one, two) = (await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada"), await CaseSetup.MakeOperator(app, "ben@quayside.example", "Ben"));
        var outcomes = await Task.WhenAll(new[] { one, two }.Select(who => app.Get<SuspendAccount>().Suspend(who.Email)));
        Assert.Equal("operator.last", Assert.Single(outcomes, o => !o.Ok).Refusal!.Code);
        Assert.Equal(1, await app.Db.Read(AccountTable.Operators));
    }

    [Theory, Engines]
    public async Task What_people_are_called_is_no_link_in_a_letter_to_strangers(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app, "Win at evil.example/pay");
        await InvitationTests.Invite(await app.SignedIn(await crew.Add("admin", name: "www.evil.example")), crew, "guest@elsewhere.example");
        var letter = Assert.Single(await app.Letters("guest@elsewhere.example"));
        Assert.DoesNotContain("evil.example", letter.Subject + letter.Text + letter.Html, StringComparison.Ordinal);
        Assert.Contains("evil\u2024example/pay", letter.Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_refusal_shows_nothing_to_somebody_whose_session_ended_on_the_way(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await crew.Add("admin");
        await crew.Add("member", "ines@almondbirch.example", "Inês Duarte");
        var held = await LetIn(app, await app.SignedIn(admin));
        (await (await app.SignedIn(admin)).Post("/api/v1/sessions/end-all")).Expect(200);
        var actor = new WorkspaceActor(held, held.Memberships[0]);
        Assert.Equal("session.ended", (await app.Get<ActOnUser>().Suspend(actor, admin.Id, Client.Server)).Refusal?.Code);
    }
}
