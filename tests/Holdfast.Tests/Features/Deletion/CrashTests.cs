using System.Collections.Concurrent;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Storage;
using Holdfast.Tests.Cli;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>Servers that die, and servers that are two: the end is the same, and nobody is told twice with another key.</summary>
public sealed class CrashTests
{
    /// <summary>A process of its own for each place, killed by the signal that nothing can catch, and then a server that finds what was left.</summary>
    [Theory, Engines]
    public async Task Killed_at_each_place_of_a_deletion_the_next_start_ends_in_the_same_state(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Says("""{"message":"erased","kept":["nothing"]}""");
        await using var database = await TestDatabase.Make(engine);
        var (settings, clock) = (Leaving.Tells(system), new FakeClock());
        var places = new ConcurrentQueue<string>();
        string expected;
        await using (var app = await TestApp.Start(engine, settings, clock, database))
        {
            app.Get<ErasureProbe>().At = places.Enqueue;
            var leaver = await Leaver.Ask(app, "nobody-dies@almondbirch.example");
            expected = await Left(app, leaver, await Leaving.GoOn(app, leaver.DeletionId));
        }
        var seen = places.Distinct().ToList();
        Assert.True(seen.Count >= 15, string.Join(", ", seen));
        foreach (var place in seen)
        {
            system.Received.Clear();
            Leaver leaver;
            await using (var app = await TestApp.Start(engine, settings, clock, database)) leaver = await Leaver.Ask(app, $"{Name(place)}@almondbirch.example");
            Assert.True(await DyingServer.Run(database, settings, clock.GetUtcNow(), leaver.DeletionId, place), $"{place} was not reached");
            await using var next = await TestApp.Start(engine, settings, clock, database);
            // Time has passed for the dead one: letters that it was about to send are due from there on.
            var last = DateTimeOffset.FromUnixTimeMilliseconds(await next.Db.Read(tx => tx.Count("SELECT MAX(at) FROM audit_entries")));
            if (last > next.Now) next.Clock.Advance(last - next.Now);
            var done = await Leaving.GoOn(next, leaver.DeletionId);
            // Letters that the dead one was about to send are tried again when its claim is over.
            next.Clock.Advance(TimeSpan.FromHours(1));
            var left = await Left(next, leaver, done);
            Assert.True(expected == left, $"Killed at {place}:\n{left}\nand not:\n{expected}");
            Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
        }
    }

    private static string Name(string place) => string.Concat(place.Where(c => c is >= 'a' and <= 'z'));

    /// <summary>Somebody with two-factor who has asked for their deletion, with a workspace that goes and one that is handed over.</summary>
    private sealed record Leaver(Person Person, string DeletionId, Crew Handed, Crew Gone)
    {
        public static async Task<Leaver> Ask(TestApp app, string email)
        {
            var crew = await Crew.Found(app);
            var (person, heir) = (await crew.Add("owner", email), await crew.Add("member"));
            var gone = await Crew.Found(app, "Harbour Co-op");
            await gone.Join(person, "owner");
            await gone.Join(heir, "member");
            var visitor = await app.SignedIn(person);
            await app.Enrol(visitor);
            await Leaving.Ask(visitor, new { confirm = "DELETE", workspaces = new object[] { new { id = crew.Id, handTo = heir.Email }, new { id = gone.Id } } });
            return new Leaver(person, (await Leaving.Open(app, person))!.Id, crew, gone);
        }
    }

    /// <returns>All that is left in the end, but for ids and moments.</returns>
    private static async Task<string> Left(TestApp app, Leaver leaver, DeletionCase done)
    {
        var (person, handed, gone) = (leaver.Person, leaver.Handed, leaver.Gone);
        var lines = new List<string>();
        foreach (var step in await Leaving.Steps(app, done)) lines.Add($"{step.Phase} {step.Connector} {step.State} “{step.Said}” “{step.Kept}”");
        lines.AddRange((await app.Db.Read(tx => tx.Many<string>("SELECT kind FROM audit_entries WHERE account_id = @Id", new { person.Id }))).Order(StringComparer.Ordinal));
        lines.AddRange((await app.Letters(person.Email)).Select(letter => letter.Subject.Split(" on ")[0]).Order(StringComparer.Ordinal));
        // When entries get their place in the chain is the sealer's to say, not the deletion's.
        foreach (var table in ErasedRowsTable.All.Select(rows => rows.Table).Distinct().Except(["audit_queue", "audit_chain", "audit_heads"]))
        {
            var rows = (await app.Db.Read(tx => tx.Many<object>($"SELECT * FROM {table}"))).Cast<IDictionary<string, object?>>().Select(row => string.Join(' ', row.Values.Where(v => v is not byte[]).Select(v => Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture))));
            lines.Add($"{table}: {rows.Count(row => row.Contains(person.Id, StringComparison.Ordinal) || row.Contains(gone.Id, StringComparison.Ordinal) || row.Contains(person.Email, StringComparison.OrdinalIgnoreCase))}");
        }
        lines.Add($"memos: {await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM erasure_steps WHERE account_id = @Id AND memo IS NOT NULL", new { person.Id }))}");
        lines.Add($"owners: {await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM members WHERE workspace_id = @Id AND role = 'owner'", new { handed.Id }))}");
        lines.Add($"listed: {(await app.Get<ErasedList>().All()).Count(entry => entry.AccountId == person.Id)}");
        var receipt = System.Text.Json.JsonDocument.Parse(done.Receipt!).RootElement;
        lines.Add(receipt.GetProperty("account").ToString());
        foreach (var one in receipt.GetProperty("systems").EnumerateArray()) lines.Add($"{one.GetProperty("name")} {one.GetProperty("how")} {one.GetProperty("said")} {one.GetProperty("kept")}");
        return string.Join('\n', lines);
    }

    [Fact]
    public async Task Really_killed_in_the_middle_of_a_call_the_next_start_goes_on_with_the_same_key()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await using var system = await OtherSystem.Start();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.Answer = async (context, _) => { told.TrySetResult(); await Task.Delay(Timeout.Infinite, context.RequestAborted); };
        var settings = Leaving.Tells(system);
        settings["Deletion:ConnectorTimeout"] = "30s";
        string id, email;
        await using (var app = await TestApp.Start(TestDatabase.Sqlite, settings, database: database))
        {
            var person = await app.AddAccount();
            await Leaving.Ask(await app.SignedIn(person));
            (id, email) = ((await Leaving.Open(app, person))!.Id, person.Email);
        }
        await File.WriteAllTextAsync(Path.Combine(database.Folder, "holdfast.json"), System.Text.Json.JsonSerializer.Serialize(settings));
        var port = HoldfastProcess.FreePort();
        await using (var server = await HoldfastProcess.Serve("--data", database.Folder, "--port", $"{port}"))
        {
            using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = new Uri(server.Address) };
            var visitor = new Visitor(http, new LogCapture());
            (await visitor.SignIn(email, TestApp.Password)).Expect(204);
            (await visitor.Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await told.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await server.Kill();
        }
        system.Answer = OtherSystem.Status(200);
        await using (await HoldfastProcess.Serve("--data", database.Folder, "--port", $"{port}"))
        {
            await using var looker = Engine.OpenReadOnly(TestSettings.Read(database.Settings()));
            var db = new Db(looker, new Announcements(TimeProvider.System));
            await ErasureTests.Until(async () => (await db.Read(tx => DeletionTable.ById(tx, id)))?.State == DeletionState.Done);
        }
        Assert.True(system.Received.Count >= 2);
        Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(database.Folder, "keys", "erased.list")));
    }

    [Fact]
    public async Task Two_nodes_on_one_queue_tell_each_system_once()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres);
        await using var system = await OtherSystem.Start();
        var clock = new FakeClock();
        await using var a = await TestApp.Start(TestDatabase.Postgres, Leaving.Tells(system), clock, database);
        var settings = Leaving.Tells(system);
        settings["Deletion:ListPath"] = Path.Combine(database.Folder, "b", "erased.list");
        await using var b = await TestApp.Start(TestDatabase.Postgres, settings, clock, database);
        var ids = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            var person = await a.AddAccount($"leaver-{i}@almondbirch.example");
            await Leaving.Ask(await a.SignedIn(person));
            ids.Add((await Leaving.Open(a, person))!.Id);
        }
        await Leaving.PassGrace(a);
        await Task.WhenAll(Enumerable.Range(0, 6).SelectMany(_ => new[] { Leaving.Run(a), Leaving.Run(b) }));
        foreach (var id in ids) Assert.Equal(DeletionState.Done, (await Leaving.Finish(a, id)).State);
        Assert.Equal(12, system.Received.Count);
        Assert.Equal(12, system.Received.Select(r => r.Header("webhook-id")).Distinct().Count());
        // Each node has the whole list.
        await Leaving.Run(b);
        await Leaving.Run(a);
        foreach (var node in new[] { a, b }) Assert.Equal(ids.Order(), (await node.Get<ErasedList>().All()).Select(e => e.DeletionId).Distinct().Order());
    }
}
