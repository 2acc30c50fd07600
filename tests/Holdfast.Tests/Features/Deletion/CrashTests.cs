using System.Collections.Concurrent;
using Holdfast.Features.Accounts;
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
    [Theory, Engines]
    public async Task Killed_at_each_place_of_a_deletion_the_next_run_ends_it_the_same_way(string engine)
    {
        await using var system = await OtherSystem.Start();
        system.Answer = OtherSystem.Says("""{"message":"erased"}""");
        await using var app = await TestApp.Start(engine, Leaving.Tells(system));
        var probe = app.Get<ErasureProbe>();
        var places = new ConcurrentQueue<string>();
        probe.At = places.Enqueue;
        async Task<DeletionCase> Delete(string email)
        {
            var person = await app.AddAccount(email);
            await Leaving.Ask(await app.SignedIn(person));
            var id = (await Leaving.Open(app, person))!.Id;
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            for (var tries = 0; ; tries++)
            {
                try
                {
                    await Leaving.Run(app);
                }
                catch (ErasureProbe.DiedHere)
                {
                    // As a server that is gone: the step is still claimed.
                }
                if (!(await Leaving.Case(app, id)).IsOpen) break;
                Assert.True(tries < 200, "It never ends");
                app.Clock.Advance(ErasureStep.Lease);
                await Task.Delay(10);
            }
            Assert.Null(await app.Db.Read(tx => AccountTable.ById(tx, person.Id)));
            Assert.Single(await app.Letters(email), l => l.Subject == "Your account has been deleted");
            Assert.Single(app.Get<ErasedList>().All(), entry => entry.AccountId == person.Id);
            return await Leaving.Case(app, id);
        }
        await Delete("nobody-dies@almondbirch.example");
        var seen = places.Distinct().ToList();
        Assert.True(seen.Count >= 8, string.Join(", ", seen));
        foreach (var place in seen)
        {
            var died = 0;
            system.Received.Clear();
            probe.At = reached => { if (reached == place && Interlocked.Exchange(ref died, 1) == 0) throw new ErasureProbe.DiedHere(place); };
            var done = await Delete($"{place.Replace(' ', '-')}@almondbirch.example");
            Assert.Equal(1, died);
            Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
            Assert.Contains("\"said\":\"erased\"", done.Receipt, StringComparison.Ordinal);
        }
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
        foreach (var node in new[] { a, b }) Assert.Equal(ids.Order(), node.Get<ErasedList>().All().Select(e => e.DeletionId).Distinct().Order());
    }

    [Theory, Engines]
    public async Task After_an_older_backup_is_restored_the_deletions_since_are_made_again_before_anybody_can_sign_in(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var system = await OtherSystem.Start();
        var clock = new FakeClock();
        Person person, other;
        string id;
        string? first;
        await using (var app = await TestApp.Start(engine, Leaving.Tells(system), clock, database))
        {
            (person, other) = (await app.AddAccount(), await app.AddAccount("other@almondbirch.example"));
            await Leaving.Ask(await app.SignedIn(person));
            id = (await Leaving.Open(app, person))!.Id;
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await Leaving.Finish(app, id);
            first = system.Received.Single().Header("webhook-id");
            // As a backup from before it brings them back: the row, and nothing of the deletion.
            await app.Db.Write(async tx =>
            {
                await tx.Execute("DELETE FROM erasure_steps");
                await tx.Execute("DELETE FROM deletions");
                await AccountTable.Insert(tx, new Account { Id = person.Id, Email = person.Email, Name = person.Name, CreatedAt = app.Now });
                return 0;
            });
        }
        await using var again = await TestApp.Start(engine, Leaving.Tells(system), clock, database);
        var back = (await again.Db.Read(tx => AccountTable.ById(tx, person.Id)));
        Assert.True(back is null or { ErasingAt: not null });
        var done = await Leaving.Finish(again, id);
        Assert.Equal(BegunBy.Restore, done.BegunBy);
        Assert.Null(await again.Db.Read(tx => AccountTable.ById(tx, person.Id)));
        Assert.Equal([first, first], system.Received.Select(r => r.Header("webhook-id")));
        Assert.Single(await again.Letters(person.Email), l => l.Subject == "Your account has been deleted");
        (await (await again.SignedIn(other)).Get("/account/security")).Expect(200);
    }

    [Fact]
    public async Task A_torn_line_of_the_list_is_no_entry_and_spoils_no_other()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var path = Path.Combine(database.Folder, "erased.list");
        var (account, deletion) = (Ids.New(TimeProvider.System.GetUtcNow()), Ids.New(TimeProvider.System.GetUtcNow()));
        await File.WriteAllTextAsync(path, $"{account} {deletion} 17");
        new ErasedList(path).Add(new ErasedEntry(deletion, account, DateTimeOffset.UnixEpoch.AddDays(1)));
        await File.AppendAllTextAsync(path, $"{account} not-an-id 12\n{account}");
        var entries = ErasedList.Read(path, out var unread);
        Assert.Equal((2, 2), (entries.Count, unread));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path) & ~(UnixFileMode.GroupRead | UnixFileMode.OtherRead));
    }
}
