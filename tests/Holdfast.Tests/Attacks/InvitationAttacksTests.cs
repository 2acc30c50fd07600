using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class InvitationAttacksTests
{
    private const string Email = "priya.raman@almondbirch.example";

    [Theory]
    [Engines]
    public async Task An_invitation_accepted_by_fifty_at_once_lets_one_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        await InvitationTests.Invite(await app.SignedIn(await crew.Add("admin")), crew, Email);
        var link = await app.LastLink(Email, "/invitation");
        var people = new List<Visitor>();
        for (var i = 0; i < 10; i++) people.Add(await app.SignedIn(await app.AddAccount($"thief{i}@elsewhere.example", "Thief")));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => people[i % 10].Copy().Post("/api/v1/invitations/join", new { token = link })));
        Assert.Equal(1, answers.Count(a => a.Status == 204));
        Assert.Equal(2, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM members")));
    }

    [Theory]
    [Engines]
    public async Task Nobody_invites_above_their_own_role_or_with_more_than_they_may(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var helper = await crew.Role("Helper", "users.view", "users.invite");
        var keys = await crew.Role("Keys", "apikeys.manage");
        var visitor = await app.SignedIn(await crew.Add(helper));
        Assert.Equal("role.above_yours", (await InvitationTests.Invite(visitor, crew, Email, "admin")).GetProperty("code").GetString());
        Assert.Equal("role.owner_is_handed_over", (await InvitationTests.Invite(visitor, crew, Email, "owner")).GetProperty("code").GetString());
        Assert.Equal("role.more_than_yours", (await InvitationTests.Invite(visitor, crew, Email, keys)).GetProperty("code").GetString());
        Assert.Empty(await app.Letters(Email));
        Assert.Equal("invited", (await InvitationTests.Invite(visitor, crew, Email, helper)).GetProperty("outcome").GetString());
    }

    [Theory]
    [Engines]
    public async Task Whoever_was_removed_or_put_down_leaves_no_way_in_behind(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        foreach (var (number, how) in new[] { (1, "remove"), (2, "suspend"), (3, "member") })
        {
            var bad = await crew.Add("admin", $"bad{number}@almondbirch.example");
            await InvitationTests.Invite(await app.SignedIn(bad), crew, $"back{number}@elsewhere.example", "admin");
            var link = await app.LastLink($"back{number}@elsewhere.example", "/invitation");
            Assert.Equal(200, (await app.Visitor().Open($"/invitation?token={link}")).Answer.Status);
            var user = $"{crew.Api}/users/{bad.Id}";
            _ = how switch { "remove" => (await owner.Delete(user)).Expect(204), "suspend" => (await owner.Post($"{user}/suspend")).Expect(204), _ => (await owner.Patch(user, new { role = "member" })).Expect(204) };
            Assert.Equal(404, (await app.Visitor().Open($"/invitation?token={link}")).Answer.Status);
            (await app.Visitor().Post("/api/v1/invitations/accept", new { token = link, name = "Back Again", password = TestApp.OtherPassword })).Expect(404, "invitation.over");
        }
    }

    [Theory]
    [Engines]
    public async Task A_stolen_session_invites_no_admin_without_a_fresh_proof(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var thief = await app.SignedIn(await crew.Add("owner"));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await thief.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "thief@elsewhere.example", role = "admin" } } })).Expect(403, "step_up.required");
        Assert.Empty(await app.Letters("thief@elsewhere.example"));
    }

    [Theory]
    [Engines]
    public async Task Invitations_of_another_workspace_are_neither_seen_sent_nor_withdrawn(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (ours, theirs) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (us, them) = (await app.SignedIn(await ours.Add("admin")), await app.SignedIn(await theirs.Add("owner")));
        await InvitationTests.Invite(us, ours, Email);
        var id = (await us.Get($"{ours.Api}/invitations")).Json.GetProperty("invitations")[0].GetProperty("id").GetString();
        (await them.Get($"{ours.Api}/invitations")).Expect(404);
        Assert.Equal(0, (await them.Get($"{theirs.Api}/invitations")).Json.GetProperty("invitations").GetArrayLength());
        (await them.Post($"{theirs.Api}/invitations/{id}/send-again")).Expect(404, "invite.unknown");
        (await them.Delete($"{theirs.Api}/invitations/{id}")).Expect(404, "invite.unknown");
    }

    [Theory]
    [Engines]
    public async Task An_admin_helps_nobody_above_and_nobody_elsewhere_to_a_new_password(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (ours, theirs) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var admin = await app.SignedIn(await ours.Add("admin"));
        var (owner, stranger, member) = (await ours.Add("owner", "owner@almondbirch.example"), await theirs.Add("member", "stranger@harbour.example"), await ours.Add("member", "kenji@almondbirch.example"));
        (await admin.Post($"{ours.Api}/users/{owner.Id}/password-recovery")).Expect(403, "role.above_yours");
        (await admin.Post($"{ours.Api}/users/{stranger.Id}/password-recovery")).Expect(404, "user.unknown");
        (await (await app.SignedIn(member)).Post($"{ours.Api}/users/{owner.Id}/password-recovery")).Expect(403, "workspace.not_allowed");
        var sent = await (await admin.Open($"{ours.Page}/users/{member.Id}/password-recovery")).Submit("form[action$='/password-recovery']");
        Assert.Equal((200, $"{ours.Page}/users/{member.Id}"), (sent.Answer.Status, sent.Path));
        Assert.DoesNotContain("token=", sent.Document.DocumentElement.OuterHtml, StringComparison.Ordinal);
        Assert.Equal("Reset Password", Assert.Single(await app.Letters("kenji@almondbirch.example")).Subject);
        (await admin.Post($"{ours.Api}/users/{member.Id}/password-recovery")).Expect(429, "recovery.just_sent");
        Assert.Empty(await app.Letters("owner@almondbirch.example"));
    }

    [Theory]
    [Engines]
    public async Task A_large_file_of_a_stranger_is_not_read(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var body = new string('a', 200_000);
        Assert.Equal(413, (await app.Visitor().Post("/api/v1/sign-in", new { email = body, password = "x" })).Status);
        var member = await app.SignedIn(await crew.Add("member"));
        Assert.Equal(413, (await member.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = body } } })).Status);
        var answer = await app.Visitor().Send(HttpMethod.Post, $"{crew.Page}/users/invite", Visitor.Raw(body, "application/x-www-form-urlencoded"));
        Assert.Contains(answer.Status, new[] { 401, 413 });
    }

    [Theory]
    [Engines]
    public async Task Words_of_the_inviter_stand_in_no_letter_and_formulas_in_no_file(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        (await admin.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = Email, name = "Your invoice: https://evil.example" } } })).Expect(200);
        var letter = Assert.Single(await app.Letters(Email));
        Assert.DoesNotContain("evil.example", letter.Text + letter.Html + letter.Subject, StringComparison.Ordinal);
    }
}
