using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Mailed links that are pressed at one moment, by many or against each other: afterwards things stand as if one had come after the other.</summary>
public sealed class LinkRacesTests
{
    private const string Change = "/api/v1/account/email-change";
    private const int Rounds = 8;

    /// <param name="Live">Sessions that have not ended.</param>
    /// <param name="Blocked">The password was stopped by "This wasn't me".</param>
    private sealed record Standing(string Email, long Live, bool Blocked);

    private static Task<Standing> Of(TestApp app, Person person) => app.Db.Read(async tx => new Standing(
        (await AccountTable.ById(tx, person.Id))!.Email,
        await tx.Count("SELECT COUNT(*) FROM sessions WHERE account_id = @Id AND ended_at IS NULL", new { person.Id }),
        await tx.Count("SELECT COUNT(*) FROM passwords WHERE account_id = @Id AND blocked_at IS NOT NULL", new { person.Id }) == 1));

    private static async Task<int> CountOf(TestApp app, Person person, string kind) => (await app.Db.Read(tx => AuditTable.OfAccount(tx, person.Id, [kind], DateTimeOffset.UnixEpoch, null, 100))).Count;

    /// <summary>Asks for another address; each letter about it a moment later than those before.</summary>
    private static async Task<string> Ask(TestApp app, Visitor visitor, string to)
    {
        app.Clock.Advance(TimeSpan.FromSeconds(61));
        (await visitor.Post(Change, new { email = to })).Expect(202);
        return await app.LastLink(to, "/confirm-email");
    }

    [Theory, Engines]
    public async Task An_invitation_by_which_fifty_make_an_account_at_once_makes_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        const string Email = "priya.raman@almondbirch.example";
        await InvitationTests.Invite(await app.SignedIn(await crew.Add("admin")), crew, Email);
        var token = await app.LastLink(Email, "/invitation");
        var before = await SignUpTests.Accounts(app);
        var people = Enumerable.Range(0, 50).Select(_ => app.Visitor()).ToList();
        var answers = await Task.WhenAll(people.Select((visitor, i) => visitor.Post("/api/v1/invitations/accept", new { token, name = $"Priya {i}", password = TestApp.OtherPassword })));
        Assert.Single(answers, a => a.Status == 204);
        Assert.All(answers, a => Assert.True(a.Status == 204 || a.Code is "invitation.over" or "invitation.has_account" or "hashing.queue_full", a.ToString()));
        Assert.Equal((before + 1, 2), (await SignUpTests.Accounts(app), await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM members"))));
        // Whoever was too late has no session.
        for (var i = 0; i < people.Count; i++) Assert.Equal(answers[i].Status == 204, people[i].Cookies.ContainsKey(Visitor.SessionCookie));
    }

    [Theory, Engines]
    public async Task An_address_that_fifty_put_back_at_once_is_put_back_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var thief = await app.SignedIn(person);
        await EmailChangeTests.Do(app, thief, person.Email, "thief@elsewhere.example");
        var token = await app.LastLink(person.Email, "/undo-email");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.Visitor().Post($"{Change}/undo", new { token })));
        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => a.Expect(404, "link.over"));
        Assert.Equal(new Standing(person.Email, 0, true), await Of(app, person));
        Assert.Equal((1, 1), (await CountOf(app, person, AuditKind.EmailPutBack), await CountOf(app, person, AuditKind.PasswordBlocked)));
        Assert.Single(await app.Letters(person.Email), letter => letter.Subject == "Reset Password");
        Assert.DoesNotContain(await app.Letters("thief@elsewhere.example"), letter => letter.Subject == "Reset Password");
    }

    [Theory, Engines]
    public async Task A_second_change_confirmed_while_the_first_is_taken_back_leaves_the_oldest_address(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var thief = await app.SignedIn(person);
            var (second, third) = ($"second{round}@elsewhere.example", $"third{round}@elsewhere.example");
            await EmailChangeTests.Do(app, thief, person.Email, second);
            var (undo, confirm) = (await app.LastLink(person.Email, "/undo-email"), await Ask(app, thief, third));
            var (confirming, undoing) = await Both(round, () => thief.Post($"{Change}/confirm", new { token = confirm }), () => app.Visitor().Post($"{Change}/undo", new { token = undo }));
            undoing.Expect(200);
            Assert.True(confirming.Status == 204 || confirming.Code is "link.over" or "session.ended", confirming.ToString());
            Assert.Equal(new Standing(person.Email, 0, true), await Of(app, person));
            // The owner goes on from here, and the thief does not.
            Assert.Equal(200, (await app.Visitor().Open($"/reset-password?token={await app.LastLink(person.Email, "/reset-password")}")).Answer.Status);
            if (confirming.Status == 204) (await app.Visitor().Post($"{Change}/undo", new { token = await app.LastLink(second, "/undo-email") })).Expect(404, "link.over");
            foreach (var address in new[] { second, third }) Assert.DoesNotContain(await app.Letters(address), letter => letter.Subject == "Reset Password");
        }
    }

    [Theory, Engines]
    public async Task Of_a_new_address_and_a_new_password_by_mail_at_once_one_comes_about(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var here = await app.SignedIn(person);
            var wished = $"wished{round}@harbour.example";
            var confirm = await Ask(app, here, wished);
            (await app.Visitor().Post("/api/v1/password-recovery", new { email = person.Email })).Expect(202);
            var link = await app.LastLink(person.Email, "/reset-password");
            // A password takes its time to be hashed: the other comes before, between and after.
            var late = TimeSpan.FromMilliseconds(40 * round);
            var resetting = app.Visitor().Post("/api/v1/password-recovery/reset", new { link, newPassword = TestApp.OtherPassword });
            await Task.Delay(late);
            var (confirmed, reset) = (await here.Post($"{Change}/confirm", new { token = confirm }), await resetting);
            var (email, password) = confirmed.Status == 204 ? (wished, person.Password) : (person.Email, TestApp.OtherPassword);
            Assert.True(confirmed.Status == 204 ? reset.Code == "link.over" : reset.Status == 204 && confirmed.Code is "link.over" or "session.ended", $"{confirmed}\n{reset}");
            Assert.Equal(new Standing(email, confirmed.Status == 204 ? 1 : 0, false), await Of(app, person));
            (await app.Visitor().SignIn(email, password)).Expect(204);
            (await app.Visitor().SignIn(email, password == person.Password ? TestApp.OtherPassword : person.Password)).Expect(401, "sign_in.wrong");
        }
    }

    [Theory, Engines]
    public async Task The_link_to_a_new_address_is_over_once_the_password_is_changed(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:OnPasswordChange"] = "Ask" });
        var person = await app.AddAccount();
        var (owner, thief) = (await app.SignedIn(person), await app.SignedIn(person));
        var link = await Ask(app, thief, "thief@elsewhere.example");
        // The others stay signed in: it is not the end of the session that ends the link.
        (await owner.ChangePassword(person.Password, TestApp.OtherPassword, signOutOthers: false)).Expect(200);
        foreach (var visitor in new[] { thief, owner })
        {
            (await visitor.Get("/api/v1/session")).Expect(200);
            (await visitor.Post($"{Change}/confirm", new { token = link })).Expect(404, "link.over");
            Assert.Equal(404, (await visitor.Open($"/confirm-email?token={link}")).Answer.Status);
            (await visitor.Get(Change)).Expect(404, "email_change.nothing_waits");
        }
        app.Clock.Advance(TimeSpan.FromSeconds(61));
        (await thief.Post($"{Change}/send-again")).Expect(404, "email_change.nothing_waits");
        Assert.Equal(person.Email, (await Of(app, person)).Email);
    }

    [Theory, Engines]
    public async Task A_change_confirmed_while_somebody_says_that_it_was_not_them_is_whole_or_not_at_all(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < Rounds; round++)
        {
            var person = await app.AddAccount($"owner{round}@almondbirch.example");
            var here = await app.SignedIn(person);
            var wished = $"wished{round}@harbour.example";
            var confirm = await Ask(app, here, wished);
            var notMe = await app.LastLink(person.Email, "/not-me");
            var (confirming, stopping) = await Both(round, () => here.Post($"{Change}/confirm", new { token = confirm }), () => app.Visitor().Post("/api/v1/not-me", new { token = notMe }));
            stopping.Expect(200);
            Assert.True(confirming.Status == 204 || confirming.Code is "link.over" or "session.ended", confirming.ToString());
            // Confirmed before, it is taken back: the letter about it was the old address's.
            Assert.Equal(new Standing(person.Email, 0, true), await Of(app, person));
            Assert.DoesNotContain(await app.Letters(wished), letter => letter.Subject == "Reset Password");
            Assert.Equal(200, (await app.Visitor().Open($"/reset-password?token={await app.LastLink(person.Email, "/reset-password")}")).Answer.Status);
        }
    }

    /// <summary>Starts two at once: every second time the second first.</summary>
    private static async Task<(Answer First, Answer Second)> Both(int round, Func<Task<Answer>> first, Func<Task<Answer>> second)
    {
        var later = round % 2 == 1 ? second() : null;
        var sooner = first();
        later ??= second();
        return (await sooner, await later);
    }
}
