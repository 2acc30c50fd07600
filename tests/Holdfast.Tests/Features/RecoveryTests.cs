using Holdfast.Features.NotMe;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Features;

/// <summary>"This wasn't me" and choosing a new password by a mailed link.</summary>
public sealed class RecoveryTests
{
    private static async Task<string> NotMeLink(TestApp app, Person person)
    {
        var thief = await app.SignedIn(person);
        (await thief.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var token = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/not-me");
        // Letters are listed by the moment they were written.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return token;
    }

    [Theory, Engines]
    public async Task This_was_not_me_ends_all_sessions_blocks_the_password_and_mails_a_link_but_signs_nobody_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await NotMeLink(app, person);
        var thief = app.Visitor();
        (await thief.SignIn(person.Email, TestApp.OtherPassword)).Expect(204);

        var visitor = app.Visitor();
        var first = (await visitor.Get($"/not-me?token={link}")).Expect(302);
        Assert.Equal(("/not-me", "no-referrer"), (first.Location, first.Header("Referrer-Policy")));
        // Mail scanners open every link: looking does nothing.
        var page = await visitor.Open("/not-me");
        Assert.DoesNotContain(link, page.Answer.Body, StringComparison.Ordinal);
        (await thief.Get("/api/v1/session")).Expect(200);

        page = await page.Submit("form[action='/not-me']");
        Assert.Equal(200, page.Answer.Status);
        (await thief.Get("/api/v1/session")).Expect(401, "session.ended");
        (await thief.SignIn(person.Email, TestApp.OtherPassword)).Expect(401, "sign_in.wrong");
        (await visitor.Get("/api/v1/session")).Expect(401);
        var letter = (await app.Letters(person.Email))[^1];
        Assert.Equal("Reset Password", letter.Subject);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/reset-password"));

        // Once.
        var again = app.Visitor();
        Assert.Equal(404, (await again.Open($"/not-me?token={link}")).Answer.Status);
        Assert.Equal(2, (await app.Letters(person.Email)).Count);
    }

    [Theory, Engines]
    public async Task A_reset_link_chooses_a_new_password_once_and_ends_everything_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var notMe = await NotMeLink(app, person);
        Assert.True((await app.Get<NotMe>().Run(TestApp.HashOf(notMe), Client.Server)).Ok);
        var link = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/reset-password");

        var visitor = app.Visitor();
        var page = await visitor.Open($"/reset-password?token={link}");
        Assert.Equal("/reset-password", page.Path);
        Assert.DoesNotContain(link, page.Answer.Body, StringComparison.Ordinal);
        page = await page.Submit("form[action='/reset-password']", ("newPassword", "password"), ("newPasswordAgain", "passwort"));
        Assert.Equal(400, page.Answer.Status);
        Assert.NotNull(page.Document.QuerySelector("#newPassword-error"));
        Assert.NotNull(page.Document.QuerySelector("#newPasswordAgain-error"));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        page = await page.Submit("form[action='/reset-password']", ("newPassword", person.Password), ("newPasswordAgain", person.Password));
        Assert.Equal((200, "/sign-in"), (page.Answer.Status, page.Path));
        // It signs nobody in.
        (await visitor.Get("/api/v1/session")).Expect(401, "session.required");
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal(404, (await app.Visitor().Open($"/reset-password?token={link}")).Answer.Status);
        Assert.Equal(["Your password was changed", "Reset Password", "Your password was changed"], (await app.Letters(person.Email)).Select(letter => letter.Subject));
    }

    [Theory, Engines]
    public async Task A_reset_link_ends_after_half_an_hour_and_a_not_me_link_after_a_week(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var notMe = await NotMeLink(app, person);
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        Assert.Equal("link.over", (await app.Get<NotMe>().Run(TestApp.HashOf(notMe), Client.Server)).Refusal!.Code);
        await app.Db.Write(async tx =>
        {
            var account = await Holdfast.Features.Accounts.AccountTable.ById(tx, person.Id);
            await app.Get<PasswordLetters>().Reset(tx, account!, asked: true, app.Now);
            return 0;
        });
        var link = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/reset-password");
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(404, (await app.Visitor().Open($"/reset-password?token={link}")).Answer.Status);
    }

    [Theory, Engines]
    public async Task A_link_of_one_purpose_opens_nothing_of_another(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var notMe = await NotMeLink(app, person);
        Assert.Equal(404, (await app.Visitor().Open($"/reset-password?token={notMe}")).Answer.Status);
        foreach (var bad in new[] { "", "x", SecretToken.New().Reveal(), notMe + "A", notMe[..42], "%00", "a%0d%0ab" }) Assert.Equal(404, (await app.Visitor().Open($"/not-me?token={bad}")).Answer.Status);
    }

    [Theory, Engines]
    public async Task Of_many_uses_of_one_link_at_once_one_counts(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = TestApp.HashOf(await NotMeLink(app, person));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Task.Run(() => app.Get<NotMe>().Run(link, Client.Server))));
        Assert.Single(outcomes, outcome => outcome.Ok);
        Assert.Equal(2, (await app.Letters(person.Email)).Count);
    }

    [Theory, Engines]
    public async Task A_sign_in_under_way_does_not_outlive_this_was_not_me(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = TestApp.HashOf(await NotMeLink(app, person));
        var (account, stored) = await app.Db.Read(async tx => (await Holdfast.Features.Accounts.AccountTable.ById(tx, person.Id), await PasswordTable.Of(tx, person.Id)));
        var (proven, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        // A sign-in whose transaction has seen the password and not yet committed.
        var signIn = app.Db.Write(async tx =>
        {
            Assert.True(await PasswordTable.StillIs(tx, person.Id, stored!.Phc));
            proven.TrySetResult();
            var fresh = (await StartSession.Run(tx, account!, Client.Server, keep: false, ProofMethod.Password, app.Now)).Value;
            await goOn.Task;
            return fresh;
        });
        await proven.Task;
        var notMe = Task.Run(() => app.Get<NotMe>().Run(link, Client.Server));
        await Task.Delay(300);
        goOn.SetResult();
        var token = (await signIn).Token;
        Assert.True((await notMe).Ok);
        Assert.NotNull((await app.Db.Read(tx => SessionTable.ByToken(tx, token.Hash)))!.EndedAt);
    }
}
