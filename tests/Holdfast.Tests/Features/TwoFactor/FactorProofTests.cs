using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

/// <summary>Proofs by a second factor within a session, and browsers that may skip the second step.</summary>
public sealed class FactorProofTests
{
    [Theory, Engines]
    public async Task A_fresh_password_does_not_erase_a_fresh_second_factor_and_does_not_stand_in_for_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        var proven = app.Now;
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        (await visitor.StepUp(person.Password)).Expect(200);
        var session = (await visitor.Get("/api/v1/session")).Json;
        Assert.Equal((app.Now, proven), (session.GetProperty("provenAt").GetDateTimeOffset(), session.GetProperty("secondProvenAt").GetDateTimeOffset()));
        (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(200);
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        // The password is five minutes old, the code ten.
        (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(403, "step_up.second_factor_required");
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(403, "step_up.second_factor_required");
        // For ending sessions anything of one's own will do.
        (await visitor.Post("/api/v1/sessions/end-others")).Expect(200);
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        (await visitor.Post("/api/v1/two-factor/recovery-codes")).Expect(200);
        Assert.Equal(["step_up.succeeded", "step_up.succeeded"], (await visitor.Activity("?kind=sign-ins")).Take(2));
    }

    [Theory, Engines]
    public async Task Any_way_of_ones_own_serves_and_is_counted_apart_from_the_password(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.NextCode();
        (await visitor.StepUpBy(phone.Code(), "carrier pigeon")).Expect(400, "two_factor.way_unknown");
        (await visitor.StepUpBy("7KMQ-X4TD-9WHR-2PN", "recovery_code")).Expect(400, "recovery_code.shape");
        for (var i = 0; i < 5; i++) (await visitor.StepUpBy(phone.WrongCode())).Expect(400, "code.wrong");
        var waits = (await visitor.StepUpBy(phone.Code())).Expect(429, "second_factor.wait");
        Assert.Equal("1", waits.Header("Retry-After"));
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.StepUpBy(phone.Codes[0], "recovery_code")).Expect(200);
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        var nobody = await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        (await nobody.StepUpBy("123456")).Expect(409, "two_factor.off");
    }

    [Theory, Engines]
    public async Task The_page_asks_for_the_strongest_and_loses_nothing_that_was_typed(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        // For ending sessions the app comes first, the password may stand in.
        var page = await (await visitor.Open("/account/sessions")).Submit("form[action*='EndAll']");
        Assert.NotNull(page.Document.QuerySelector("#code"));
        Assert.NotNull(page.Document.QuerySelector("a[href*='with=password']"));
        // For the factors it may not.
        page = await (await visitor.Open("/account/two-factor/codes")).Submit("form[action*='Make']");
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("a[href*='with=password']"));
        page = await page.Submit("#code", ("code", "12345"));
        Assert.NotNull(page.Document.QuerySelector("#code-error"));
        page = await page.Submit("#code", ("code", phone.Code()));
        Assert.Contains("Thank you, it is you", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[data-go-on]");
        var codes = page.Document.QuerySelectorAll("ol.codes li").Select(li => li.TextContent).ToList();
        Assert.Equal(10, codes.Count);
        // The key of an app is shown to nobody without a proof either.
        (await visitor.Post("/api/v1/two-factor/apps")).Expect(200);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.StartsWith("/step-up", (await visitor.Open("/account/two-factor/enrol")).Path, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task The_codes_of_the_page_are_downloaded_and_marked_as_saved_without_script(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, _, visitor) = await app.AddWithTwoFactor();
        var page = await (await visitor.Open("/account/two-factor/codes")).Submit("form[action*='Make']");
        Assert.Contains("no-store", page.Answer.Header("Cache-Control"), StringComparison.Ordinal);
        var codes = page.Document.QuerySelectorAll("ol.codes li").Select(li => li.TextContent).ToList();
        var file = await page.Submit("form[action*='Download']");
        Assert.Equal(("text/plain; charset=utf-8", "no-store"), (file.Answer.ContentType, file.Answer.Header("Cache-Control")));
        Assert.Contains("attachment", file.Answer.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.All(codes, code => Assert.Contains($"[ ] {code}\r\n", file.Answer.Body, StringComparison.Ordinal));
        Assert.Contains(person.Email, file.Answer.Body, StringComparison.Ordinal);
        // Without the tick the codes are still there, with what is missing.
        page = await page.Submit("form[action*='Saved']");
        Assert.Equal(400, page.Answer.Status);
        Assert.NotNull(page.Document.QuerySelector("#saved-error"));
        Assert.Equal(codes, page.Document.QuerySelectorAll("ol.codes li").Select(li => li.TextContent));
        page = await page.Submit("form[action*='Saved']", ("saved", "true"));
        Assert.Equal((200, "/account/two-factor"), (page.Answer.Status, page.Path));
        Assert.True((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("recoveryCodesSaved").GetBoolean());
        Assert.All(codes, code => Assert.DoesNotContain(code, app.Logs.Everything, StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_remembered_browser_skips_the_second_step_where_the_policy_allows_it_and_until_something_changes(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RememberDays"] = "30" });
        var (person, phone, other) = await app.AddWithTwoFactor();
        async Task<Visitor> Remembered()
        {
            var visitor = app.Visitor();
            (await visitor.SignIn(person.Email, person.Password)).Expect(202);
            app.NextCode();
            (await visitor.Post("/api/v1/sign-in/verify", new { code = phone.Code(), remember = true })).Expect(200);
            return visitor;
        }
        var here = await Remembered();
        (await here.SignIn(person.Email, person.Password)).Expect(204);
        // It proves nothing anew: the factors stay closed.
        (await here.Post("/api/v1/two-factor/recovery-codes")).Expect(403, "step_up.second_factor_required");
        Assert.Equal(["password", "remembered_browser"], (await here.Get("/api/v1/session")).Json.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        // Of another account it is a stranger's.
        var (ines, _, _) = await app.AddWithTwoFactor("ines@quayside.example", "Inês Duarte");
        (await here.Copy().SignIn(ines.Email, ines.Password)).Expect(202);
        // Listed, and forgotten by hand.
        var list = (await other.Get("/api/v1/two-factor/remembered-browsers")).Expect(200).Json;
        Assert.Equal("Firefox on Linux", list[0].GetProperty("device").GetString());
        Assert.Contains("Remembered browsers", (await other.Open("/account/two-factor")).Text, StringComparison.Ordinal);
        (await other.Delete($"/api/v1/two-factor/remembered-browsers/{list[0].GetProperty("id").GetString()}")).Expect(204);
        (await here.SignIn(person.Email, person.Password)).Expect(202);
        // Signed out everywhere: whoever sits at it begins anew.
        here = await Remembered();
        (await other.Post("/api/v1/sessions/end-all")).Expect(200);
        (await here.SignIn(person.Email, person.Password)).Expect(202);
        // After the days, a changed factor, a changed password.
        here = await Remembered();
        app.Clock.Advance(TimeSpan.FromDays(30));
        (await here.SignIn(person.Email, person.Password)).Expect(202);
        here = await Remembered();
        await app.Enrol(here, "Tablet");
        (await here.SignIn(person.Email, person.Password)).Expect(202);
        here = await Remembered();
        (await here.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        (await here.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
    }

    [Theory, Engines]
    public async Task Where_the_policy_does_not_allow_it_nothing_is_remembered(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        app.NextCode();
        (await visitor.Post("/api/v1/sign-in/verify", new { code = phone.Code(), remember = true })).Expect(200);
        Assert.DoesNotContain("__Host-holdfast-remembered", visitor.Cookies.Keys);
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
    }
}
