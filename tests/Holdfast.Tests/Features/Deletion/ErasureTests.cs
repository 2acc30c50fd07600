using System.Text.Json;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>From the due moment to the receipt.</summary>
public sealed class ErasureTests
{
    private static async Task<string> Begin(TestApp app, Person person, Visitor? visitor = null)
    {
        await Leaving.Ask(visitor ?? await app.SignedIn(person));
        var again = await app.SignedIn(person);
        (await again.Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        return (await app.Db.Read(tx => tx.One<string>("SELECT id FROM deletions WHERE account_id = @Id ORDER BY id DESC LIMIT 1", new { person.Id })))!;
    }

    [Theory, Engines]
    public async Task Each_system_is_told_in_order_by_a_signed_call_and_the_receipt_says_what_it_answered(string engine)
    {
        await using var first = await OtherSystem.Start();
        await using var second = await OtherSystem.Start();
        first.Answer = OtherSystem.Says("""{"message":"212 bookings erased.","kept":["3 invoices, until 2036"]}""");
        var settings = Leaving.Tells(first);
        foreach (var (key, value) in Leaving.Tells(second, "files")) settings[key] = value;
        settings["Deletion:files:Name"] = "Files";
        settings["Deletion:Connectors"] = "bookings, files";
        await using var app = await TestApp.Start(engine, settings);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        var id = (await Leaving.Open(app, person))!.Id;
        await Leaving.PassGrace(app);
        var done = await Leaving.Finish(app, id);
        var (toFirst, toSecond) = (Assert.Single(first.Received), Assert.Single(second.Received));
        var message = JsonDocument.Parse(toFirst.Body).RootElement;
        Assert.Equal(("account.erase", person.Id, person.Email, done.Label), (message.GetProperty("type").GetString(), message.GetProperty("data").GetProperty("account").GetString(), message.GetProperty("data").GetProperty("email").GetString(), message.GetProperty("data").GetProperty("deletion").GetString()));
        Assert.NotEqual(toFirst.Header("webhook-id"), toSecond.Header("webhook-id"));
        // Both keys sign, each as the standard says.
        var signatures = toFirst.Header("webhook-signature")!.Split(' ');
        Assert.Equal(2, signatures.Length);
        foreach (var (signature, secret) in signatures.Zip([Leaving.NewSecret, Leaving.OldSecret]))
        {
            var signed = $"{toFirst.Header("webhook-id")}.{toFirst.Header("webhook-timestamp")}.{toFirst.Body}";
            Assert.Equal("v1," + Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), System.Text.Encoding.UTF8.GetBytes(signed))), signature);
        }
        var letters = await app.Letters(person.Email);
        var last = letters.Single(l => l.Subject == "Your account has been deleted");
        Assert.Contains("212 bookings erased.", last.Text, StringComparison.Ordinal);
        var address = last.Text.Split('\n').Select(line => line.Trim()).Single(line => line.Contains("/receipts/rc_", StringComparison.Ordinal));
        var page = await app.Visitor().Open(new Uri(address).PathAndQuery);
        Assert.Contains(done.Label, page.Text, StringComparison.Ordinal);
        Assert.Contains("3 invoices, until 2036", page.Text, StringComparison.Ordinal);
        var json = (await app.Visitor().Get($"{new Uri(address).PathAndQuery}?handler=Json")).Expect(200);
        Assert.Equal("212 bookings erased.", json.Json.GetProperty("systems")[0].GetProperty("said").GetString());
        foreach (var text in new[] { page.Text, json.Body, done.Receipt! }) foreach (var trace in new[] { person.Id, person.Email, "Tomasz", "Wiśniewski" }) Assert.DoesNotContain(trace, text, StringComparison.OrdinalIgnoreCase);
        (await app.Visitor().Get("/receipts/rc_" + new string('A', 43))).Expect(404);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");
        // The address is free again.
        await app.AddAccount(person.Email);
    }

    [Theory, Engines]
    public async Task A_system_that_answers_500_a_hundred_times_is_asked_with_one_key_shown_to_operators_and_never_skipped(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(500);
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var person = await app.AddAccount();
        var boss = await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt");
        var id = await Begin(app, person);
        for (var i = 0; i < 60 && (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings").NextTryAt is not null; i++)
        {
            await Leaving.Run(app);
            app.Clock.Advance(TimeSpan.FromHours(8));
        }
        var step = (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings");
        Assert.True(step.WaitsForOperator && step.Tries > 15, $"{step.Tries} tries, next {step.NextTryAt}");
        Assert.Contains(await app.Letters(boss.Email), l => l.Subject.Contains("Bookings", StringComparison.Ordinal));
        // An operator may ask as often as they like.
        var operatorBrowser = await app.SignedIn(boss);
        var page = await operatorBrowser.Open($"/operator/erasures/{id}");
        while (system.Received.Count < 100)
        {
            (await operatorBrowser.Post($"/api/v1/operator/erasures/{id}/steps/{step.Position}/try")).Expect(204);
            await Leaving.Run(app);
            await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings").ClaimedUntil == DateTimeOffset.UnixEpoch);
        }
        Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
        Assert.Equal(DeletionState.Erasing, (await Leaving.Case(app, id)).State);
        Assert.Contains("has not acknowledged", page.Text, StringComparison.Ordinal);
        Assert.Contains("500", page.Text, StringComparison.Ordinal);
        system.Answer = OtherSystem.Status(204);
        (await operatorBrowser.Post($"/api/v1/operator/erasures/{id}/steps/{step.Position}/try")).Expect(204);
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, id)).State);
        Assert.Single(await app.Letters(person.Email), l => l.Subject == "Your account has been deleted");
    }

    [Theory, Engines]
    public async Task By_itself_it_asks_a_hundred_times_with_one_key_before_it_waits_for_an_operator(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(500);
        var settings = Leaving.Tells(system);
        settings["Deletion:TryForDays"] = "30";
        await using var app = await TestApp.Start(engine, settings);
        await app.AddAccount("somebody@almondbirch.example");
        var person = await app.AddAccount();
        var id = await Begin(app, person);
        ErasureStep step;
        var (tries, waits) = (0, new List<TimeSpan>());
        while ((step = (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings")).NextTryAt is { } next && tries < 99)
        {
            if (step.Tries > 0) waits.Add(next - step.LastTryAt!.Value);
            if (next > app.Now) app.Clock.Advance(next - app.Now);
            await Leaving.Run(app);
            await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings") is { ClaimedUntil: var until } now && until == DateTimeOffset.UnixEpoch && now.Tries > tries);
            tries++;
        }
        Assert.Equal(system.Received.Count, step.Tries);
        Assert.True(tries > 90, $"{tries} tries");
        Assert.Equal(waits.Order(), waits);
        Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
        system.Answer = OtherSystem.Status(200);
        app.Clock.Advance(TimeSpan.FromHours(8));
        if (step.NextTryAt is not null) Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, id)).State);
    }

    [Theory, Engines]
    public async Task A_gigabyte_that_acknowledges_a_trickle_and_a_closed_door_are_answers_like_others(string engine)
    {
        await using var system = await OtherSystem.Start();
        var settings = Leaving.Tells(system);
        settings["Deletion:ConnectorTimeout"] = "1s";
        // Nobody listens there.
        settings["Deletion:bookings:Url"] = $"http://127.0.0.1:{Cli.HoldfastProcess.FreePort()}/erase";
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        string id;
        Person person;
        await using (var app = await TestApp.Start(engine, settings, clock, database))
        {
            person = await app.AddAccount();
            id = await Begin(app, person);
            await Leaving.Run(app);
            await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings").IsFailing);
            Assert.Contains("no answer", Assert.Single(await app.Db.Read(tx => ErasureStepTable.Tries(tx, person.Id, id, 5))).Answer, StringComparison.Ordinal);
        }
        settings["Deletion:bookings:Url"] = new Uri(system.Address, "/erase").ToString();
        await using var again = await TestApp.Start(engine, settings, clock, database);
        system.Answer = async (context, _) =>
        {
            for (; !context.RequestAborted.IsCancellationRequested; await Task.Delay(50, context.RequestAborted)) await context.Response.WriteAsync("x", context.RequestAborted);
        };
        again.Clock.Advance(TimeSpan.FromHours(8));
        await Leaving.Run(again);
        await Until(async () => (await Leaving.Steps(again, await Leaving.Case(again, id))).Single(s => s.Connector == "bookings") is { Tries: >= 2, IsFailing: true });
        Assert.Contains("no answer in 1 seconds", (await again.Db.Read(tx => ErasureStepTable.Tries(tx, person.Id, id, 1))).Single().Answer, StringComparison.Ordinal);
        var sent = 0L;
        system.Answer = async (context, _) =>
        {
            var block = new byte[64 * 1024];
            for (var i = 0; i < 16 * 1024 && !context.RequestAborted.IsCancellationRequested; i++, sent += block.Length)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
                // What is written to a line that is closed goes nowhere and fails not: its end is heard of between two blocks.
                await Task.Delay(1, context.RequestAborted);
            }
        };
        again.Clock.Advance(TimeSpan.FromHours(8));
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(again, id)).State);
        // Not to its end: nobody listened.
        Assert.InRange(sent, 1, 1023L * 1024 * 1024);
    }

    [Theory, Engines]
    public async Task A_stuck_deletion_stands_first_however_many_others_wait(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(500);
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var boss = await app.SignedIn(await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt"));
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < LookAtErasures.MostOpen + 5; i++)
            {
                var (account, id) = (Ids.New(app.Now), Ids.New(app.Now));
                await DeletionTable.Insert(tx, new DeletionCase { AccountId = account, Id = id, Number = await DeletionTable.NextNumber(tx), State = DeletionState.Grace, AskedAt = app.Now.AddDays(-1), DueAt = app.Now.AddDays(29) });
            }
            return 0;
        });
        var stuck = await Begin(app, await app.AddAccount());
        await Leaving.Run(app);
        await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, stuck))).Single(s => s.Connector == "bookings").IsFailing);
        var first = (await boss.Get("/api/v1/operator/erasures")).Expect(200).Json.GetProperty("open")[0];
        Assert.Equal((stuck, "stuck"), (first.GetProperty("id").GetString(), first.GetProperty("standing").GetString()));
    }

    [Theory, Engines]
    public async Task A_step_is_closed_by_hand_with_a_word_a_proof_and_a_reason_that_the_person_reads(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Status(503);
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var person = await app.AddAccount();
        var boss = await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt");
        var operatorBrowser = await app.SignedIn(boss);
        var id = await Begin(app, person);
        await Leaving.Run(app);
        await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).Single(s => s.Connector == "bookings").IsFailing);
        Task<Answer> Close(int position, string confirm, string reason) => operatorBrowser.Post($"/api/v1/operator/erasures/{id}/steps/{position}/close", new { reason, confirm });
        (await Close(2001, "close 1", "The list was shut down.")).Expect(400, "erasure.confirm");
        (await Close(2001, "CLOSE 1", "")).Expect(400, "form.required");
        (await Close(2001, "CLOSE 1", $"{person.Name} asked for it")).Expect(400, "erasure.names_person");
        (await Close(2002, "CLOSE 2", "Never the account itself.")).Expect(409, "erasure.not_this");
        app.Clock.Advance(TimeSpan.FromMinutes(20));
        (await Close(2001, "CLOSE 1", "The list was shut down.")).Expect(403, "step_up.required");
        (await operatorBrowser.StepUp(boss.Password)).Expect(200);
        (await (await app.SignedIn(await app.AddAccount("nobody@quayside.example"))).Post($"/api/v1/operator/erasures/{id}/steps/2001/close", new { reason = "x", confirm = "CLOSE 1" })).Expect(404);
        var page = await operatorBrowser.Open($"/operator/erasures/{id}");
        page = await page.Submit($"form[action='/operator/erasures/{id}?handler=Close']", ("reason", "The list was shut down."), ("confirm", "CLOSE 1"));
        Assert.Contains("closed by hand", page.Text, StringComparison.Ordinal);
        var done = await Leaving.Finish(app, id);
        Assert.Contains("closed_by_hand", done.Receipt, StringComparison.Ordinal);
        Assert.Contains(await app.Letters(person.Email), l => string.Join(' ', l.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).Contains("The list was shut down.", StringComparison.Ordinal));
        (await operatorBrowser.Get($"/operator/erasures/{id}")).Expect(200);
    }

    [Theory, Engines]
    public async Task Slow_redirecting_and_endless_answers_are_failures_that_hurt_nobody(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var trap = await OtherSystem.Start();
        var settings = Leaving.Tells(system);
        settings["Deletion:ConnectorTimeout"] = "1s";
        await using var app = await TestApp.Start(engine, settings);
        var person = await app.AddAccount();
        system.Answer = (context, _) =>
        {
            (context.Response.StatusCode, context.Response.Headers.Location) = (307, new Uri(trap.Address, "/erase").ToString());
            return Task.CompletedTask;
        };
        var id = await Begin(app, person);
        var seen = new List<string>();
        async Task Next(Func<Microsoft.AspNetCore.Http.HttpContext, string, Task> answer)
        {
            await Until(async () => (await Leaving.Steps(app, await Leaving.Case(app, id))).SingleOrDefault(s => s.Connector == "bookings") is { IsFailing: true });
            seen.AddRange((await app.Db.Read(tx => ErasureStepTable.Tries(tx, person.Id, id, 1))).Select(t => t.Answer));
            system.Answer = answer;
            app.Clock.Advance(TimeSpan.FromHours(8));
            await Leaving.Run(app);
        }
        await Leaving.Run(app);
        await Next((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await Next(async (context, _) =>
        {
            context.Response.StatusCode = 500;
            var block = new byte[1024 * 1024];
            for (var i = 0; i < 1024 && !context.RequestAborted.IsCancellationRequested; i++) await context.Response.Body.WriteAsync(block, context.RequestAborted);
        });
        // Not read: what one server takes of it is what lies in buffers.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 200 * 1024 * 1024);
        await Next(OtherSystem.Status(200));
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, id)).State);
        Assert.Empty(trap.Received);
        Assert.Collection(seen, one => Assert.Contains("307", one, StringComparison.Ordinal), two => Assert.Contains("no answer in 1 seconds", two, StringComparison.Ordinal), three => Assert.Contains("500", three, StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_system_built_into_the_program_is_told_like_any_other(string engine)
    {
        var connector = new InProcess();
        await using var app = await TestApp.Start(engine, connectors: [connector]);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        await Leaving.Run(app);
        await Until(() => Task.FromResult(connector.Told.Contains("hold")));
        (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token = await app.LastLink(person.Email, "/keep-account") })).Expect(204);
        await Leaving.Run(app);
        await Until(() => Task.FromResult(connector.Told.Contains("release remembered")));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var done = await Leaving.Finish(app, await Begin(app, person));
        Assert.Contains("erase", connector.Told);
        // What it says of the person is left out.
        Assert.DoesNotContain(person.Email, done.Receipt!, StringComparison.Ordinal);
    }

    private sealed class InProcess : IErasureConnector
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Told { get; } = new();

        public string Key => "in-process";

        public string Name => "In process";

        public IReadOnlyList<string> Deletes => ["Notes"];

        public IReadOnlyList<string> Keeps => [];

        public bool Holds => true;

        public async Task<ConnectorAnswer> Tell(ErasureOrder order, CancellationToken stop)
        {
            if (order.Phase == ErasurePhase.Hold) await order.Remember("remembered");
            Told.Enqueue(order.Phase == ErasurePhase.Release ? $"{order.Phase} {order.Memo}" : order.Phase);
            return new ConnectorAnswer.Done($"Erased the notes of {order.Email}", []);
        }
    }

    internal static async Task Until(Func<Task<bool>> isTrue)
    {
        for (var tries = 0; !await isTrue(); tries++)
        {
            if (tries > 600) throw new TimeoutException("Waited long");
            await Task.Delay(25);
        }
    }
}
