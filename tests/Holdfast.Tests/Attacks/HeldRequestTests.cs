using Holdfast.Features.EmailChange;
using Holdfast.Features.Invitations;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>A request is let in, and sends its form so slowly that the world has changed before it acts.</summary>
public sealed class HeldRequestTests
{
    [Theory]
    [Engines]
    public async Task Begun_with_the_password_alone_it_makes_no_recovery_codes_after_two_factor_came_on(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (owner, thief) = (await app.SignedIn(person), await app.SignedIn(person));
        var held = await LetIn(app, thief);
        await app.Enrol(owner);
        Assert.Equal("step_up.second_factor_required", (await app.Get<MakeRecoveryCodes>().Run(held, Client.Server)).Refusal?.Code);
        Assert.Equal("step_up.second_factor_required", (await app.Get<AskToChangeEmail>().Run(held, "thief@elsewhere.example", Client.Server)).Refusal?.Code);
        Assert.Empty(await app.Letters("thief@elsewhere.example"));
    }

    [Theory]
    [Engines]
    public async Task Of_a_session_that_ended_it_does_nothing_any_more(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await crew.Add("admin", "giulia@almondbirch.example", "Giulia Ferraro");
        var (owner, thief) = (await app.SignedIn(admin), await app.SignedIn(admin));
        await app.Enrol(owner);
        var (person, phone, stolen) = await app.AddWithTwoFactor();
        await crew.Join(person, "admin");
        app.NextCode();
        (await stolen.StepUpBy(phone.Code())).Expect(200);
        var (held, heldByAdmin) = (await LetIn(app, stolen), await LetIn(app, thief));
        (await stolen.Post("/api/v1/sessions/end-all")).Expect(200);
        (await owner.Post("/api/v1/sessions/end-all")).Expect(200);

        Assert.Equal("session.ended", (await app.Get<MakeRecoveryCodes>().Run(held, Client.Server)).Refusal?.Code);
        Assert.Equal("session.ended", (await app.Get<ChangeApps>().Remove(held, phone.Id, Client.Server)).Refusal?.Code);
        Assert.Equal("session.ended", (await app.Get<AskToChangeEmail>().Run(held, "thief@elsewhere.example", Client.Server)).Refusal?.Code);
        var actor = new WorkspaceActor(heldByAdmin, heldByAdmin.Memberships[0]);
        Assert.Equal("session.ended", (await app.Get<Invite>().Run(actor, new InviteForm([new InviteLine(1, "thief@elsewhere.example", "", "admin")], "en", false), Client.Server)).Refusal?.Code);
        Assert.Empty(await app.Letters("thief@elsewhere.example"));
    }

    [Theory]
    [Engines]
    public async Task A_change_of_address_that_waited_ends_when_two_factor_comes_on(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (owner, thief) = (await app.SignedIn(person), await app.SignedIn(person));
        (await thief.Post("/api/v1/account/email-change", new { email = "thief@elsewhere.example" })).Expect(202);
        var link = await app.LastLink("thief@elsewhere.example", "/confirm-email");
        await app.Enrol(owner);
        (await thief.Post("/api/v1/account/email-change/confirm", new { token = link })).Expect(404, "link.over");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        (await thief.Post("/api/v1/account/email-change/send-again")).Expect(403, "step_up.second_factor_required");
    }

    [Theory]
    [Engines]
    public async Task After_this_was_not_me_it_adds_no_passkey(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (owner, thief) = (await app.SignedIn(person), await app.SignedIn(person, userAgent: Visitor.Chrome));
        (await owner.ChangePassword(person.Password, TestApp.OtherPassword, signOutOthers: false)).Expect(200);
        thief = await app.SignedIn(person with { Password = TestApp.OtherPassword }, userAgent: Visitor.Chrome);
        var (ticket, options) = await thief.Challenge("/api/v1/me/passkeys/options");
        var answer = new PasskeyAnswer(ticket, System.Text.Json.JsonSerializer.Serialize(new Authenticator().Make(options), System.Text.Json.JsonSerializerOptions.Web));
        var held = await LetIn(app, thief);
        (await app.Visitor().Post("/api/v1/not-me", new { token = await app.LastLink(person.Email, "/not-me") })).Expect(200);
        Assert.Equal("session.ended", (await app.Get<AddPasskey>().Run(held, new AddPasskeyForm(answer, "Mine", "Chrome"), Client.Server)).Refusal?.Code);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM passkeys")));
    }

    /// <summary>What the server knows of a request at the moment in which it lets it in.</summary>
    private static async Task<SignedIn> LetIn(TestApp app, Visitor visitor) => (await app.Get<CheckSession>().Run(visitor.Token, isUse: false)).SignedIn!;
}
