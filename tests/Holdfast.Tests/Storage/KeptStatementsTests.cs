using System.Globalization;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Storage;

/// <summary>Statements are compiled once for each connection: nobody may notice but by the time it takes.</summary>
public sealed class KeptStatementsTests : IAsyncDisposable
{
    private TestDatabase? _database;
    private Engine? _engine;

    [Theory, Engines]
    public async Task A_statement_takes_nothing_over_from_its_last_use(string engine)
    {
        var db = await Open(engine);
        const string Sql = "SELECT COUNT(*) FROM things WHERE id = @id AND (name = @name OR @name IS NULL)";
        await db.Write(tx => tx.Execute("INSERT INTO things (id, name) VALUES (1, 'one')"));
        async Task<long> Count(int id, string? name) => await db.Write(tx => tx.Count(Sql, new { id, name }));

        Assert.Equal(1, await Count(1, "one"));
        Assert.Equal(0, await Count(1, "two"));
        Assert.Equal(1, await Count(1, null));
        Assert.Equal(0, await Count(2, null));
        // A parameter that was given before and is missing now is missing.
        await Assert.ThrowsAnyAsync<Exception>(() => db.Write(tx => tx.Count(Sql, new { id = 1 })));
        Assert.Equal(1, await Count(1, "one"));
    }

    [Theory, Engines]
    public async Task A_statement_that_failed_works_the_next_time(string engine)
    {
        var db = await Open(engine);
        Task<int> Add(int id) => db.Write(tx => tx.Execute("INSERT INTO things (id, name) VALUES (@id, 'x')", new { id }));

        Assert.Equal(1, await Add(1));
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => Add(1));
        Assert.Equal(1, await Add(2));
    }

    [Theory, Engines]
    public async Task A_statement_sees_a_table_that_was_changed_since(string engine)
    {
        var db = await Open(engine);
        Task<List<string>> Names() => db.Write(tx => tx.Many<string>("SELECT name FROM things WHERE id > @id ORDER BY id", new { id = 0 }));

        Assert.Empty(await Names());
        await db.Write(tx => tx.Execute("CREATE INDEX things_name ON things (name)"));
        await db.Write(tx => tx.Execute("ALTER TABLE things ADD COLUMN extra BIGINT"));
        await db.Write(tx => tx.Execute("INSERT INTO things (id, name, extra) VALUES (1, 'one', 2)"));
        Assert.Equal(["one"], await Names());
    }

    [Theory, Engines]
    public async Task More_texts_than_are_kept_all_work_and_again(string engine)
    {
        var db = await Open(engine);
        for (var turn = 0; turn < 2; turn++)
        {
            for (var i = 0; i < 450; i++) Assert.Equal(i + 1, await db.Write(tx => tx.Count(string.Create(CultureInfo.InvariantCulture, $"SELECT CAST(@n AS BIGINT) + {i}"), new { n = 1L })));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }

    private async Task<Db> Open(string engine)
    {
        _database = await TestDatabase.Make(engine, migrated: false);
        _engine = Engine.Open(TestSettings.Read(_database.Settings()));
        var db = new Db(_engine, new Announcements(new FakeClock()));
        await db.Write(tx => tx.Execute("CREATE TABLE things (id BIGINT PRIMARY KEY, name TEXT NOT NULL)"));
        return db;
    }
}
