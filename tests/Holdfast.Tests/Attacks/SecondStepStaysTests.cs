using Holdfast.Features.ResetCases;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>No way back to an account leads past its second step, and nobody lets somebody past it by themselves.</summary>
public sealed class SecondStepStaysTests
{
    private static readonly Dictionary<string, string?> Settings = new() { ["TwoFactor:RememberDays"] = "30" };

    [Theory, Engines]
    public async Task An_address_that_was_put_back_opens_the_account_with_both_steps_alone(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (person, phone, visitor, trusted) = await Remembered(app);
        (await visitor.StepUpBy(phone.Codes[1], "recovery_code")).Expect(200);
        await EmailChangeTests.Do(app, visitor, person.Email, "thief@elsewhere.example");
        var answer = (await app.Visitor().Post("/api/v1/account/email-change/undo", new { token = await app.LastLink(person.Email, "/undo-email") })).Expect(200);
        Assert.DoesNotContain(answer.SetCookies, line => line.StartsWith(Visitor.SessionCookie + "=", StringComparison.Ordinal) && !line.Contains("max-age=0", StringComparison.OrdinalIgnoreCase));
        await AsksForBoth(app, person, phone, [visitor, trusted]);
    }

    [Theory, Engines("by a program", "by the page")]
    public async Task A_recovery_that_an_admin_started_opens_the_account_with_both_steps_alone(string engine, string how)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (person, phone, visitor, trusted) = await Remembered(app);
        var crew = await Crew.Found(app);
        await crew.Join(person, "member");
        var admin = await app.SignedIn(await crew.Add("admin"));
        if (how == "by a program") (await admin.Post($"{crew.Api}/users/{person.Id}/password-recovery")).Expect(204);
        else (await (await admin.Open($"{crew.Page}/users/{person.Id}/password-recovery")).Submit("form[action$='/password-recovery']")).Answer.Expect(200);
        await AsksForBoth(app, person, phone, [visitor, trusted]);
    }

    [Theory, Engines]
    public async Task Whoever_asked_as_an_admin_decides_nothing_after_becoming_an_operator(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        await CaseSetup.Promote(app, setup.Admin);
        var again = await app.SignedIn(setup.Admin);
        foreach (var browser in new[] { setup.AdminBrowser, again })
        {
            (await browser.Get($"/api/v1/operator/cases/{id}")).Expect(200);
            foreach (var act in new[] { "approve", "decline" }) (await browser.Post($"/api/v1/operator/cases/{id}/{act}", CaseSetup.Decision)).Expect(403, "reset_case.own_request");
            var page = await browser.Open($"/operator/cases/{id}");
            Assert.Null(page.Document.QuerySelector("button[value=approve]"));
            var token = await WorkspaceDoorsTests.FormToken(browser);
            foreach (var act in new[] { "approve", "decline" })
            {
                page = await browser.Submit($"/operator/cases/{id}", post: true, [new("form_token", token), new("do", act), new("way", "call"), new("evidence", "Called back."), new("other", "true")]);
                Assert.Equal(403, page.Answer.Status);
            }
        }
        // Nor when they are no member of the workspace any more.
        await app.Db.Write(tx => tx.Execute("DELETE FROM members WHERE account_id = @Id", new { setup.Admin.Id }));
        (await (await app.SignedIn(setup.Admin)).Post($"/api/v1/operator/cases/{id}/approve", CaseSetup.Decision)).Expect(403, "reset_case.own_request");
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
        Assert.True(await setup.HasFactors());
    }

    /// <summary>Somebody with two-factor, the browser in which they set it up, and one that may skip the second step.</summary>
    private static async Task<(Person Person, Phone Phone, Visitor Visitor, Visitor Trusted)> Remembered(TestApp app)
    {
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.NextCode();
        var trusted = app.Visitor();
        (await trusted.SignIn(person.Email, person.Password)).Expect(202);
        (await trusted.Post("/api/v1/sign-in/verify", new { code = phone.Code(), method = "totp", remember = true })).Expect(200);
        (await trusted.SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        return (person, phone, visitor, trusted);
    }

    /// <summary>Chooses a new password by the newest letter: afterwards the password alone opens nothing in any browser, and both steps do.</summary>
    private static async Task AsksForBoth(TestApp app, Person person, Phone phone, IEnumerable<Visitor> known)
    {
        var reader = app.Visitor();
        var reset = (await reader.Post("/api/v1/password-recovery/reset", new { link = await app.LastLink(person.Email, "/reset-password"), newPassword = TestApp.OtherPassword })).Expect(204);
        Assert.Empty(reset.SetCookies);
        foreach (var browser in known.Append(reader).Append(app.Visitor()))
        {
            (await browser.Get("/api/v1/session")).Expect(401);
            (await browser.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
            (await browser.Get("/api/v1/session")).Expect(401);
            app.NextCode();
            (await browser.Verify(phone.Code())).Expect(200);
            Assert.True((await browser.Get("/api/v1/two-factor")).Expect(200).Json.GetProperty("on").GetBoolean());
        }
    }
}
