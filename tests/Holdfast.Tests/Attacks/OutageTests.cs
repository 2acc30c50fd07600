using Holdfast.Tests.Support;
using Microsoft.Data.Sqlite;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class OutageTests
{
    [Fact]
    public async Task A_commit_that_the_disk_does_not_take_changes_nothing_and_the_next_one_works()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var refuse = true;
        var writer = (SqliteConnection)await app.Db.Engine.OpenWriter(default);
        // What a full disk does at COMMIT: the statement fails and the transaction is rolled back already.
        SQLitePCL.raw.sqlite3_commit_hook(writer.Handle, _ => refuse ? 1 : 0, null);
        await app.Db.Engine.ReturnWriter(writer);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<SqliteException>(() => app.Db.Write(tx => tx.Execute("INSERT INTO server_facts (name, value) VALUES ('lost', '')")));
        }
        refuse = false;
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        (await visitor.Get("/api/v1/session")).Expect(401);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM server_facts WHERE name = 'lost'")));
    }
}
