using System.Data.Common;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Features.ResetCases;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>A reset of somebody's two-factor is how a thief with a password would try to get in. These are the tries.</summary>
public sealed class ResetCaseAttacksTests
{
    private const string Cases = "/api/v1/operator/cases";

    private static async Task<int> CountOf(TestApp app, string accountId, string kind) => (await app.Db.Read(tx => AuditTable.OfAccount(tx, accountId, [kind], DateTimeOffset.UnixEpoch, null, 100))).Count;

    [Theory, Engines]
    public async Task Nobody_decides_their_own_request(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        await CaseSetup.Promote(app, setup.Admin);
        var id = await setup.Ask();
        (await setup.AdminBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(403, "reset_case.own_request");
        (await setup.AdminBrowser.Post($"{Cases}/{id}/decline", CaseSetup.Decision)).Expect(403, "reset_case.own_request");
        var page = await setup.AdminBrowser.Open($"/operator/cases/{id}");
        Assert.Null(page.Document.QuerySelector("button[value=approve]"));
        Assert.Contains("holdfast account reset-two-factor", page.Text, StringComparison.Ordinal);
        // Not even the statement itself would.
        var asked = await setup.Case(id);
        var forged = asked with { State = CaseState.Waiting, DecidedBy = setup.Admin.Id, DecidedAt = app.Now, DecisionSeal = [1], WaitsUntil = app.Now, NextAt = app.Now };
        Assert.False(await app.Db.Write(tx => ResetCaseTable.Approve(tx, forged)));
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
    }

    [Theory, Engines]
    public async Task Nobody_decides_a_case_about_themselves(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        await CaseSetup.Promote(app, setup.Member);
        var id = await setup.Ask();
        (await setup.MemberBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(403, "reset_case.about_yourself");
        var asked = await setup.Case(id);
        var forged = asked with { State = CaseState.Waiting, DecidedBy = setup.Member.Id, DecidedAt = app.Now, DecisionSeal = [1], WaitsUntil = app.Now, NextAt = app.Now };
        Assert.False(await app.Db.Write(tx => ResetCaseTable.Approve(tx, forged)));
        // Nor does anybody ask for their own.
        (await setup.AdminBrowser.Post(setup.AddressFor(setup.Admin), CaseSetup.Request)).Expect(409, "reset_case.yourself");
    }

    [Theory, Engines]
    public async Task Of_many_decisions_at_once_by_two_operators_one_counts(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var second = await app.SignedIn(await CaseSetup.MakeOperator(app, "noor@quayside.example", "Noor Visser"));
        var id = await setup.Ask();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? setup.OperatorBrowser : second).Post($"{Cases}/{id}/{(i % 4 < 2 ? "approve" : "decline")}", CaseSetup.Decision)));
        Assert.Equal(1, answers.Count(a => a.Status == 204));
        Assert.All(answers, a => Assert.True(a.Status == 204 || a.Code is "reset_case.decided_already" or "reset_case.closed", a.ToString()));
        Assert.Equal(1, await CountOf(app, setup.Member.Id, AuditKind.ResetApproved) + await CountOf(app, setup.Member.Id, AuditKind.ResetDeclined));
        Assert.Equal(2, (await app.Letters(setup.Member.Email)).Count(letter => letter.Text.Contains("two-factor", StringComparison.Ordinal) && !letter.Subject.StartsWith("Two-factor is on", StringComparison.Ordinal)));
    }

    [Theory, Engines]
    public async Task A_link_stops_its_own_case_and_no_other_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var (other, _, _) = await app.AddWithTwoFactor("ines@almondbirch.example", "Inês Duarte");
        await setup.Crew.Join(other, "member");
        var mine = await setup.Ask();
        var theirs = (await setup.AdminBrowser.Post(setup.AddressFor(other), CaseSetup.Request)).Expect(201).Json.GetProperty("id").GetString()!;
        var old = await setup.StopLink();
        (await app.Visitor().Post("/api/v1/reset-cases/stop", new { token = old })).Expect(204);
        Assert.Equal(CaseState.Stopped, (await setup.Case(mine)).State);
        Assert.Equal(CaseState.Requested, (await setup.Case(theirs)).State);
        // A later case about the same person has a link of its own; an earlier one's, used or never used, is dead.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var second = await setup.Ask();
        var unused = await setup.StopLink();
        Assert.NotEqual(old, unused);
        (await setup.AdminBrowser.Delete(setup.Api)).Expect(204);
        var third = await setup.Ask();
        foreach (var link in new[] { old, unused })
        {
            (await app.Visitor().Post("/api/v1/reset-cases/stop", new { token = link })).Expect(404, "link.over");
            Assert.Equal(404, (await app.Visitor().Open($"/stop-reset?token={link}")).Answer.Status);
        }
        Assert.Equal([CaseState.Withdrawn, CaseState.Requested], [(await setup.Case(second)).State, (await setup.Case(third)).State]);
        // A link of another kind stops nothing.
        (await app.Visitor().Post("/api/v1/reset-cases/stop", new { token = await app.LastLink(setup.Member.Email, "/not-me") })).Expect(404, "link.over");
    }

    [Theory, Engines]
    public async Task Fifty_at_once_stop_it_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.AskAndApprove();
        var link = await setup.StopLink();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.Visitor().Post("/api/v1/reset-cases/stop", new { token = link })));
        Assert.Equal(1, answers.Count(a => a.Status == 204));
        Assert.All(answers.Where(a => a.Status != 204), a => a.Expect(404, "link.over"));
        Assert.Equal(CaseState.Stopped, (await setup.Case(id)).State);
        Assert.Equal(1, await CountOf(app, setup.Member.Id, AuditKind.ResetStopped));
        Assert.Single(await app.Letters(setup.Admin.Email), letter => letter.Subject.StartsWith("Stopped", StringComparison.Ordinal));
        Assert.True(await setup.HasFactors());
    }

    [Theory, Engines]
    public async Task At_the_due_moment_it_is_stopped_or_done_and_never_both(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Due();
        var link = await setup.StopLink();
        var stops = Enumerable.Range(0, 25).Select(_ => app.Visitor().Post("/api/v1/reset-cases/stop", new { token = link })).ToList();
        await Task.WhenAll(stops.Concat(Enumerable.Range(0, 5).Select(async _ => { await setup.Run(); return null as Answer; })!).ToList());
        var closed = await setup.Case(id);
        var stopped = stops.Count(stop => stop.Result.Status == 204);
        Assert.Contains(closed.State, (string[])[CaseState.Stopped, CaseState.Done]);
        Assert.Equal(closed.State == CaseState.Stopped ? 1 : 0, stopped);
        Assert.Equal(closed.State == CaseState.Stopped, await setup.HasFactors());
        Assert.Equal(1, await CountOf(app, setup.Member.Id, AuditKind.ResetStopped) + await CountOf(app, setup.Member.Id, AuditKind.TwoFactorReset));
    }

    [Theory, Engines]
    public async Task A_link_stops_nothing_once_it_is_done(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Due();
        var link = await setup.StopLink();
        await setup.Run();
        Assert.Equal(CaseState.Done, (await setup.Case(id)).State);
        (await app.Visitor().Post("/api/v1/reset-cases/stop", new { token = link })).Expect(404, "link.over");
        Assert.Equal(404, (await app.Visitor().Open($"/stop-reset?token={link}")).Answer.Status);
        Assert.Equal(CaseState.Done, (await setup.Case(id)).State);
        Assert.False(await setup.HasFactors());
    }

    [Theory, Engines]
    public async Task For_everybody_but_operators_there_is_nothing_on_any_operators_route(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(OperatorsOnly.IsOfOperators).ToList();
        Assert.True(routes.Count >= 7);
        // By hand as well: what the table calls an operators' route must not be what this test believes.
        Assert.Contains(routes, r => r.RoutePattern.RawText == "operator/cases/{id}");
        foreach (var route in routes)
        {
            var path = "/" + route.RoutePattern.RawText!.Trim('/').Replace("{id}", id, StringComparison.Ordinal);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"])
            {
                foreach (var (who, browser) in new[] { ("admin", setup.AdminBrowser), ("the person", setup.MemberBrowser), ("stranger", app.Visitor()) })
                {
                    using var body = method == "GET" ? null : path.StartsWith("/api/", StringComparison.Ordinal) ? Visitor.Json(CaseSetup.Decision) : new FormUrlEncodedContent([new("do", "approve")]);
                    var answer = await browser.Send(HttpMethod.Parse(method), path, body);
                    Assert.True(who == "stranger" ? answer.Status is 401 or 302 : answer.Status == 404, $"{who}: {answer}");
                    Assert.DoesNotContain(setup.Member.Name, answer.Body, StringComparison.Ordinal);
                }
            }
        }
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
        // Removed a moment ago, from the very next request on.
        (await setup.OperatorBrowser.Get(Cases)).Expect(200);
        await CaseSetup.MakeOperator(app, "noor@quayside.example", "Noor Visser");
        Assert.True((await new ChangeOperators(app.Db, app.Clock).Remove(setup.Operator.Email)).Ok);
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(404, "request.not_found");
    }

    [Theory, Engines]
    public async Task Only_the_persons_own_workspace_asks_and_nobody_for_somebody_above(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var other = await Crew.Found(app, "Harbour Co-op");
        var stranger = await app.SignedIn(await other.Add("owner"));
        (await stranger.Post(setup.Api, CaseSetup.Request)).Expect(404);
        (await stranger.Post($"{other.Api}/users/{setup.Member.Id}/two-factor-reset", CaseSetup.Request)).Expect(404, "user.unknown");
        Assert.Equal(404, (await stranger.Open($"{other.Page}/users/{setup.Member.Id}/reset-two-factor")).Answer.Status);
        (await setup.MemberBrowser.Post(setup.AddressFor(setup.Admin), CaseSetup.Request)).Expect(403, "workspace.not_allowed");
        var (owner, _, _) = await app.AddWithTwoFactor("wei@almondbirch.example", "Wei Chen");
        await setup.Crew.Join(owner, "owner");
        (await setup.AdminBrowser.Post(setup.AddressFor(owner), CaseSetup.Request)).Expect(403, "role.above_yours");
        // In two workspaces: the second neither sees, withdraws nor doubles what the first asked for.
        await other.Join(setup.Member, "member");
        var id = await setup.Ask();
        (await stranger.Get($"{other.Api}/users/{setup.Member.Id}/two-factor-reset")).Expect(404, "reset_case.none_open");
        (await stranger.Delete($"{other.Api}/users/{setup.Member.Id}/two-factor-reset")).Expect(404, "reset_case.none_open");
        (await stranger.Post($"{other.Api}/users/{setup.Member.Id}/two-factor-reset", CaseSetup.Request)).Expect(409, "reset_case.open_already");
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
    }

    [Theory, Engines]
    public async Task A_closed_case_is_closed_for_good_to_everybody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/decline", new { evidence = "Nobody answered." })).Expect(204);
        var closed = await setup.Case(id);
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(409, "reset_case.closed");
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/decline", CaseSetup.Decision)).Expect(409, "reset_case.closed");
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/stop")).Expect(409, "reset_case.closed");
        (await setup.AdminBrowser.Delete(setup.Api)).Expect(404, "reset_case.none_open");
        (await setup.MemberBrowser.Post("/api/v1/account/reset-case/stop")).Expect(404, "reset_case.none_open");
        app.Clock.Advance(TimeSpan.FromDays(20));
        await setup.Run();
        Assert.Equivalent(closed, await setup.Case(id));
        Assert.True(await setup.HasFactors());
    }

    [Theory, Engines]
    public async Task The_database_refuses_to_change_a_closed_record(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var id = await setup.Ask();
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/decline", CaseSetup.Decision)).Expect(204);
        var closed = await setup.Case(id);
        var second = await setup.Ask();
        List<string> tries =
        [
            "UPDATE reset_cases SET state = 'requested', closed_at = NULL WHERE number = 1", "UPDATE reset_cases SET decided_by = 'somebody' WHERE number = 1", "UPDATE reset_cases SET fingerprint = NULL WHERE number = 1",
            "DELETE FROM reset_cases WHERE number = 1", "DELETE FROM reset_cases", $"UPDATE reset_cases SET number = 3 WHERE id = '{second}'", $"UPDATE reset_cases SET id = '{id}' WHERE number = 2",
            "UPDATE reset_case_texts SET details = '{}'",
        ];
        if (engine == TestDatabase.Postgres) tries.AddRange(["TRUNCATE reset_cases", "TRUNCATE reset_case_texts"]);
        else tries.AddRange(["REPLACE INTO reset_cases SELECT * FROM reset_cases WHERE number = 1", "UPDATE OR REPLACE reset_cases SET number = 1 WHERE number = 2"]);
        foreach (var sql in tries)
        {
            var refused = await Assert.ThrowsAnyAsync<DbException>(() => app.Db.Write(tx => tx.Execute(sql)));
            Assert.Matches("sealed|unchangeable|append-only", refused.Message);
        }
        Assert.Equivalent(closed, await setup.Case(id));
        Assert.Equal(closed.Fingerprint, closed.Fingerprinted());
        // The log has the same fingerprint.
        var entry = Assert.Single(await app.Db.Read(tx => AuditTable.OfAccount(tx, setup.Member.Id, [AuditKind.ResetDeclined], DateTimeOffset.UnixEpoch, null, 10)));
        Assert.Equal(Convert.ToHexStringLower(closed.Fingerprint!), entry.Facts["fingerprint"]);
    }

    [Theory, Engines]
    public async Task Deciding_and_asking_take_a_proof_and_a_second_factor_where_there_is_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await setup.AdminBrowser.Post(setup.Api, CaseSetup.Request)).Expect(403, "step_up.required");
        (await setup.AdminBrowser.StepUp(setup.Admin.Password)).Expect(200);
        var id = await setup.Ask();
        foreach (var act in new[] { "approve", "decline" }) (await setup.OperatorBrowser.Post($"{Cases}/{id}/{act}", CaseSetup.Decision)).Expect(403, "step_up.required");
        // A stolen session and a password are not enough where the operator has an app.
        (await setup.OperatorBrowser.StepUp(setup.Operator.Password)).Expect(200);
        var phone = await app.Enrol(setup.OperatorBrowser);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await setup.OperatorBrowser.StepUp(setup.Operator.Password)).Expect(200);
        foreach (var act in new[] { "approve", "decline" }) (await setup.OperatorBrowser.Post($"{Cases}/{id}/{act}", CaseSetup.Decision)).Expect(403, "step_up.second_factor_required");
        Assert.Equal(CaseState.Requested, (await setup.Case(id)).State);
        (await setup.OperatorBrowser.StepUpBy(phone.Code())).Expect(200);
        (await setup.OperatorBrowser.Post($"{Cases}/{id}/approve", CaseSetup.Decision)).Expect(204);
    }

    [Theory, Engines]
    public async Task Two_admins_who_ask_at_once_open_one_case(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var setup = await CaseSetup.Make(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => setup.AdminBrowser.Post(setup.Api, CaseSetup.Request)));
        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.All(answers.Where(a => a.Status != 201), a => a.Expect(409, "reset_case.open_already"));
        Assert.Single(await app.Db.Read(tx => ResetCaseTable.Open(tx, 100)));
    }
}
