using Holdfast.Features.Links;
using Holdfast.Features.Passwords;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class ChangePasswordTests
{
    [Theory, Engines]
    public async Task A_changed_password_signs_others_out_renews_this_session_and_is_told_by_mail(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person, userAgent: Visitor.Chrome), await app.SignedIn(person));
        var (old, id) = (here.Copy(), (await here.Sessions())[0]);
        var answer = (await here.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.Equal(1, answer.Json.GetProperty("signedOut").GetInt32());
        Assert.Equal([id], await here.Sessions());
        (await old.Get("/api/v1/session")).Expect(401);
        (await other.Get("/api/v1/session")).Expect(401, "session.ended");
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");
        (await app.Visitor().SignIn(person.Email, TestApp.OtherPassword)).Expect(204);

        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Equal("Your password was changed", letter.Subject);
        Assert.Contains("Chrome on Windows", letter.Text, StringComparison.Ordinal);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));
        Assert.Contains("password.changed", await here.Activity());
    }

    [Theory, Engines("SignOutOthers,true,1", "SignOutOthers,false,1", "Ask,true,1", "Ask,false,0", "KeepOthers,true,0", "KeepOthers,false,0")]
    public async Task What_happens_to_other_sessions_is_a_setting(string engine, string row)
    {
        var (setting, ticked, ended) = row.Split(',') is [var s, var t, var e] ? (s, t == "true", int.Parse(e, System.Globalization.CultureInfo.InvariantCulture)) : default;
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:OnPasswordChange"] = setting });
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        Assert.Equal(ended, (await here.ChangePassword(person.Password, TestApp.OtherPassword, ticked)).Expect(200).Json.GetProperty("signedOut").GetInt32());
        (await other.Get("/api/v1/session")).Expect(ended == 1 ? 401 : 200);
        (await here.Get("/api/v1/session")).Expect(200);
        Assert.Single(await app.Letters(person.Email));
    }

    [Theory, Engines("SignOutOthers", "Ask", "KeepOthers")]
    public async Task The_page_changes_it_and_says_so(string engine, string setting)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:OnPasswordChange"] = setting });
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        var page = await here.Open("/account/security");
        page = await page.Submit("#password form", ("currentPassword", person.Password), ("newPassword", "short"), ("newPasswordAgain", "other"));
        Assert.Equal(400, page.Answer.Status);
        Assert.NotNull(page.Document.QuerySelector("#newPassword-error"));
        Assert.NotNull(page.Document.QuerySelector("#newPasswordAgain-error"));
        Assert.DoesNotContain(person.Password, page.Answer.Body, StringComparison.Ordinal);
        page = await page.Submit("#password form", ("currentPassword", person.Password), ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        Assert.Equal((200, "/account/security"), (page.Answer.Status, page.Path));
        Assert.NotNull(page.Document.QuerySelector(".flash"));
        (await other.Get("/api/v1/session")).Expect(setting == "KeepOthers" ? 200 : 401);
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_said_at_its_field_and_changes_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(workspace: "Almond & Birch");
        var here = await app.SignedIn(person);
        Assert.Equal("currentPassword:password.required newPassword:password.required", (await here.ChangePassword("", "")).Expect(400).Errors);
        Assert.Equal("newPassword:password.too_short", (await here.ChangePassword(person.Password, "Xw4!mQ9")).Expect(400).Errors);
        Assert.Equal("newPassword:password.common", (await here.ChangePassword(person.Password, "password")).Expect(400).Errors);
        Assert.Equal("newPassword:password.context", (await here.ChangePassword(person.Password, "tomasz-99")).Expect(400).Errors);
        Assert.Equal("newPassword:password.context", (await here.ChangePassword(person.Password, "quayside-1")).Expect(400).Errors);
        Assert.Equal("newPassword:password.context", (await here.ChangePassword(person.Password, "almondbirch")).Expect(400).Errors);
        Assert.Equal("newPassword:password.unchanged", (await here.ChangePassword(person.Password, person.Password)).Expect(400).Errors);
        Assert.Equal("newPasswordAgain:password.not_repeated", (await here.Post("/api/v1/password", new { currentPassword = person.Password, newPassword = TestApp.OtherPassword, newPasswordAgain = "other" })).Expect(400).Errors);
        Assert.Equal("currentPassword:password.wrong", (await here.ChangePassword("no, not this one", TestApp.OtherPassword)).Expect(400).Errors);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(204);
        Assert.Empty(await app.Letters(person.Email));
        Assert.Contains("password.change_failed", await here.Activity());
    }

    [Theory, Engines]
    public async Task Open_recovery_links_die_with_the_old_password(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var link = await app.Db.Write(tx => LinkTable.Make(tx, person.Id, LinkPurpose.ResetPassword, app.Now, TimeSpan.FromMinutes(30)));
        var here = await app.SignedIn(person);
        (await here.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.False((await app.Db.Read(tx => LinkTable.Find(tx, link.Hash, LinkPurpose.ResetPassword)))!.IsOpen(app.Now));
    }

    [Theory, Engines]
    public async Task Of_several_changes_at_once_one_wins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var here = await app.SignedIn(person);
        // The number of sessions stays under the free tries: each try is charged until it was right.
        var next = Enumerable.Range(0, 4).Select(i => $"xkqzjwvb wrlp {i}").ToList();
        var copies = next.Select(_ => here.Copy()).ToList();
        var answers = await Task.WhenAll(next.Select((password, i) => copies[i].ChangePassword(person.Password, password)));
        var winner = Assert.Single(Enumerable.Range(0, 4), i => answers[i].Status == 200);
        Assert.All(answers.Where((_, i) => i != winner), answer => Assert.True(answer.Status is 400 or 401, $"{answer.Status} {answer.Code}"));
        (await copies[winner].Get("/api/v1/session")).Expect(200);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await app.Visitor().SignIn(person.Email, next[winner])).Expect(204);
        Assert.Single(await app.Letters(person.Email));
    }

    [Theory, Engines]
    public async Task The_meter_answers_strangers_within_a_limit(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        var weak = (await visitor.Post("/api/v1/password/strength", new { password = "miller-77", name = "Janine Miller" })).Expect(200).Json;
        Assert.False(weak.GetProperty("acceptable").GetBoolean());
        Assert.NotEmpty(weak.GetProperty("advice").GetString()!);
        Assert.True((await visitor.Post("/api/v1/password/strength", new { password = "correct horse battery staple" })).Expect(200).Json.GetProperty("acceptable").GetBoolean());
        // What a form holds may be cut in the middle of a character, or be no text at all.
        foreach (var name in new[] { new string('a', 99) + "😀", "\ufffe", "\ufdd0\uffff", "\0" })
        {
            (await visitor.Post("/api/v1/password/strength", new { password = "xkqzjwvb wrlp", name, email = name, workspace = name })).Expect(200);
        }
        (await visitor.Send(HttpMethod.Post, "/api/v1/password/strength", Visitor.Raw("""{"password":"\ud800"}"""))).Expect(400, "request.malformed");
        for (var i = 0; i < StrengthPace.PerMinute - 7; i++) (await visitor.Post("/api/v1/password/strength", new { password = "" })).Expect(200);
        await Assert.ThrowsAnyAsync<Exception>(async () => { for (var i = 0; i < 5; i++) (await visitor.Post("/api/v1/password/strength", new { password = "" })).Expect(200); });
        (await visitor.Post("/api/v1/password/strength", new { password = "" })).Expect(429, "request.too_many");
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await visitor.Post("/api/v1/password/strength", new { password = "" })).Expect(200);
    }
}
