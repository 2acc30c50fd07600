using System.Text.RegularExpressions;
using Holdfast.Features.NotMe;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Ways round the second step, and ways to use a code twice.</summary>
public sealed class SecondFactorAttacksTests
{
    [Theory, Engines]
    public async Task A_replayed_code_is_refused_everywhere(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        // The code that confirmed the app is burnt already.
        var thief = app.Visitor();
        (await thief.SignIn(person.Email, person.Password)).Expect(202);
        (await thief.Verify(phone.Code())).Expect(400, "code.used");
        app.NextCode();
        var code = phone.Code();
        (await visitor.StepUpBy(code)).Expect(200);
        (await thief.Verify(code)).Expect(400, "code.used");
        (await visitor.StepUpBy(code)).Expect(400, "code.used");
        (await visitor.TurnOff(code)).Expect(400, "code.used");
        (await thief.Get("/api/v1/session")).Expect(401);
        // Half a minute later it would still be within the drift.
        app.NextCode();
        (await thief.Verify(code)).Expect(400, "code.used");
    }

    [Theory, Engines]
    public async Task Of_fifty_connections_with_the_same_code_one_gets_in(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "1000", ["SignIn:FreeTries"] = "20", ["SignIn:StopAt"] = "100" });
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitors = new List<Visitor>();
        for (var i = 0; i < 50; i++)
        {
            visitors.Add(app.Visitor());
            (await visitors[i].SignIn(person.Email, person.Password)).Expect(202);
        }
        app.NextCode();
        var answers = await Task.WhenAll(visitors.Select(visitor => visitor.Verify(phone.Code())));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.True(answer.Code is "code.used" or "second_factor.wait", $"{answer.Status} {answer.Code}"));
        Assert.Equal(2, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sessions")));
    }

    [Theory, Engines]
    public async Task Of_fifty_connections_with_the_same_recovery_code_one_gets_in(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "1000", ["SignIn:FreeTries"] = "20" });
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitors = new List<Visitor>();
        for (var i = 0; i < 50; i++)
        {
            visitors.Add(app.Visitor());
            (await visitors[i].SignIn(person.Email, person.Password)).Expect(202);
        }
        var answers = await Task.WhenAll(visitors.Select(visitor => visitor.Verify(phone.Codes[0], "recovery_code")));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.True(answer.Code is "recovery_code.wrong" or "second_factor.wait", $"{answer.Status} {answer.Code}"));
        Assert.Single(await app.Letters(person.Email), letter => letter.Subject == "A recovery code was used");
        Assert.Equal(9, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM recovery_codes WHERE used_at IS NULL")));
    }

    [Theory, Engines]
    public async Task A_code_of_the_step_before_or_after_is_taken_once_and_then_nothing_older(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, phone, visitor) = await app.AddWithTwoFactor();
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        (await visitor.StepUpBy(phone.Code(2))).Expect(400, "code.wrong");
        (await visitor.StepUpBy(phone.Code(-2))).Expect(400, "code.wrong");
        (await visitor.StepUpBy(phone.Code(-1))).Expect(200);
        (await visitor.StepUpBy(phone.Code(-1))).Expect(400, "code.used");
        (await visitor.StepUpBy(phone.Code(1))).Expect(200);
        // The one of now is older than the one that was taken.
        (await visitor.StepUpBy(phone.Code())).Expect(400, "code.used");
        (await visitor.StepUpBy(phone.Code(1))).Expect(400, "code.used");
    }

    [Theory, Engines]
    public async Task A_pending_cookie_opens_no_page_and_no_endpoint_but_the_second_step(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, _, _) = await app.AddWithTwoFactor();
        var thief = app.Visitor();
        (await thief.SignIn(person.Email, person.Password)).Expect(202);
        var pending = thief.Cookies[Visitor.PendingCookie];
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().ToList();
        var closed = 0;
        // As itself, and in the place of a session.
        foreach (var cookie in new[] { Visitor.PendingCookie, Visitor.SessionCookie })
        {
            thief.Cookies.Clear();
            thief.Cookies[cookie] = pending;
            foreach (var route in routes.Where(r => r.Metadata.GetMetadata<OpenToAllAttribute>() is null))
            {
                var path = "/" + Regex.Replace(route.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]*\}", Ids.New(app.Now), RegexOptions.None, TimeSpan.FromSeconds(1));
                foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
                {
                    var answer = await thief.Copy().Send(new HttpMethod(method), path, method == "GET" ? null : Visitor.Json(new { }));
                    Assert.True(answer.Status is 401 or 415 || (answer.Status == 302 && answer.Location!.StartsWith("/sign-in?return=", StringComparison.Ordinal)), $"{method} {path} answered {answer.Status} to a pending cookie");
                    closed++;
                }
            }
        }
        Assert.True(closed > 60);
    }

    [Theory, Engines]
    public async Task A_pending_cookie_takes_codes_of_its_own_account_only_and_only_in_its_own_browser(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (victim, phone, _) = await app.AddWithTwoFactor();
        var (mallory, own, _) = await app.AddWithTwoFactor("mallory@attacker.example", "Mallory");
        app.NextCode();
        var thief = app.Visitor();
        (await thief.SignIn(victim.Email, victim.Password)).Expect(202);
        (await thief.Verify(own.Code())).Expect(400);
        (await thief.Verify(own.Codes[0], "recovery_code")).Expect(400, "recovery_code.wrong");
        // The other way round: a pending sign-in of one's own with codes of somebody else.
        var other = app.Visitor();
        (await other.SignIn(mallory.Email, mallory.Password)).Expect(202);
        (await other.Verify(phone.Code())).Expect(400);
        (await other.Verify(phone.Codes[0], "recovery_code")).Expect(400, "recovery_code.wrong");
        // Carried to another browser the cookie is worth nothing, even with the right code.
        var carried = thief.Copy();
        carried.UserAgent = Visitor.Chrome;
        (await carried.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        (await thief.Verify(phone.Code())).Expect(200);
        Assert.Equal(victim.Id, (await thief.Get("/api/v1/session")).Json.GetProperty("account").GetProperty("id").GetString());
    }

    [Theory, Engines]
    public async Task Guesses_spread_over_pending_sign_ins_browsers_and_networks_are_counted_together(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Proxy:Addresses"] = "127.0.0.1", ["SignIn:StopAt"] = "12", ["SignIn:LongestWait"] = "1m" });
        var (person, phone, home) = await app.AddWithTwoFactor();
        app.NextCode();
        (await home.StepUpBy(phone.Code())).Expect(200);
        // A browser that has been through the second step: it is counted apart.
        var known = await app.SignedIn(person, phone);
        var tries = 0;
        for (var i = 0; tries < 12; i++)
        {
            var guesser = app.Visitor(i % 2 == 0 ? Visitor.Firefox : Visitor.Iphone);
            guesser.ForwardedFor = $"198.51.{i % 200}.{i / 200 + 1}";
            // The password is right every time, which resets nothing of the second step.
            (await guesser.SignIn(person.Email, person.Password)).Expect(202);
            var answer = await guesser.Verify(phone.WrongCode());
            if (answer.Status == 400 && ++tries == 5) (await guesser.Verify(phone.Code())).Expect(429, "second_factor.wait");
            if (answer.Status == 429) app.Clock.Advance(TimeSpan.FromSeconds(long.Parse(answer.Expect(429, "second_factor.wait").Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture)));
        }
        // Stopped, for every stranger, for days, with the right code too; a new password does not change it.
        app.Clock.Advance(TimeSpan.FromDays(2));
        var stranger = app.Visitor();
        (await stranger.SignIn(person.Email, person.Password)).Expect(202);
        (await stranger.Verify(phone.Code())).Expect(429, "second_factor.stopped");
        await app.Db.Write(async tx => { await app.Get<Holdfast.Features.SignIn.Throttle>().Recovered(tx, person.Email); return 0; });
        (await stranger.Verify(phone.Code())).Expect(429, "second_factor.stopped");
        // A browser of one's own goes on, with tries of its own that end as well.
        (await known.SignIn(person.Email, person.Password)).Expect(202);
        (await known.Verify(phone.Code())).Expect(200);
        // The way back for everybody else: a recovery code, after which six digits are taken again.
        (await stranger.Verify(phone.Codes[0], "recovery_code")).Expect(200);
        app.NextCode();
        await app.SignedIn(person, phone);
    }

    [Theory, Engines]
    public async Task A_known_browser_is_stopped_as_well_when_it_guesses(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m" });
        var (person, phone, _) = await app.AddWithTwoFactor();
        var known = await app.SignedIn(person, phone);
        for (var tries = 0; tries < 10; app.Clock.Advance(TimeSpan.FromMinutes(1))) tries += (await known.StepUpBy(phone.WrongCode())).Status == 400 ? 1 : 0;
        (await known.StepUpBy(phone.Code())).Expect(429, "second_factor.stopped");
    }

    [Theory, Engines]
    public async Task Browsers_made_known_with_the_password_alone_get_no_tries_of_their_own(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m" });
        var person = await app.AddAccount();
        // Before two-factor a thief of the password makes browsers known without number.
        var made = new List<Visitor>();
        for (var i = 0; i < 4; i++) made.Add(await app.SignedIn(person));
        app.NextCode();
        var phone = await app.Enrol(await app.SignedIn(person));
        foreach (var browser in made) (await browser.SignIn(person.Email, person.Password)).Expect(202);
        var tries = 0;
        for (var i = 0; i < 40; i++)
        {
            var answer = await made[i % made.Count].Verify(phone.WrongCode());
            tries += answer.Status == 400 ? 1 : 0;
            if (i % 4 == 3)
            {
                app.Clock.Advance(TimeSpan.FromMinutes(1));
                foreach (var browser in made) (await browser.SignIn(person.Email, person.Password)).Expect(202);
            }
        }
        Assert.Equal(10, tries);
    }

    [Theory, Engines]
    public async Task Old_recovery_codes_open_nothing_after_new_ones_or_a_new_enrolment(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.NextCode();
        (await visitor.TurnOff(phone.Code())).Expect(204);
        var again = await app.Enrol(visitor);
        foreach (var old in new[] { phone.Codes[0], phone.Codes[9] })
        {
            var thief = app.Visitor();
            (await thief.SignIn(person.Email, person.Password)).Expect(202);
            (await thief.Verify(old, "recovery_code")).Expect(400, "recovery_code.wrong");
        }
        Assert.Equal(10, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM recovery_codes")));
        (await visitor.StepUpBy(again.Codes[0], "recovery_code")).Expect(200);
    }

    [Theory, Engines]
    public async Task Two_factor_is_not_turned_off_with_a_session_and_a_password_alone(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.TurnOff("")).Expect(400, "code.required");
        (await visitor.Post("/api/v1/two-factor/turn-off", new { })).Expect(400);
        (await visitor.Post("/api/v1/two-factor/turn-off", new { code = person.Password, method = "password" })).Expect(400, "two_factor.way_unknown");
        // Piece by piece it does not go either: a proof by the app is old, and the last app stays.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Delete($"/api/v1/two-factor/apps/{phone.Id}")).Expect(403, "step_up.second_factor_required");
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        (await visitor.Delete($"/api/v1/two-factor/apps/{phone.Id}")).Expect(409, "two_factor.last_factor");
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(202);
    }

    [Theory, Engines]
    public async Task A_set_up_of_another_session_or_account_is_not_confirmed(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var thief = await app.SignedIn(person);
        var victim = await app.SignedIn(person);
        var begun = (await thief.Post("/api/v1/two-factor/apps")).Json;
        var planted = new Phone(app.Clock, begun.GetProperty("key").GetString()!, begun.GetProperty("id").GetString()!, []);
        // The same person in another session, and somebody else, with a right code.
        (await victim.Post($"/api/v1/two-factor/apps/{planted.Id}/confirm", new { code = planted.Code(), name = "x" })).Expect(404, "two_factor.enrolment_over");
        (await victim.Post("/api/v1/two-factor/apps")).Expect(200);
        (await victim.Post($"/api/v1/two-factor/apps/{planted.Id}/confirm", new { code = planted.Code(), name = "x" })).Expect(404, "two_factor.enrolment_over");
        var mallory = await app.SignedIn(await app.AddAccount("mallory@attacker.example", "Mallory"));
        (await mallory.Post($"/api/v1/two-factor/apps/{planted.Id}/confirm", new { code = planted.Code(), name = "x" })).Expect(404, "two_factor.enrolment_over");
        (await mallory.Patch($"/api/v1/two-factor/apps/{planted.Id}", new { name = "x" })).Expect(404, "two_factor.app_unknown");
        (await mallory.Delete($"/api/v1/two-factor/apps/{planted.Id}")).Expect(404, "two_factor.app_unknown");
        // An unconfirmed app opens nothing.
        (await thief.StepUpBy(planted.Code())).Expect(409, "two_factor.off");
    }

    [Theory, Engines]
    public async Task A_pending_sign_in_dies_with_the_password(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.NextCode();
        var thief = app.Visitor();
        (await thief.SignIn(person.Email, person.Password)).Expect(202);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        (await thief.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        // Also when nobody has killed the row: the hash is another one.
        (await thief.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        await app.Db.Write(async tx => { await tx.Execute("UPDATE passwords SET phc = phc || 'x'"); return 0; });
        (await thief.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        await app.Db.Write(async tx => { await tx.Execute("UPDATE passwords SET phc = substr(phc, 1, length(phc) - 1)"); return 0; });
        // "This wasn't me" as well.
        (await thief.SignIn(person.Email, TestApp.OtherPassword)).Expect(202);
        var notMe = TestApp.HashOf(TestApp.TokenIn((await app.Letters(person.Email))[0], "/not-me"));
        Assert.True((await app.Get<NotMe>().Run(notMe, Client.Server)).Ok);
        (await thief.Verify(phone.Code())).Expect(401, "sign_in.pending_over");
        (await thief.Get("/api/v1/session")).Expect(401);
    }

    [Theory, Engines]
    public async Task A_stolen_cookie_and_the_password_add_no_factor_where_there_is_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var thief = visitor.Copy();
        (await thief.StepUp(person.Password)).Expect(200);
        (await thief.Post("/api/v1/two-factor/apps")).Expect(403, "step_up.second_factor_required");
        (await thief.Post("/api/v1/two-factor/recovery-codes")).Expect(403, "step_up.second_factor_required");
        Assert.StartsWith("/step-up", (await thief.Open("/account/two-factor/enrol")).Path, StringComparison.Ordinal);
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM totp_apps")));
        _ = phone;
    }

    [Theory, Engines]
    public async Task A_set_up_begun_before_the_first_factor_is_worth_nothing_after_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var thief = await app.SignedIn(person);
        var begun = (await thief.Post("/api/v1/two-factor/apps")).Json;
        var planted = new Phone(app.Clock, begun.GetProperty("key").GetString()!, begun.GetProperty("id").GetString()!, []);
        await app.Enrol(await app.SignedIn(person));
        // The proof is fresh, but it is only a password.
        (await thief.Post($"/api/v1/two-factor/apps/{planted.Id}/confirm", new { code = planted.Code(), name = "x" })).Expect(403, "step_up.second_factor_required");
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM totp_apps")));
    }

    [Theory, Engines]
    public async Task Codes_of_somebody_else_are_neither_downloaded_nor_shown_as_ones_own(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, phone, _) = await app.AddWithTwoFactor();
        var (_, own, mallory) = await app.AddWithTwoFactor("mallory@attacker.example", "Mallory");
        var page = await (await mallory.Open("/account/two-factor/codes")).Submit("form[action*='Make']");
        var token = page.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        foreach (var foreign in new[] { phone.Codes[0], own.Codes[0], "<script>alert(1)</script>", "" })
        {
            foreach (var handler in new[] { "Download", "Saved" })
            {
                using var form = new FormUrlEncodedContent([new("form_token", token), new("codes", foreign)]);
                var answer = await mallory.Send(HttpMethod.Post, $"/account/two-factor/codes?handler={handler}", form);
                Assert.Equal((302, "/account/two-factor/codes"), (answer.Status, answer.Location));
            }
        }
    }
}
