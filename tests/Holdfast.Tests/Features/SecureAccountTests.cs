using System.Text.Json;
using Holdfast.Features.Audit;
using Holdfast.Features.Unusual;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class SecureAccountTests
{
    private static async Task<string?> Next(Visitor visitor) => (await visitor.Get("/api/v1/account/secure")).Expect(200).Json.GetProperty("next").GetString();

    [Theory, Engines]
    public async Task Three_steps_lead_through_and_the_admins_are_asked_to_look(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (person, admin, owner, colleague) = (await crew.Add("member", name: "Kofi Mensah"), await crew.Add("admin"), await crew.Add("owner"), await crew.Add("member"));
        var (here, lost) = (await app.SignedIn(person), await app.SignedIn(person));
        var page = await here.Open("/account/secure");
        Assert.Null(page.Document.QuerySelector("form[action='/account/secure?handler=Password']"));
        Assert.Equal("/account/secure", (await page.Submit("form[action='/account/secure?handler=SignOut']")).Path);
        (await lost.Get("/api/v1/session")).Expect(401, "session.ended");
        Assert.Equal("password", await Next(here));

        // The browser was closed: another one goes on.
        here = await app.SignedIn(person);
        page = await here.Open("/account/secure");
        Assert.Null(page.Document.QuerySelector("form[action='/account/secure?handler=Factors']"));
        page = await page.Submit("form[action='/account/secure?handler=Password']", ("currentPassword", person.Password), ("newPassword", "short"), ("newPasswordAgain", "short"));
        Assert.Equal(400, page.Answer.Status);
        page = await page.Submit("form[action='/account/secure?handler=Password']", ("currentPassword", person.Password), ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        Assert.Equal("/account/secure", page.Path);
        Assert.Equal("factors", await Next(here));
        page = await here.Open("/account/secure");
        page = await page.Submit("form[action='/account/secure?handler=Factors']");
        Assert.Contains("Your account is secure", page.Text, StringComparison.Ordinal);
        Assert.Contains("Almond & Birch", page.Text, StringComparison.Ordinal);
        Assert.Equal("sign_out", await Next(here));

        Assert.Contains("Your account is secure", (await app.Letters(person.Email)).Select(l => l.Subject));
        foreach (var who in new[] { admin, owner }) Assert.Equal("Kofi Mensah secured their account", Assert.Single(await app.Letters(who.Email)).Subject);
        Assert.Empty(await app.Letters(colleague.Email));
        var seen = Assert.Single((await (await app.SignedIn(admin)).Get($"{crew.Api}/unusual")).Expect(200).Json.GetProperty("items").EnumerateArray());
        Assert.Equal((UnusualKind.Secured, true), (seen.GetProperty("kind").GetString(), seen.GetProperty("needsReview").GetBoolean()));
        var kinds = await here.Activity();
        Assert.Contains(AuditKind.SecureBegun, kinds);
        Assert.Contains(AuditKind.SecureDone, kinds);
    }

    [Theory, Engines]
    public async Task No_step_is_taken_before_the_one_before_it_and_each_needs_its_proof(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        (await visitor.Post("/api/v1/account/secure/factors")).Expect(409, "secure.not_begun");
        (await visitor.Post("/api/v1/account/secure/password", new { currentPassword = person.Password, newPassword = TestApp.OtherPassword })).Expect(409, "secure.not_begun");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post("/api/v1/account/secure/sign-out")).Expect(403, "step_up.required");
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Post("/api/v1/account/secure/sign-out")).Expect(200);
        (await visitor.Post("/api/v1/account/secure/factors")).Expect(403, "step_up.second_factor_required");
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        (await visitor.Post("/api/v1/account/secure/factors")).Expect(409, "secure.not_begun");
        (await visitor.Post("/api/v1/account/secure/password", new { currentPassword = "wrong as can be", newPassword = TestApp.OtherPassword })).Expect(400, "password.wrong");
        (await visitor.Post("/api/v1/account/secure/password", new { currentPassword = person.Password, newPassword = TestApp.OtherPassword })).Expect(204);
        Assert.Equal("done", (await visitor.Post("/api/v1/account/secure/factors")).Expect(200).Json.GetProperty("next").GetString());
        (await visitor.Post("/api/v1/account/secure/factors")).Expect(409, "secure.not_begun");
    }

    [Theory, Engines]
    public async Task After_the_mailed_link_the_next_sign_in_goes_on_where_it_stood(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var reader = app.Visitor();
        var page = await reader.Open($"/not-me?token={await app.LastLink(person.Email, "/not-me")}");
        await page.Submit("form[action='/not-me']");
        page = await reader.Open($"/reset-password?token={await app.LastLink(person.Email, "/reset-password")}");
        await page.Submit("form[action='/reset-password']", ("newPassword", "völlig anderes Wort am Fjord"), ("newPasswordAgain", "völlig anderes Wort am Fjord"));
        (await reader.SignIn(person.Email, "völlig anderes Wort am Fjord")).Expect(204);
        // Two of three are done: the sessions ended, and the password is new.
        Assert.Equal("factors", await Next(reader));
        Assert.Equal("/account/secure", (await reader.Get("/account/security")).Expect(302).Location);
        page = await reader.Open("/account/secure");
        Assert.Equal("/account/security", (await page.Submit("form[action='/account/secure?handler=Later']")).Path);
        Assert.Contains("not all steps are done", (await reader.Open("/account/security")).Text, StringComparison.Ordinal);
        (await reader.Post("/api/v1/account/secure/factors")).Expect(200);
        Assert.DoesNotContain("not all steps are done", (await reader.Open("/account/security")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Of_two_that_finish_at_once_one_tells_the_admins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (person, admin) = (await crew.Add("member"), await crew.Add("admin"));
        var visitor = await app.SignedIn(person);
        (await visitor.Post("/api/v1/account/secure/sign-out")).Expect(200);
        (await visitor.Post("/api/v1/account/secure/password", new { currentPassword = person.Password, newPassword = TestApp.OtherPassword })).Expect(204);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => visitor.Copy().Post("/api/v1/account/secure/factors")));
        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => a.Expect(409));
        Assert.Single(await app.Letters(admin.Email));
    }

    [Theory, Engines]
    public async Task The_summary_of_another_is_not_shown(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (first, second) = (await app.AddAccount(), await app.AddAccount("rosa@almondbirch.example"));
        var visitor = await app.SignedIn(first);
        (await visitor.Post("/api/v1/account/secure/sign-out")).Expect(200);
        (await visitor.Post("/api/v1/account/secure/password", new { currentPassword = first.Password, newPassword = TestApp.OtherPassword })).Expect(204);
        (await visitor.Post("/api/v1/account/secure/factors")).Expect(200);
        var id = await app.Db.Read(tx => tx.One<string>("SELECT id FROM secure_runs WHERE account_id = @id", new { id = first.Id }));
        Assert.Contains("Your account is secure", (await visitor.Open($"/account/secure?done={id}")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Your account is secure", (await (await app.SignedIn(second)).Open($"/account/secure?done={id}")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Your account is secure", (await visitor.Open("/account/secure?done=x")).Text, StringComparison.Ordinal);
    }
}
