using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.TwoFactor;

/// <summary>Signing in with two-factor: the pending sign-in, the second step, recovery codes, the new device.</summary>
public sealed class SecondStepTests
{
    [Theory, Engines]
    public async Task The_password_gives_a_pending_sign_in_and_the_code_a_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        var first = (await visitor.SignIn(person.Email, person.Password, keep: true)).Expect(202);
        Assert.Equal("second_factor", first.Json.GetProperty("next").GetString());
        Assert.Equal(["totp", "recovery_code"], first.Json.GetProperty("ways").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal(app.Now.AddMinutes(10), first.Json.GetProperty("endsAt").GetDateTimeOffset());
        Assert.Matches("max-age=600; path=/; secure; samesite=strict; httponly", first.SetCookie(Visitor.PendingCookie)!.ToLowerInvariant());
        Assert.Null(first.SetCookie(Visitor.SessionCookie));
        // The browser is not known yet: it has only the password.
        Assert.Null(first.SetCookie(Visitor.DeviceCookie));
        (await visitor.Get("/api/v1/session")).Expect(401);

        app.NextCode();
        var second = (await visitor.Verify(phone.Code())).Expect(200);
        Assert.Equal(("totp", 10), (second.Json.GetProperty("method").GetString(), second.Json.GetProperty("recoveryCodesLeft").GetInt32()));
        Assert.Contains("max-age=7776000", second.SetCookie(Visitor.SessionCookie)!, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Visitor.PendingCookie, visitor.Cookies.Keys);
        var session = (await visitor.Get("/api/v1/session")).Expect(200).Json;
        Assert.Equal(["password", "totp"], session.GetProperty("methods").EnumerateArray().Select(m => m.GetString()));
        Assert.Equal(app.Now, session.GetProperty("secondProvenAt").GetDateTimeOffset());
        Assert.Equal("sign_in.succeeded", (await visitor.Activity())[0]);
        Assert.Contains("sign_in.second_step_asked", await visitor.Activity("?kind=sign-ins"));
        Assert.Contains("Password and 6-digit code", (await visitor.Open("/account/sessions")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_pending_sign_in_lasts_ten_minutes_is_used_once_and_may_be_given_up(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.Verify("123456")).Expect(401, "sign_in.pending_over");
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        (await visitor.Verify(phone.Code())).Expect(401, "sign_in.pending_over");

        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        var copy = visitor.Copy();
        (await visitor.Verify(phone.Code())).Expect(200);
        app.NextCode();
        (await copy.Verify(phone.Code())).Expect(401, "sign_in.pending_over");

        (await copy.SignIn(person.Email, person.Password)).Expect(202);
        var other = copy.Copy();
        (await copy.Delete("/api/v1/sign-in/verify")).Expect(204);
        (await other.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        // On the page the same: "Not you?" leads back to the start.
        (await copy.SignIn(person.Email, person.Password)).Expect(202);
        var page = await (await copy.Open("/sign-in/verify")).Submit("form[action*='Cancel']");
        Assert.Equal("/sign-in", page.Path);
        Assert.DoesNotContain(Visitor.PendingCookie, copy.Cookies.Keys);
        Assert.Equal("/sign-in", (await copy.Open("/sign-in/verify")).Path.Split('?')[0]);
    }

    [Theory, Engines]
    public async Task The_pages_lead_through_both_steps_without_script_and_on_to_where_one_was_going(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        app.NextCode();
        var visitor = app.Visitor();
        var page = await (await visitor.Open("/account/activity")).Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        Assert.StartsWith("/sign-in/verify", page.Path, StringComparison.Ordinal);
        Assert.Contains(person.Email, page.Text, StringComparison.Ordinal);
        page = await page.Submit("#code", ("code", "20481"));
        Assert.Equal((400, "The code has 6 digits, and this has 5."), (page.Answer.Status, page.Document.QuerySelector("#code-error")!.TextContent.Trim()));
        page = await page.Submit("#code", ("code", phone.Code().Insert(3, " ")));
        Assert.Equal((200, "/account/activity"), (page.Answer.Status, page.Path));
    }

    [Theory, Engines]
    public async Task A_recovery_code_signs_in_once_writes_a_letter_and_leads_to_the_new_device(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, lost, elsewhere) = await app.AddWithTwoFactor();
        var tablet = await app.Enrol(elsewhere, "Tablet");
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        var page = await (await visitor.Open("/sign-in/verify?with=recovery_code")).Submit("#code", ("code", lost.Codes[3].ToLowerInvariant().Replace('-', ' ')));
        Assert.Equal((200, "/account/two-factor/new-device"), (page.Answer.Status, page.Path));
        Assert.Contains("9 of 10 codes are left.", page.Text, StringComparison.Ordinal);
        var letter = (await app.Letters(person.Email)).Single(l => l.Subject == "A recovery code was used");
        Assert.Contains("9 of 10 are left.", letter.Text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("Password and recovery code", letter.Text, StringComparison.Ordinal);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));
        // Once.
        var again = app.Visitor();
        (await again.SignIn(person.Email, person.Password)).Expect(202);
        (await again.Verify(lost.Codes[3], "recovery_code")).Expect(400, "recovery_code.wrong");

        // It is asked again until it is done or put off: that stands in the row, not in the request.
        Assert.Equal("/account/two-factor/new-device", (await visitor.Open("/account/security")).Path);
        page = await page.Submit("form[action*='Later']");
        Assert.Equal("/account/security", page.Path);
        Assert.Contains("Set up your new device", page.Text, StringComparison.Ordinal);

        // The new device takes the place of every app and every code in one go.
        page = await (await visitor.Open("/account/two-factor/new-device")).Submit("form[action='/account/two-factor/new-device']");
        Assert.Equal("/account/two-factor/enrol", page.Path);
        var key = string.Concat(page.Document.QuerySelectorAll(".key-groups span").Select(g => g.TextContent));
        var fresh = new Phone(app.Clock, key, "", []);
        page = await page.Submit("form.card", ("code", fresh.Code()), ("name", "New phone"));
        var codes = page.Document.QuerySelectorAll("ol.codes li").Select(li => li.TextContent).ToList();
        Assert.Equal(10, codes.Count);
        app.NextCode();
        foreach (var gone in new[] { lost, tablet }) (await visitor.StepUpBy(gone.Code())).Expect(400, "code.wrong");
        (await visitor.StepUpBy(lost.Codes[5], "recovery_code")).Expect(400, "recovery_code.wrong");
        (await visitor.StepUpBy(fresh.Code())).Expect(200);
        Assert.Contains(await app.Letters(person.Email), l => l.Subject == "Your authenticator app was replaced");
        Assert.DoesNotContain("Set up your new device", (await visitor.Open("/account/security")).Text, StringComparison.Ordinal);
        Assert.Contains("two_factor.device_replaced", await visitor.Activity());
    }

    [Theory, Engines]
    public async Task A_phone_that_turns_up_again_ends_the_wish_for_a_new_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        (await visitor.Verify(phone.Codes[0], "recovery_code")).Expect(200);
        Assert.True((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("wantsNewDevice").GetBoolean());
        await app.SignedIn(person, phone);
        Assert.False((await visitor.Get("/api/v1/two-factor")).Json.GetProperty("wantsNewDevice").GetBoolean());
        Assert.Equal("/account/security", (await visitor.Open("/account/security")).Path);
    }

    [Theory, Engines]
    public async Task At_three_codes_left_the_pages_say_so(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, phone, visitor) = await app.AddWithTwoFactor();
        for (var i = 0; i < 6; i++) (await visitor.StepUpBy(phone.Codes[i], "recovery_code")).Expect(200);
        (await visitor.Post("/api/v1/two-factor/new-device/later")).Expect(204);
        Assert.DoesNotContain("make new ones", (await visitor.Open("/account/security")).Text, StringComparison.Ordinal);
        (await visitor.StepUpBy(phone.Codes[6], "recovery_code")).Expect(200);
        (await visitor.Post("/api/v1/two-factor/new-device/later")).Expect(204);
        Assert.Contains("3 of 10 left: make new ones", (await visitor.Open("/account/security")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task After_a_reset_of_the_password_the_next_sign_in_still_asks_for_the_second_factor(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        // "This wasn't me" of any letter, then the link to choose a new password.
        var notMe = TestApp.TokenIn((await app.Letters(person.Email))[0], "/not-me");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.Visitor().Open($"/not-me?token={notMe}")).Submit("form[action='/not-me']");
        var reset = TestApp.TokenIn((await app.Letters(person.Email)).Single(l => l.Subject == "Reset Password"), "/reset-password");
        var visitor = app.Visitor();
        await (await visitor.Open($"/reset-password?token={reset}")).Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        (await visitor.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        (await visitor.Get("/api/v1/session")).Expect(401);
        app.NextCode();
        (await visitor.Verify(phone.Code())).Expect(200);
    }

    [Theory, Engines]
    public async Task A_session_of_this_browser_is_replaced_at_the_second_step_and_not_before(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var before = visitor.Copy();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        (await before.Get("/api/v1/session")).Expect(200);
        app.NextCode();
        (await visitor.Verify(phone.Code())).Expect(200);
        (await before.Get("/api/v1/session")).Expect(401, "session.ended");
    }
}
