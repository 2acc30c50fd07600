using System.Text.RegularExpressions;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class SessionAttacksTests
{
    [Theory, Engines]
    public async Task A_token_that_was_planted_never_becomes_a_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var victim = app.Visitor();
        var planted = Holdfast.Secrets.SecretToken.New().Reveal();
        victim.Cookies[Visitor.SessionCookie] = planted;
        (await victim.SignIn(person.Email, person.Password)).Expect(204);
        Assert.NotEqual(planted, victim.Token);
        var thief = app.Visitor();
        thief.Cookies[Visitor.SessionCookie] = planted;
        (await thief.Get("/api/v1/session")).Expect(401);
    }

    [Theory, Engines]
    public async Task The_token_changes_with_every_proof_and_the_old_one_is_worth_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var password = person.Password;
        foreach (var act in new Func<Task<Answer>>[]
        {
            () => visitor.StepUp(password),
            async () => { var answer = await visitor.ChangePassword(password, TestApp.OtherPassword); password = TestApp.OtherPassword; return answer; },
            () => visitor.SignIn(person.Email, password),
        })
        {
            var thief = visitor.Copy();
            (await thief.Get("/api/v1/session")).Expect(200);
            Assert.True((await act()).Status is 200 or 204);
            Assert.NotEqual(thief.Token, visitor.Token);
            (await thief.Get("/api/v1/session")).Expect(401);
            (await visitor.Get("/api/v1/session")).Expect(200);
        }
    }

    [Theory, Engines]
    public async Task A_session_id_of_somebody_else_opens_and_ends_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var victim = await app.SignedIn(await app.AddAccount());
        var attacker = await app.SignedIn(await app.AddAccount("eve@attacker.example", "Eve"));
        var id = (await victim.Sessions())[0];
        (await attacker.Delete($"/api/v1/sessions/{id}")).Expect(404, "session.not_found");
        (await attacker.Get($"/account/sessions/{id}")).Expect(404);
        var token = (await attacker.Open("/account/sessions")).Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        Assert.Equal(404, (await attacker.Send(HttpMethod.Post, "/account/sessions?handler=End", new FormUrlEncodedContent([new("form_token", token), new("id", id)]))).Status);
        (await victim.Get("/api/v1/session")).Expect(200);
        // The same words as for an id that nobody has.
        (await attacker.Delete($"/api/v1/sessions/{Ids.New(app.Now)}")).Expect(404, "session.not_found");
        (await attacker.Delete($"/api/v1/sessions/{id.ToUpperInvariant()}")).Expect(404, "session.not_found");
        Assert.DoesNotContain("session.ended", await attacker.Activity());
        Assert.DoesNotContain(id, (await attacker.Get("/api/v1/sessions?ended=true")).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task An_ended_session_is_refused_on_its_next_request_wherever_that_goes(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<OpenToAllAttribute>() is null).ToList();
        Assert.True(routes.Count > 15);
        var here = await app.SignedIn(person);
        foreach (var route in routes)
        {
            var path = "/" + Regex.Replace(route.RoutePattern.RawText!.TrimStart('/'), @"\{[^}]*\}", Ids.New(app.Now), RegexOptions.None, TimeSpan.FromSeconds(1));
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                var lost = await app.SignedIn(person);
                (await lost.Get("/api/v1/session")).Expect(200);
                (await here.Post("/api/v1/sessions/end-others")).Expect(200);
                var answer = await lost.Send(new HttpMethod(method), path, method == "GET" ? null : Visitor.Json(new { }));
                if (method == "GET" && !path.StartsWith("/api", StringComparison.Ordinal)) Assert.StartsWith("/sign-in", answer.Expect(302).Location, StringComparison.Ordinal);
                // Content that an endpoint does not take is turned down before anybody asks who sends it.
                else Assert.True(answer is { Status: 401 } or { Status: 415 }, $"{method} {path} gave {answer.Status}");
                (await here.Get("/api/v1/session")).Expect(200);
            }
        }
    }

    [Theory, Engines]
    public async Task Of_two_step_ups_at_once_one_wins_and_the_session_has_one_token(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        for (var round = 0; round < 5; round++)
        {
            var visitor = await app.SignedIn(person);
            var copies = new[] { visitor.Copy(), visitor.Copy(), visitor.Copy() };
            var answers = await Task.WhenAll(copies.Select(copy => copy.StepUp(person.Password)));
            Assert.Single(answers, answer => answer.Status == 200);
            Assert.All(answers.Where(answer => answer.Status != 200), answer => answer.Expect(401));
            foreach (var (copy, answer) in copies.Zip(answers)) (await copy.Get("/api/v1/session")).Expect(answer.Status == 200 ? 200 : 401);
        }
    }

    [Theory, Engines(false, true)]
    public async Task A_session_ends_by_idleness_and_at_the_latest_after_its_longest_time(string engine, bool kept)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (idle, absolute) = kept ? (TimeSpan.FromDays(30), TimeSpan.FromDays(90)) : (TimeSpan.FromHours(12), TimeSpan.FromDays(7));
        var second = TimeSpan.FromSeconds(1);
        var left = await app.SignedIn(person, kept);
        app.Clock.Advance(idle - second);
        (await left.Get("/api/v1/session")).Expect(200);
        app.Clock.Advance(idle - second);
        (await left.Get("/api/v1/session")).Expect(200);
        app.Clock.Advance(idle);
        (await left.Get("/api/v1/session")).Expect(401, "session.ended");

        var busy = await app.SignedIn(person, kept);
        var end = app.Now + absolute;
        while (app.Now + idle < end)
        {
            app.Clock.Advance(idle - second);
            (await busy.Get("/api/v1/session")).Expect(200);
        }
        // A step-up renews the token and the proof, not the life.
        (await busy.StepUp(person.Password)).Expect(200);
        app.Clock.Advance(end - app.Now - second);
        (await busy.Get("/api/v1/session")).Expect(200);
        app.Clock.Advance(second);
        (await busy.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task Idleness_counts_from_the_last_request_even_when_that_was_not_written_yet_or_memory_was_lost(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Database:LastActiveSeconds"] = "300" });
        var visitor = await app.SignedIn(await app.AddAccount());
        app.Clock.Advance(TimeSpan.FromHours(11));
        (await visitor.Get("/api/v1/session")).Expect(200);
        // Every cached session is forgotten; what was seen is still known.
        app.Get<Announcements>().Tell(new Announcement("session", Convert.ToHexString(TestApp.HashOf(visitor.Token).ToBytes())));
        app.Clock.Advance(TimeSpan.FromHours(11));
        (await visitor.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines]
    public async Task Cookies_are_bound_to_this_host_hidden_from_scripts_and_kept_only_when_asked(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, _) = await app.SetUp();
        var lines = new List<string>();
        foreach (var keep in new[] { false, true })
        {
            var visitor = app.Visitor();
            var answer = (await visitor.SignIn(person.Email, person.Password, keep)).Expect(204);
            var session = answer.SetCookie(Visitor.SessionCookie)!;
            Assert.Contains("samesite=lax", session, StringComparison.OrdinalIgnoreCase);
            if (keep) Assert.Contains($"max-age={90 * 86_400}", session, StringComparison.OrdinalIgnoreCase);
            else Assert.DoesNotContain("max-age", session, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("expires", session, StringComparison.OrdinalIgnoreCase);
            lines.AddRange(answer.SetCookies);
            lines.AddRange((await visitor.Open("/account/security")).Answer.SetCookies);
            lines.AddRange((await visitor.Get($"/setup?token={Holdfast.Secrets.SecretToken.New().Reveal()}")).SetCookies);
            lines.AddRange((await visitor.Get($"/not-me?token={Holdfast.Secrets.SecretToken.New().Reveal()}")).SetCookies);
            lines.AddRange((await visitor.StepUp(person.Password)).SetCookies);
            lines.AddRange((await visitor.Post("/api/v1/sign-out")).SetCookies);
        }
        Assert.True(lines.Count > 10);
        Assert.All(lines, line =>
        {
            Assert.StartsWith("__Host-", line, StringComparison.Ordinal);
            var attributes = line.Split(';', StringSplitOptions.TrimEntries).Skip(1).Select(a => a.ToLowerInvariant()).ToList();
            Assert.Contains("secure", attributes);
            Assert.Contains("httponly", attributes);
            Assert.Contains("path=/", attributes);
            Assert.Contains(attributes, a => a is "samesite=lax" or "samesite=strict");
            Assert.DoesNotContain(attributes, a => a.StartsWith("domain", StringComparison.Ordinal));
        });
    }

    [Theory, Engines]
    public async Task Cookies_that_are_no_tokens_are_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var real = (await app.SignedIn(await app.AddAccount())).Token;
        foreach (var bad in new[] { "", "x", real[..42], real + "A", real + "=", " " + real, real.ToLowerInvariant(), new string('A', 43), new string('A', 4000), "null", "\"" + real + "\"", real + "," + real })
        {
            var visitor = app.Visitor();
            visitor.Cookies[Visitor.SessionCookie] = bad;
            visitor.Cookies[Visitor.DeviceCookie] = bad;
            if (bad != " " + real) (await visitor.Get("/api/v1/session")).Expect(401, "session.required");
        }
    }

    [Theory, Engines]
    public async Task A_clock_that_is_set_back_makes_no_proof_last(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        app.Clock.Advance(TimeSpan.FromDays(30));
        var visitor = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromDays(-30));
        (await visitor.Post("/api/v1/sessions/end-others")).Expect(403, "step_up.required");
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Post("/api/v1/sessions/end-others")).Expect(200);
    }

    [Theory, Engines]
    public async Task A_kept_form_is_gone_on_with_in_its_own_session_alone(string engine)
    {
        const string Kept = "__Host-holdfast-kept";
        await using var app = await TestApp.Start(engine);
        var (person, stranger) = (await app.AddAccount(), await app.AddAccount("eve@attacker.example", "Eve"));
        var (here, other, eve) = (await app.SignedIn(person), await app.SignedIn(person), await app.SignedIn(stranger));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await (await here.Open("/account/sessions")).Submit("form[action='/account/sessions?handler=EndAll']");
        // Planted in another session of the same person, in one of somebody else, and in the own one when it is too old.
        foreach (var (visitor, password) in new[] { (other, person.Password), (eve, stranger.Password), (here, person.Password) })
        {
            visitor.Cookies[Kept] = here.Cookies.GetValueOrDefault(Kept)!;
            if (visitor == here) app.Clock.Advance(TimeSpan.FromMinutes(16));
            var page = await (await visitor.Open("/step-up")).Submit("form[action='/step-up']", ("password", password));
            Assert.Null(page.Document.QuerySelector("form[data-go-on]"));
            Assert.Equal("/account/security", page.Path);
            (await visitor.Get("/api/v1/session")).Expect(200);
        }
    }
}
