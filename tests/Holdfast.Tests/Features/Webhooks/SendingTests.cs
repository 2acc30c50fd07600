using Holdfast.Features.Audit;
using Holdfast.Features.Webhooks;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Webhooks;

/// <summary>Events on their way: at least once, for days, whatever the other side and this one do.</summary>
public sealed class SendingTests
{
    private static readonly Dictionary<string, string?> Quick = new() { ["Webhooks:Timeout"] = "1s" };

    [Theory, Engines]
    public async Task One_that_answers_500_a_hundred_times_holds_up_nobody_is_shown_told_of_once_and_gets_all_when_it_is_back(string engine)
    {
        await using var dead = await OtherSystem.Start();
        await using var good = await OtherSystem.Start();
        dead.Answer = OtherSystem.Status(500);
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, dead, AuditKind.SignInFailed);
        var (other, _) = await Hooks.Add(boss, good, AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id, 100);
        await Hooks.Send(app);
        Assert.Equal(100, good.Received.Select(c => c.Header("webhook-id")).Distinct().Count());
        Assert.Equal(100, good.Received.Count);
        for (var i = 0; i < 400 && dead.Received.Count < 100; i++)
        {
            app.Clock.Advance(TimeSpan.FromMinutes(6));
            await Hooks.Send(app);
        }
        Assert.True(dead.Received.Count >= 100, $"{dead.Received.Count} tries");
        // One body and one id for each event, at every try; and never twice in one breath.
        Assert.All(dead.Received.GroupBy(c => c.Header("webhook-id")), tries => Assert.Single(tries.Select(c => c.Body).Distinct()));
        var endpoint = await Hooks.Endpoint(app, id);
        Assert.Equal((EndpointStanding.Failing, 500, "no 2xx"), (endpoint.Standing, endpoint.LastStatus, endpoint.LastProblem));
        Assert.Equal(EndpointStanding.On, (await Hooks.Endpoint(app, other)).Standing);
        Assert.Contains("The last calls of Night watch failed", (await boss.Open("/operator/webhooks")).Text, StringComparison.Ordinal);

        // After a day one letter, after three days they are given up: by the end of a try, and all of them.
        for (var i = 0; i < 30; i++)
        {
            app.Clock.Advance(TimeSpan.FromHours(3));
            await Hooks.Send(app);
        }
        Assert.Single(await app.Letters(person.Email), l => l.Subject.Contains("has taken no events", StringComparison.Ordinal));
        Assert.All(await Hooks.Deliveries(app, id), d => Assert.Equal("failed", d.State));
        Assert.All(await Hooks.Deliveries(app, other), d => Assert.Equal("delivered", d.State));

        dead.Answer = OtherSystem.Status(204);
        dead.Received.Clear();
        boss = await app.SignedIn(person);
        var page = await boss.Open($"/operator/webhooks/{id}?only=failed");
        Assert.Contains("Given up", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action$='FailedAgain']");
        Assert.Contains("on its way to Night watch once more", page.Text, StringComparison.Ordinal);
        await Hooks.Send(app);
        Assert.Equal(100, dead.Received.Select(c => c.Header("webhook-id")).Distinct().Count());
        Assert.Equal(EndpointStanding.On, (await Hooks.Endpoint(app, id)).Standing);
        Assert.All(await Hooks.Deliveries(app, id), d => Assert.Equal("delivered", d.State));
    }

    [Theory, Engines]
    public async Task One_event_that_is_refused_time_and_again_does_not_keep_the_others_waiting(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = (context, body) => { context.Response.StatusCode = body.Contains(AuditKind.StepUpFailed, StringComparison.Ordinal) ? 422 : 204; return Task.CompletedTask; };
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed, AuditKind.StepUpFailed);
        await Hooks.Happen(app, person.Id, kind: AuditKind.StepUpFailed);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Hooks.Happen(app, person.Id, 20);
        for (var i = 0; i < 5; i++)
        {
            await Hooks.Send(app);
            app.Clock.Advance(TimeSpan.FromSeconds(6));
        }
        Assert.Equal(20, (await Hooks.Deliveries(app, id)).Count(d => d.State == "delivered"));
        Assert.Equal(("waiting", 422), (await Hooks.Deliveries(app, id)).Where(d => d.Kind == AuditKind.StepUpFailed).Select(d => (d.State, d.LastStatus!.Value)).Single());
        Assert.Equal(EndpointStanding.On, (await Hooks.Endpoint(app, id)).Standing);
    }

    [Theory, Engines]
    public async Task A_redirect_a_long_answer_and_silence_are_what_they_are(string engine)
    {
        await using var elsewhere = await OtherSystem.Start();
        await using var redirecting = await OtherSystem.Start();
        await using var longAnswer = await OtherSystem.Start();
        await using var silent = await OtherSystem.Start();
        var go = new TaskCompletionSource();
        redirecting.Answer = (context, _) => { context.Response.StatusCode = 307; context.Response.Headers.Location = elsewhere.Address.ToString(); return Task.CompletedTask; };
        longAnswer.Answer = async (context, _) =>
        {
            context.Response.ContentLength = 1L << 30;
            var some = new byte[1 << 16];
            for (var i = 0; i < (1 << 14) && !context.RequestAborted.IsCancellationRequested; i++) await context.Response.Body.WriteAsync(some, context.RequestAborted);
        };
        silent.Answer = (_, _) => go.Task;
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var ids = new Dictionary<string, string>();
        foreach (var (name, system) in new[] { ("redirecting", redirecting), ("long", longAnswer), ("silent", silent) }) ids[name] = (await Hooks.Add(boss, system, AuditKind.SignInFailed)).Id;
        var nowhere = (await Hooks.Add(boss, "http://127.0.0.1:1/hooks", AuditKind.SignInFailed)).Id;
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Empty(elsewhere.Received);
        async Task<Delivery> Only(string id) => Assert.Single(await Hooks.Deliveries(app, id));
        Assert.Equal((307, "a redirect, which is not followed"), ((await Only(ids["redirecting"])).LastStatus!.Value, (await Only(ids["redirecting"])).LastProblem!));
        // A 2xx is a 2xx, however long: of the rest 64 KiB are read and thrown away.
        Assert.Equal("delivered", (await Only(ids["long"])).State);
        Assert.Equal((null, "no answer in 1 seconds"), ((await Only(ids["silent"])).LastStatus, (await Only(ids["silent"])).LastProblem));
        Assert.StartsWith("no answer", (await Only(nowhere)).LastProblem, StringComparison.Ordinal);
        go.SetResult();
    }

    [Theory, Engines]
    public async Task Whoever_dies_between_the_commit_and_the_sending_leaves_an_event_that_is_sent_later_and_once(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        string id;
        await using (var app = await TestApp.Start(engine, Quick, clock, database))
        {
            var (person, boss) = await app.SetUp();
            (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
            (await boss.Post($"{Hooks.Api}/{id}/pause")).Expect(204);
            await Hooks.Happen(app, person.Id, 2);
            // As somebody who has taken one, and dies; and the other was not even looked at.
            await app.Db.Write(async tx =>
            {
                await WebhookTable.Resume(tx, id);
                Assert.NotNull(await DeliveryTable.Claim(tx, id, app.Now, TimeSpan.FromMinutes(2)));
                await WebhookTable.Pause(tx, id, app.Now);
                return 0;
            });
        }
        await using var next = await TestApp.Start(engine, Quick, clock, database);
        await next.Db.Write(tx => WebhookTable.Resume(tx, id));
        await Hooks.Send(next);
        // On SQLite nobody else can hold it; on PostgreSQL another node might be sending it at this moment.
        Assert.Equal(engine == TestDatabase.Sqlite ? 2 : 1, system.Received.Count);
        clock.Advance(TimeSpan.FromMinutes(3));
        await Hooks.Send(next);
        Assert.Equal(2, system.Received.Select(c => c.Header("webhook-id")).Distinct().Count());
        Assert.Equal(2, system.Received.Count);
    }

    [Theory, Engines]
    public async Task Two_nodes_send_each_event_once(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        await using var app = await TestApp.Start(engine, Quick, clock, database);
        await using var second = database.IsPostgres ? await TestApp.Start(engine, Quick, clock, database) : null;
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id, 60);
        // An endpoint that was added on one node a moment ago is known to the other's next event.
        if (second is not null) await Hooks.Happen(second, person.Id, 60);
        await Task.WhenAll(Hooks.Send(app), Hooks.Send(second ?? app), Hooks.Send(app));
        for (var i = 0; i < 200 && (await Hooks.Deliveries(app, id)).Any(d => d.State == "waiting"); i++) await Task.Delay(50);
        Assert.Equal(second is null ? 60 : 120, system.Received.Select(c => c.Header("webhook-id")).Distinct().Count());
        Assert.Equal(system.Received.Select(c => c.Header("webhook-id")).Distinct().Count(), system.Received.Count);
    }

    [Theory, Engines]
    public async Task A_clock_that_jumps_stops_nothing_and_gives_up_nothing(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(503);
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        // Ahead by a year: events of before are tried first.
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Single(system.Received);
        app.Clock.Advance(TimeSpan.FromDays(365));
        await Hooks.Happen(app, person.Id);
        system.Answer = OtherSystem.Status(204);
        await Hooks.Send(app);
        Assert.All(await Hooks.Deliveries(app, id), d => Assert.Equal("delivered", d.State));
        // A try that failed and a claim that was made while it was ahead, and back again.
        system.Answer = OtherSystem.Status(503);
        await Hooks.Happen(app, person.Id, 2);
        await Hooks.Send(app);
        await app.Db.Write(tx => tx.Execute("UPDATE webhook_deliveries SET claimed_until = @until WHERE delivered_at IS NULL", new { until = app.Now.AddMinutes(2) }));
        app.Clock.Advance(TimeSpan.FromDays(-365));
        system.Answer = OtherSystem.Status(204);
        await Hooks.Send(app);
        Assert.All(await Hooks.Deliveries(app, id), d => Assert.Equal("delivered", d.State));
    }

    [Theory, Engines]
    public async Task One_event_is_sent_once_more_with_its_id_and_the_list_is_kept_for_days(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        await Hooks.Happen(app, person.Id, 3);
        await Hooks.Send(app);
        var page = (await boss.Get($"{Hooks.Api}/{id}/deliveries?limit=2")).Expect(200).Json;
        Assert.Equal(2, page.GetProperty("items").GetArrayLength());
        var rest = (await boss.Get($"{Hooks.Api}/{id}/deliveries?limit=2&before={page.GetProperty("next").GetString()}")).Expect(200).Json.GetProperty("items");
        var one = rest[0].GetProperty("event").GetString()!;
        Assert.Equal(("delivered", 1, 200), (rest[0].GetProperty("state").GetString(), rest[0].GetProperty("tries").GetInt32(), rest[0].GetProperty("lastStatus").GetInt32()));
        system.Received.Clear();
        (await boss.Post($"{Hooks.Api}/{id}/deliveries/{one}/again")).Expect(204);
        (await boss.Post($"{Hooks.Api}/{id}/deliveries/{Holdfast.Storage.Ids.New(app.Now)}/again")).Expect(404, "webhook.delivery_unknown");
        await Hooks.Send(app);
        Assert.Equal(["evt_" + one], system.Received.Select(c => c.Header("webhook-id")));
        Assert.Equal(0, (await boss.Post($"{Hooks.Api}/{id}/deliveries/failed/again")).Expect(200).Json.GetProperty("count").GetInt64());
        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.Tidy();
        Assert.Empty(await Hooks.Deliveries(app, id));
    }

    [Theory, Engines]
    public async Task Nothing_of_an_erased_person_stands_in_what_was_told_and_their_end_is_told_all_the_same(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Quick);
        var (_, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system);
        var person = await app.AddAccount();
        await app.SignedIn(person);
        await Hooks.Send(app);
        var told = (await Hooks.Deliveries(app, id)).Where(d => d.AccountId == person.Id).Select(d => d.Id).ToList();
        Assert.NotEmpty(told);
        await Leaving.Ask(await app.SignedIn(person));
        var deletion = (await Leaving.Open(app, person))!.Id;
        (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        await Hooks.Send(app);
        await Leaving.Finish(app, deletion);
        await Hooks.Send(app);
        Assert.Contains(AuditKind.DeletionDone, Hooks.Types(system));
        var left = (await Hooks.Deliveries(app, id)).Where(d => d.AccountId == person.Id).ToList();
        // What was told before the end is gone with the account; what waited at that moment is told, and goes within days.
        Assert.DoesNotContain(left, d => told.Contains(d.Id));
        // What is left are the last events themselves; in no row, and in nothing that was sent, stands who it was.
        foreach (var row in await app.Db.Read(tx => tx.Many<object>("SELECT * FROM webhook_deliveries")))
        {
            var text = string.Join(" | ", ((IDictionary<string, object?>)row).Values);
            foreach (var trace in new[] { "Tomasz", "almondbirch", "Firefox", "127.0.0.1" }) Assert.DoesNotContain(trace, text, StringComparison.OrdinalIgnoreCase);
        }
        foreach (var call in system.Received) foreach (var trace in new[] { "Tomasz", "almondbirch", "Firefox", "127.0.0.1" }) Assert.DoesNotContain(trace, call.Body, StringComparison.OrdinalIgnoreCase);
        app.Clock.Advance(TimeSpan.FromDays(8));
        await app.Tidy();
        Assert.DoesNotContain(await Hooks.Deliveries(app, id), d => d.AccountId == person.Id);
    }

    [Theory, Engines]
    public async Task What_an_operator_sends_again_while_its_last_try_fails_is_sent_again(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        var tries = 0;
        system.Answer = async (context, _) =>
        {
            var isFirst = ++tries == 1;
            if (isFirst) foreach (var d in await Hooks.Deliveries(app, id)) (await boss.Post($"{Hooks.Api}/{id}/deliveries/{d.Id}/again")).Expect(204);
            context.Response.StatusCode = isFirst ? 500 : 204;
        };
        // Written three days ago, and tried for the last time now.
        await app.Db.Write(tx => tx.Execute("UPDATE webhook_endpoints SET hold_until = @until", new { until = app.Now.AddHours(1) }));
        await Hooks.Happen(app, person.Id);
        await app.Db.Write(tx => tx.Execute("UPDATE webhook_deliveries SET since = since - @days; UPDATE webhook_endpoints SET hold_until = 0", new { days = (long)TimeSpan.FromDays(4).TotalMilliseconds }));
        await Hooks.Send(app);
        Assert.Equal("waiting", Assert.Single(await Hooks.Deliveries(app, id)).State);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await Hooks.Send(app);
        Assert.Equal("delivered", Assert.Single(await Hooks.Deliveries(app, id)).State);
    }

    [Theory, Engines]
    public async Task What_waits_for_a_paused_address_is_given_up_like_any_other(string engine)
    {
        await using var app = await TestApp.Start(engine, Quick);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, "https://watch.example/hooks", AuditKind.SignInFailed);
        (await boss.Post($"{Hooks.Api}/{id}/pause")).Expect(204);
        await Hooks.Happen(app, person.Id, 2);
        app.Clock.Advance(TimeSpan.FromDays(2));
        await Hooks.Happen(app, person.Id);
        app.Clock.Advance(TimeSpan.FromDays(1.5));
        await app.Tidy();
        Assert.Equal((2, 1), ((await Hooks.Deliveries(app, id)).Count(d => d.State == "failed"), (await Hooks.Deliveries(app, id)).Count(d => d.State == "waiting")));
    }

    [Fact]
    public void Waits_grow_to_twelve_hours_and_the_whole_takes_three_days()
    {
        var waits = Enumerable.Range(1, 12).Select(tries => WebhookEndpoint.Wait(tries, null)).ToList();
        Assert.Equal(waits.Order(), waits);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromHours(12)), (waits[0], waits[^1]));
        Assert.Equal(TimeSpan.FromMinutes(2), WebhookEndpoint.Wait(1, TimeSpan.FromMinutes(2)));
        Assert.Equal(TimeSpan.FromHours(12), WebhookEndpoint.Wait(1, TimeSpan.FromDays(400)));
        Assert.Equal(TimeSpan.FromHours(1), WebhookEndpoint.Wait(6, TimeSpan.FromSeconds(1)));
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5)), (WebhookEndpoint.Hold(1), WebhookEndpoint.Hold(1_000_000)));
    }

}
