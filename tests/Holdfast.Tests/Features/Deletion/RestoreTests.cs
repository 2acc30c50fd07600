using System.Text.RegularExpressions;
using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Storage;
using Holdfast.Tests.Cli;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>An older backup comes back: who was deleted since is deleted again, and the same is left as the first time.</summary>
public sealed class RestoreTests
{
    private static string ReceiptIn(string text) => Regex.Match(text, @"/receipts/rc_[A-Za-z0-9_-]{43}", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;

    private static Task<List<string>> Owners(TestApp app, Crew crew) => app.Db.Read(tx => tx.Many<string>("SELECT account_id FROM members WHERE workspace_id = @Id AND role = 'owner'", new { crew.Id }));

    private static async Task<string> DeleteNow(TestApp app, Person person, Phone phone, object? body = null)
    {
        await Leaving.Ask(await app.SignedIn(person, phone), body);
        var id = (await Leaving.Open(app, person))!.Id;
        (await (await app.SignedIn(person, phone)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        await Leaving.Finish(app, id);
        return id;
    }

    [Theory, Engines]
    public async Task Deletions_since_are_made_again_before_anybody_signs_in_and_workspaces_are_as_they_were_decided(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var system = await OtherSystem.Start();
        var clock = new FakeClock();
        Person owner, heir, member;
        Crew handed, gone;
        Phone phone;
        DeletionCase first;
        string receipt;
        await using (var app = await TestApp.Start(engine, Leaving.Tells(system), clock, database))
        {
            (handed, gone) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
            (owner, heir, member) = (await handed.Add("owner"), await handed.Add("member", "heir@almondbirch.example", "Giulia Ferraro"), await gone.Add("member", "member@almondbirch.example"));
            await handed.Add("admin", "likely@almondbirch.example");
            await gone.Join(owner, "owner");
            phone = await app.Enrol(await app.SignedIn(owner));
            // No letter is under way when the server stops: on a clock that stands still nobody would take it up.
            await app.Letters(owner.Email);
        }
        await database.Backup();
        await using (var app = await TestApp.Start(engine, Leaving.Tells(system), clock, database))
        {
            first = await Leaving.Case(app, await DeleteNow(app, owner, phone, new { confirm = "DELETE", workspaces = new object[] { new { id = handed.Id, handTo = heir.Email }, new { id = gone.Id } } }));
            receipt = ReceiptIn((await app.Letters(owner.Email)).Single(l => l.Subject == "Your account has been deleted").Text);
        }
        await database.Restore();
        await using var again = await TestApp.Start(engine, Leaving.Tells(system), clock, database);
        // Before anything ran: nobody gets in any more, and the workspace that goes is closed.
        (await again.Visitor().SignIn(owner.Email, owner.Password)).Expect(401);
        (await (await again.SignedIn(member)).Get(gone.Page)).Expect(404);
        var done = await Leaving.Finish(again, first.Id);
        Assert.Equal((BegunBy.Restore, first.Number, DeletionState.Done), (done.BegunBy, done.Number, done.State));
        Assert.Null(await again.Db.Read(tx => AccountTable.ById(tx, owner.Id)));
        // The systems know the key, and the letter leads to the receipt.
        Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
        Assert.Equal(2, system.Received.Count);
        (await again.Visitor().Get(receipt)).Expect(200);
        // Who took over then owns it now, and not who would have come first.
        Assert.Equal([heir.Id], await Owners(again, handed));
        (await (await again.SignedIn(heir)).Get("/account/security")).Expect(200);
        Assert.Equal(0, await again.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM workspaces WHERE id = @Id", new { gone.Id })));
        // A new deletion has a number that no receipt has.
        var other = await again.AddAccount("other@almondbirch.example");
        await Leaving.Ask(await again.SignedIn(other));
        Assert.True((await Leaving.Open(again, other))!.Number > first.Number);
    }

    [Theory, Engines]
    public async Task A_list_that_tells_nothing_of_workspaces_leaves_none_without_an_owner_and_operators_hear_of_it(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        var clock = new FakeClock();
        Person owner, likely, boss;
        Crew crew, alone;
        await using (var app = await TestApp.Start(engine, clock: clock, database: database))
        {
            (crew, alone) = (await Crew.Found(app), await Crew.Found(app, "Just me"));
            (owner, likely) = (await crew.Add("owner"), await crew.Add("admin", "likely@almondbirch.example", "Mara Lindqvist"));
            await alone.Join(owner, "owner");
            boss = await CaseSetup.MakeOperator(app, "ada@quayside.example", "Ada Brandt");
            // As older versions wrote it.
            await File.WriteAllTextAsync(app.Settings.Deletion.ListPath, $"{owner.Id} {Ids.New(app.Now)} {app.Now.ToUnixTimeMilliseconds()}\n");
        }
        await using var again = await TestApp.Start(engine, clock: clock, database: database);
        await Leaving.Run(again);
        await ErasureTests.Until(async () => await again.Db.Read(tx => AccountTable.ById(tx, owner.Id)) is null);
        Assert.Equal([likely.Id], await Owners(again, crew));
        Assert.Equal(0, await again.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM workspaces WHERE id = @Id", new { alone.Id })));
        Assert.Contains(await again.Letters(boss.Email), l => l.Subject.Contains("Almond & Birch", StringComparison.Ordinal) && l.Text.Contains("Mara Lindqvist", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_backup_from_the_days_of_grace_of_a_deletion_that_was_called_off_brings_back_neither(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using var system = await OtherSystem.Start();
        var clock = new FakeClock();
        Person person;
        string offId, id, token;
        await using (var app = await TestApp.Start(engine, Leaving.Tells(system), clock, database))
        {
            person = await app.AddAccount();
            await Leaving.Ask(await app.SignedIn(person));
            offId = (await Leaving.Open(app, person))!.Id;
            token = await app.LastLink(person.Email, "/keep-account");
        }
        await database.Backup();
        await using (var app = await TestApp.Start(engine, Leaving.Tells(system), clock, database))
        {
            (await app.Visitor().Post($"{Leaving.Api}/keep-by-link", new { token })).Expect(204);
            await Leaving.Ask(await app.SignedIn(person));
            id = (await Leaving.Open(app, person))!.Id;
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await Leaving.Finish(app, id);
        }
        await database.Restore();
        await using var again = await TestApp.Start(engine, Leaving.Tells(system), clock, database);
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(again, id)).State);
        Assert.Equal(DeletionState.Kept, (await Leaving.Case(again, offId)).State);
        Assert.Single(system.Received.Select(r => r.Header("webhook-id")).Distinct());
    }

    [Fact]
    public async Task A_session_of_the_backup_opens_nothing()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var clock = new FakeClock();
        Visitor signedIn;
        Person person;
        string cookie;
        await using (var app = await TestApp.Start(TestDatabase.Sqlite, clock: clock, database: database))
        {
            person = await app.AddAccount();
            signedIn = await app.SignedIn(person);
            cookie = signedIn.Token;
        }
        await database.Backup();
        await using (var app = await TestApp.Start(TestDatabase.Sqlite, clock: clock, database: database))
        {
            await Leaving.Ask(await app.SignedIn(person));
            var id = (await Leaving.Open(app, person))!.Id;
            (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await Leaving.Finish(app, id);
        }
        await database.Restore();
        await using var again = await TestApp.Start(TestDatabase.Sqlite, clock: clock, database: database);
        Assert.Equal(0, await again.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sessions WHERE token_hash = @hash AND ended_at IS NULL", new { hash = TestApp.HashOf(cookie) })));
        Assert.Equal(0, await again.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM passwords WHERE account_id = @Id", new { person.Id })));
    }

    [Fact]
    public async Task The_command_takes_the_lists_of_other_nodes_into_the_servers_own()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var now = TimeProvider.System.GetUtcNow();
        var other = Path.Combine(database.Folder, "other.list");
        ErasedEntry[] theirs = [new(Ids.New(now), Ids.New(now), now, 7, [new WorkspaceFate { WorkspaceId = Ids.New(now), HeirId = Ids.New(now) }, new WorkspaceFate { WorkspaceId = Ids.New(now) }]), new(Ids.New(now), Ids.New(now), now, 8, [])];
        foreach (var entry in theirs) Assert.True(await new ErasedList(other).Add(entry));
        await File.AppendAllTextAsync(other, "something else\n");
        var ended = await HoldfastProcess.Run("erasure", "replay", "--list", other, "--data", database.Folder);
        Assert.Equal(0, ended.Code);
        var own = await new ErasedList(Path.Combine(database.Folder, "keys", "erased.list")).All();
        Assert.Equal(theirs.Select(entry => entry.ToString()), own.Select(entry => entry.ToString()));
        ended = await HoldfastProcess.Run("erasure", "replay", "--list", other, "--data", database.Folder);
        Assert.Equal(2, (await new ErasedList(Path.Combine(database.Folder, "keys", "erased.list")).All()).Count);
    }

    [Fact]
    public async Task A_torn_line_of_the_list_is_no_entry_and_spoils_no_other()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var path = Path.Combine(database.Folder, "erased.list");
        var (account, deletion) = (Ids.New(TimeProvider.System.GetUtcNow()), Ids.New(TimeProvider.System.GetUtcNow()));
        await File.WriteAllTextAsync(path, $"{account} {deletion} 17");
        Assert.True(await new ErasedList(path).Add(new ErasedEntry(deletion, account, DateTimeOffset.UnixEpoch.AddDays(1), 3, [])));
        await File.AppendAllTextAsync(path, $"{account} not-an-id 12\n{account}");
        var (entries, unread) = await ErasedList.Read(path);
        Assert.Equal((2, 2), (entries.Count, unread));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path) & ~(UnixFileMode.GroupRead | UnixFileMode.OtherRead));
    }

    [Fact]
    public async Task Two_nodes_on_one_list_lose_no_line_and_write_none_twice()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var path = Path.Combine(database.Folder, "shared", "erased.list");
        var now = TimeProvider.System.GetUtcNow();
        var entries = Enumerable.Range(0, 60).Select(i => new ErasedEntry(Ids.New(now), Ids.New(now), now, i, [])).ToList();
        // Each node writes all of them, from both ends.
        ErasedList[] nodes = [new(path), new(path)];
        await Task.WhenAll(Task.Run(() => All(nodes[0], entries)), Task.Run(() => All(nodes[1], Enumerable.Reverse(entries))), Task.Run(async () => { for (var i = 0; i < 20; i++) await ErasedList.Read(path); }));
        Assert.Equal(entries.Select(e => e.DeletionId).Order(), (await nodes[0].All()).Select(e => e.DeletionId).Order());

        static async Task All(ErasedList node, IEnumerable<ErasedEntry> entries)
        {
            foreach (var entry in entries) await node.Add(entry);
        }
    }
}
