using System.Data.Common;
using Holdfast.Configuration;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Storage;

public sealed class StorageTests
{
    private static Engine Open(TestDatabase database) => Engine.Open(TestSettings.Read(database.Settings()));

    [Theory, Engines]
    public async Task Migrations_are_applied_once_each(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        var clock = new FakeClock();
        await using (var first = Open(database)) Assert.Equal("0001_house", (await Migrate.Run(new Db(first, new Announcements(clock)), clock))[0]);
        await using var second = Open(database);
        Assert.Empty(await Migrate.Run(new Db(second, new Announcements(clock)), clock));
    }

    [Theory, Engines]
    public async Task Migrations_that_start_at_once_are_applied_once(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        var clock = new FakeClock();
        // On SQLite it is one server's engine, on PostgreSQL several servers'.
        var engines = Enumerable.Range(0, database.IsPostgres ? 4 : 1).Select(_ => Open(database)).ToList();
        var applied = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Migrate.Run(new Db(engines[i % engines.Count], new Announcements(clock)), clock))));
        Assert.Single(applied, names => names.Contains("0001_house"));
        Assert.Equal(applied.Sum(names => names.Count), applied.SelectMany(names => names).Distinct(StringComparer.Ordinal).Count());
        foreach (var each in engines) await each.DisposeAsync();
    }

    [Theory, Engines]
    public async Task A_schema_newer_than_the_program_and_an_altered_migration_stop_the_start(string engine)
    {
        await using var database = await TestDatabase.Make(engine, migrated: false);
        var clock = new FakeClock();
        await using var open = Open(database);
        var db = new Db(open, new Announcements(clock));
        await Migrate.Run(db, clock);
        await db.Write(tx => tx.Execute("INSERT INTO schema_versions (version, name, checksum, applied_at) VALUES (9999, '9999_later', 'x', 0)"));
        Assert.Contains("newer program", (await Assert.ThrowsAsync<SettingsException>(() => Migrate.Run(db, clock))).Message, StringComparison.Ordinal);
        await db.Write(tx => tx.Execute("DELETE FROM schema_versions WHERE version = 9999"));
        await db.Write(tx => tx.Execute("UPDATE schema_versions SET checksum = 'other' WHERE version = 1"));
        Assert.Contains("another form", (await Assert.ThrowsAsync<SettingsException>(() => Migrate.Run(db, clock))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_one_SQLite_folder_is_refused_until_the_first_one_has_stopped()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await using (await TestApp.Start(TestDatabase.Sqlite, database: database))
        {
            var error = Assert.Throws<SettingsException>(() => Open(database));
            Assert.Contains("another Holdfast has the database", error.Message, StringComparison.Ordinal);
        }
        await using var next = await TestApp.Start(TestDatabase.Sqlite, database: database);
        (await next.Visitor().Get("/health/ready")).Expect(200);
    }

    [Fact]
    public async Task A_folder_that_is_no_database_stops_the_start_with_a_word()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await File.WriteAllTextAsync(database.SqliteFile, "this is no database at all, but text of some length that is no header either");
        Assert.Equal("Data", Assert.Throws<SettingsException>(() => Open(database)).Key);
        // The lock is given back.
        File.Delete(database.SqliteFile);
        await using var engine = Open(database);
    }

    [Theory, Engines]
    public async Task A_database_made_with_other_keys_stops_the_start(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using (await TestApp.Start(engine, database: database)) { }
        var keys = Path.Combine(database.Folder, "keys", "holdfast.keys");
        var right = await File.ReadAllTextAsync(keys);
        File.Delete(keys);
        Assert.Equal("Keys:Path", (await Assert.ThrowsAsync<SettingsException>(() => TestApp.Start(engine, database: database))).Key);
        Assert.False(File.Exists(keys));
        var next = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)) + "\n";
        await File.WriteAllTextAsync(keys, next);
        Assert.Equal("Keys:Path", (await Assert.ThrowsAsync<SettingsException>(() => TestApp.Start(engine, database: database))).Key);
        // Rotation: the new one in front, the old one kept.
        await File.WriteAllTextAsync(keys, next + right);
        await using (await TestApp.Start(engine, database: database)) { }
        await File.WriteAllTextAsync(keys, right);
        Assert.Equal("Keys:Path", (await Assert.ThrowsAsync<SettingsException>(() => TestApp.Start(engine, database: database))).Key);
    }

    [Fact]
    public async Task SQLite_keeps_what_was_committed_over_a_power_cut_and_readers_cannot_write()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await app.Db.Write(async tx =>
        {
            Assert.Equal("wal", await tx.One<string>("PRAGMA journal_mode"));
            Assert.Equal(2, await tx.Count("PRAGMA synchronous"));
            Assert.Equal(1, await tx.Count("PRAGMA foreign_keys"));
            Assert.Equal(1, await tx.Count("PRAGMA secure_delete"));
            return 0;
        });
        await app.Db.Read(async tx =>
        {
            Assert.Equal(1, await tx.Count("PRAGMA query_only"));
            // Readers never checkpoint: two connections that do so at once can damage the log before SQLite 3.51.3.
            Assert.Equal(0, await tx.Count("PRAGMA wal_autocheckpoint"));
            await Assert.ThrowsAnyAsync<DbException>(() => tx.Many<string>("INSERT INTO server_facts (name, value) VALUES ('a', 'b') RETURNING name"));
            return 0;
        });
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(app.Database.SqliteFile));
    }

    [Theory, Engines]
    public async Task The_security_log_refuses_to_be_changed_or_shortened(string engine)
    {
        await using var app = await TestApp.Start(engine);
        _ = await app.SignedIn(await app.AddAccount());
        foreach (var sql in new[] { "UPDATE audit_entries SET kind = 'nothing'", "DELETE FROM audit_entries", "UPDATE audit_entries SET data = '{}' WHERE kind = 'sign_in.succeeded'" })
        {
            var error = await Assert.ThrowsAnyAsync<DbException>(() => app.Db.Write(tx => tx.Execute(sql)));
            Assert.Contains("append-only", error.Message, StringComparison.Ordinal);
        }
        if (engine == TestDatabase.Postgres) await Assert.ThrowsAnyAsync<DbException>(() => app.Db.Write(tx => tx.Execute("TRUNCATE audit_entries")));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE kind = 'sign_in.succeeded'")));
    }

    [Theory, Engines]
    public async Task A_transaction_that_fails_or_is_undone_leaves_nothing_and_tells_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var heard = new List<Announcement>();
        app.Get<Announcements>().Subscribe(message => { lock (heard) heard.Add(message); }, () => { });
        var after = 0;
        foreach (var undo in new[] { true, false })
        {
            async Task<int> Work(WriteTx tx)
            {
                await tx.Execute("INSERT INTO server_facts (name, value) VALUES ('test', 'x')");
                tx.Announce(new Announcement("account", "test"));
                tx.AfterCommit(() => after++);
                if (!undo) throw new FormatException("half-way");
                tx.Undo();
                return 7;
            }
            if (undo) Assert.Equal(7, await app.Db.Write(Work));
            else await Assert.ThrowsAsync<FormatException>(() => app.Db.Write(Work));
        }
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM server_facts WHERE name = 'test'")));
        Assert.Equal(0, after);
        lock (heard) Assert.DoesNotContain(heard, message => message.Id == "test");
    }

    [Theory, Engines]
    public async Task What_follows_a_commit_happens_after_it_and_the_work_is_repeated_when_that_helps(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var seen = -1L;
        var attempts = 0;
        await app.Db.Write(async tx =>
        {
            attempts++;
            await tx.Execute("INSERT INTO server_facts (name, value) VALUES ('test', 'x')");
            if (attempts < 3 && engine == TestDatabase.Postgres) await tx.Execute("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$");
            tx.AfterCommit(() => seen = app.Db.Read(r => r.Count("SELECT COUNT(*) FROM server_facts WHERE name = 'test'")).GetAwaiter().GetResult());
            return 0;
        });
        Assert.Equal((1L, engine == TestDatabase.Postgres ? 3 : 1), (seen, attempts));
    }

    [Theory, Engines]
    public async Task Writes_at_once_all_happen(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await app.Db.Write(tx => tx.Execute("INSERT INTO server_facts (name, value) VALUES ('count', '')"));
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => Task.Run(() => app.Db.Write(tx => tx.Execute("UPDATE server_facts SET value = value || 'x' WHERE name = 'count'")))));
        Assert.Equal(new string('x', 60), await app.Db.Read(tx => tx.One<string>("SELECT value FROM server_facts WHERE name = 'count'")));
    }

    [Theory, Engines]
    public async Task Text_sorts_by_code_point_on_both_engines(string engine)
    {
        await using var app = await TestApp.Start(engine);
        string[] names = ["a", "B", "b", "ä", "Z", "_", "1"];
        foreach (var name in names) await app.Db.Write(tx => tx.Execute("INSERT INTO server_facts (name, value) VALUES (@name, 'sort')", new { name }));
        Assert.Equal(names.Order(StringComparer.Ordinal), await app.Db.Read(tx => tx.Many<string>("SELECT name FROM server_facts WHERE value = 'sort' ORDER BY name")));
    }

    [Fact]
    public void Ids_of_one_millisecond_sort_by_order_of_making()
    {
        const long Millisecond = 4096;
        var first = Ids.After(0, 1_000_000);
        Assert.Equal(1_000_000 * Millisecond, first);
        Assert.Equal(first + 1, Ids.After(first, 1_000_000));
        // The counter is full, or the clock went back a little: still after the last one.
        Assert.Equal(first + Millisecond, Ids.After(first + Millisecond - 1, 1_000_000));
        Assert.Equal(first + 1, Ids.After(first, 999_995));
        // Another time altogether.
        Assert.Equal(1_000_001 * Millisecond, Ids.After(first, 1_000_001));
        Assert.Equal(900_000 * Millisecond, Ids.After(first, 900_000));
    }

    [Fact]
    public void Ids_sort_by_time_and_only_their_own_spelling_is_one()
    {
        var clock = new FakeClock();
        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
        {
            ids.Add(Ids.New(clock.GetUtcNow()));
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.True(Ids.IsWellFormed(id)));
        foreach (var bad in new[] { null, "", "x", ids[0].ToUpperInvariant(), $"{{{ids[0]}}}", ids[0].Replace("-", "", StringComparison.Ordinal), ids[0] + " ", "0x000000-0000-0000-0000-000000000000" }) Assert.False(Ids.IsWellFormed(bad), bad);
    }
}
