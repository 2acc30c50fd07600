using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>What somebody might try with a deletion: another's, without a proof, or past its end.</summary>
public sealed class DeletionAttacksTests
{
    [Theory, Engines]
    public async Task The_word_counts_in_capitals_only(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        foreach (var word in new[] { "delete", "Delete", "DELETE ", " DELETE", "ＤＥＬＥＴＥ", "DELETE\n", "" }) (await visitor.Post(Leaving.Api, new { confirm = word })).Expect(400, "deletion.confirm");
        var page = await visitor.Open("/account/delete");
        page = await page.Submit("form[action='/account/delete']", ("confirm", "delete"));
        Assert.Equal(400, page.Answer.Status);
        Assert.Contains("capital letters", page.Text, StringComparison.Ordinal);
        Assert.Null(await Leaving.Open(app, person));
    }

    [Theory, Engines]
    public async Task Without_a_fresh_second_factor_nothing_is_deleted(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post(Leaving.Api, Leaving.Confirm)).Expect(403, "step_up.second_factor_required");
        (await visitor.StepUp(person.Password)).Expect(200);
        (await visitor.Post(Leaving.Api, Leaving.Confirm)).Expect(403, "step_up.second_factor_required");
        Assert.Null(await Leaving.Open(app, person));
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        await Leaving.Ask(visitor);
        // The same for not waiting any longer.
        var again = await app.SignedIn(person, phone);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await again.Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(403, "step_up.second_factor_required");
        Assert.Equal(DeletionState.Grace, (await Leaving.Open(app, person))!.State);
    }

    [Theory, Engines]
    public async Task A_page_of_another_site_deletes_nothing_and_keeps_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        async Task<int> Foreign(string path, string body) => (await visitor.Send(HttpMethod.Post, path, Visitor.Raw(body, "application/x-www-form-urlencoded"), request => request.Headers.Add("Sec-Fetch-Site", "cross-site"))).Status;
        Assert.Equal(403, await Foreign("/account/delete", "confirm=DELETE"));
        Assert.Equal(400, (await visitor.Send(HttpMethod.Post, "/account/delete", Visitor.Raw("confirm=DELETE", "application/x-www-form-urlencoded"))).Status);
        Assert.Null(await Leaving.Open(app, person));
        await Leaving.Ask(visitor);
        visitor = await app.SignedIn(person);
        foreach (var path in new[] { "/account/closing", "/account/delete/now", "/keep-account", "/account/export" }) Assert.Equal(403, await Foreign(path, "confirm=DELETE"));
        Assert.Equal(DeletionState.Grace, (await Leaving.Open(app, person))!.State);
    }

    [Theory, Engines]
    public async Task A_link_keeps_its_own_account_and_no_other_and_is_for_nothing_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (mine, theirs) = (await app.AddAccount(), await app.AddAccount("other@almondbirch.example"));
        foreach (var person in new[] { mine, theirs }) await Leaving.Ask(await app.SignedIn(person));
        var link = await app.LastLink(theirs.Email, "/keep-account");
        // Signed in as somebody else: the link is about its own account all the same.
        var me = await app.SignedIn(mine);
        (await me.Post($"{Leaving.Api}/keep-by-link", new { token = link })).Expect(204);
        Assert.NotNull(await Leaving.Open(app, mine));
        Assert.Null(await Leaving.Open(app, theirs));
        var own = await app.LastLink(mine.Email, "/keep-account");
        (await app.Visitor().Post("/api/v1/account/email-change/undo", new { token = own })).Expect(404);
        (await app.Visitor().Post("/api/v1/password-recovery/reset", new { link = own, newPassword = TestApp.OtherPassword })).Expect(404);
        foreach (var token in new[] { "", "x", new string('A', 43), own + "A" }) (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token })).Expect(404, "link.over");
        Assert.NotNull(await Leaving.Open(app, mine));
    }

    [Theory, Engines]
    public async Task Signing_in_during_grace_reaches_nothing_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (boss, _) = (await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt"), await CaseSetup.MakeOperator(app, "bo@quayside.example", "Bo Berg"));
        var crew = await Crew.Found(app);
        await crew.Join(boss, "admin");
        await crew.Add("owner");
        var first = await app.SignedIn(boss);
        var phone = await app.Enrol(first);
        await Leaving.Ask(first);
        var visitor = await app.SignedIn(boss, phone);
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<OpenWhileClosingAttribute>() is null && e.Metadata.GetMetadata<OpenToAllAttribute>() is null).ToList();
        Assert.True(routes.Count > 80);
        foreach (var route in routes)
        {
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{workspace}", crew.Slug, StringComparison.Ordinal).Replace("{position}", "2001", StringComparison.Ordinal);
            path = System.Text.RegularExpressions.Regex.Replace(path, "\\{[^}]*\\}", boss.Id, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1));
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                var answer = await visitor.Send(new HttpMethod(method), path, method == "GET" ? null : Visitor.Json(new { }));
                if (method == "GET" && !path.StartsWith("/api/", StringComparison.Ordinal)) Assert.Equal((path, 302, "/account/closing"), (path, answer.Status, answer.Location));
                else Assert.True(answer.Status == 403 && (answer.Code is null or "account.closing"), $"{method} {path} answered {answer.Status} {answer.Code}");
            }
        }
        // What strangers may use takes them for strangers.
        (await visitor.Get("/forward-auth")).Expect(401);
        (await visitor.Get("/api/v1/session")).Expect(403, "account.closing");
        (await visitor.Get("/api/v1/session/stream")).Expect(403, "account.closing");
        (await visitor.Get("/operator")).Expect(302);
        Assert.Equal(DeletionState.Grace, (await Leaving.Open(app, boss))!.State);
    }

    [Theory, Engines]
    public async Task During_grace_applications_get_nothing_of_the_person(string engine)
    {
        await using var app = await TestApp.Start(engine, Application.Settings);
        var person = await app.AddAccount();
        var first = await app.SignedIn(person);
        var shop = Application.Shop(app);
        var before = await shop.Tokens(first);
        var (access, refresh) = (Application.Text(before, "access_token"), Application.Text(before, "refresh_token"));
        (await shop.UserInfo(access)).Expect(200);
        await Leaving.Ask(first);
        Assert.False(await shop.IsActive(access));
        (await shop.UserInfo(access)).Expect(401);
        Assert.Equal(400, (await shop.Refresh(refresh)).Status);
        // Signed in again during grace: an application asks in vain, aloud and without a word.
        var visitor = await app.SignedIn(person);
        Assert.DoesNotContain("code", (IEnumerable<string>)shop.Back(await visitor.Get(shop.Authorize(("prompt", "none")))).Keys);
        var answer = await visitor.Get(shop.Authorize());
        Assert.DoesNotContain("code=", answer.Location ?? "", StringComparison.Ordinal);
        Assert.False(await shop.IsActive(access));
        Assert.Equal(400, (await shop.Refresh(refresh)).Status);
        Assert.NotNull(await Leaving.Open(app, person));
    }

    [Theory, Engines]
    public async Task Keeping_and_the_due_moment_at_once_have_one_winner(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 6; round++)
        {
            var person = await app.AddAccount($"racer-{round}@almondbirch.example");
            await Leaving.Ask(await app.SignedIn(person));
            var id = (await Leaving.Open(app, person))!.Id;
            var token = await app.LastLink(person.Email, "/keep-account");
            await Leaving.PassGrace(app);
            var keeps = Enumerable.Range(0, 4).Select(_ => app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token })).ToList();
            await Task.WhenAll([.. keeps, app.Get<RunDeletions>().RunDue(CancellationToken.None)]);
            var kept = keeps.Count(k => k.Result.Status == 204);
            var state = (await Leaving.Case(app, id)).State;
            var account = await app.Db.Read(tx => AccountTable.ById(tx, person.Id));
            if (kept == 1) Assert.True(state == DeletionState.Kept && account is { ClosedAt: null, ErasingAt: null }, $"kept, but {state}");
            else
            {
                Assert.Equal(0, kept);
                Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, id)).State);
                Assert.Null(await app.Db.Read(tx => AccountTable.ById(tx, person.Id)));
            }
        }
    }

    [Theory, Engines]
    public async Task Two_owners_who_leave_at_once_do_not_leave_a_workspace_without_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 4; round++)
        {
            var crew = await Crew.Found(app, $"Almond & Birch {round}");
            var (a, b) = (await crew.Add("owner"), await crew.Add("owner"));
            await crew.Add("member");
            var browsers = new List<Visitor>();
            foreach (var owner in new[] { a, b })
            {
                var visitor = await app.SignedIn(owner);
                await app.Enrol(visitor);
                browsers.Add(visitor);
            }
            var answers = await Task.WhenAll(browsers.Select(visitor => visitor.Post(Leaving.Api, Leaving.Confirm)));
            Assert.Equal([202, 409], answers.Select(answer => answer.Status).Order());
        }
    }

    [Theory, Engines]
    public async Task Asking_many_times_at_once_makes_one_deletion(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => visitor.Copy().Post(Leaving.Api, Leaving.Confirm)));
        Assert.Single(answers, answer => answer.Status == 202);
        Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { 202, 401, 403, 409 }));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM deletions")));
    }

    [Theory, Engines]
    public async Task A_session_that_had_ended_by_the_time_of_the_commit_deletes_nothing(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (thief, owner) = (await app.SignedIn(person), await app.SignedIn(person));
        (await owner.Post("/api/v1/sessions/end-others")).Expect(200);
        (await thief.Post(Leaving.Api, Leaving.Confirm)).Expect(401);
        Assert.Null(await Leaving.Open(app, person));
    }

    [Theory, Engines]
    public async Task A_former_address_hears_of_the_deletion_and_can_call_it_off(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Deletion:GraceDays"] = "1" });
        var person = await app.AddAccount();
        var thief = await app.SignedIn(person);
        (await thief.Post("/api/v1/account/email-change", new { email = "thief@elsewhere.example" })).Expect(202);
        (await thief.Post("/api/v1/account/email-change/confirm", new { token = await app.LastLink("thief@elsewhere.example", "/confirm-email") })).Expect(204);
        await Leaving.Ask(thief);
        // However short the days of grace are: it begins when the former address has had its own.
        Assert.Equal(app.Now + Holdfast.Features.EmailChange.EmailChange.UndoLifetime, (await Leaving.Open(app, person))!.DueAt, TimeSpan.FromMinutes(1));
        // And at once it cannot be: not before the former address has had its days.
        (await (await app.SignedIn(person with { Email = "thief@elsewhere.example" })).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(409, "deletion.address_changed");
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
        Assert.Null(await Leaving.Open(app, person));
        // And putting the address back does so by itself.
        await Leaving.Ask(await app.SignedIn(person with { Email = "thief@elsewhere.example" }));
        (await app.Visitor().Post("/api/v1/account/email-change/undo", new { token = await app.LastLink(person.Email, "/undo-email") })).Expect(200);
        Assert.Null(await Leaving.Open(app, person));
    }

    [Theory, Engines]
    public async Task Secrets_of_connectors_are_printed_nowhere(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(500);
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        await Leaving.Run(app);
        foreach (var secret in new[] { Leaving.NewSecret, Leaving.OldSecret }.SelectMany(s => new[] { s, s["whsec_".Length..] }))
        {
            Assert.DoesNotContain(secret, app.Logs.Everything, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, $"{app.Settings.Deletion} {app.Settings.Deletion.Connectors[0]} {app.Settings}", StringComparison.Ordinal);
        }
    }
}
