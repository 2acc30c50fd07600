using Holdfast.Secrets;
using Holdfast.Storage;
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

    [Fact]
    public async Task While_the_database_is_gone_every_page_says_so_and_keeps_its_headers()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var app = await TestApp.Start(TestDatabase.Postgres);
        var visitor = await app.SignedIn(await app.AddAccount());
        (await visitor.Get("/account/security")).Expect(200);
        await app.Database.Cut();
        // The line to other nodes is cut as well: what this node remembers counts no more.
        for (var i = 0; app.Get<Announcements>().IsTrustworthy && i < 400; i++) await Task.Delay(25);
        foreach (var path in new[] { "/sign-in", "/account/security", "/account/activity.csv", "/reset-password", "/health/ready", "/nowhere/at/all" })
        {
            var answer = await visitor.Get(path);
            Assert.True(answer.Status == (path.StartsWith("/nowhere", StringComparison.Ordinal) ? 404 : 503), $"{path} gave {answer.Status}");
            Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
            Assert.Contains("<h1>", answer.Body, StringComparison.Ordinal);
        }
        (await visitor.Get("/api/v1/session")).Expect(503, "database.unavailable");
        // Strangers too: the count of letters in the banner must not make it worse.
        Assert.Contains("database.unavailable", (await app.Visitor().Get("/sign-in")).Expect(503).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_that_start_at_one_moment_agree_on_one_key()
    {
        var folder = Directory.CreateTempSubdirectory("holdfast-keys-").FullName;
        for (var round = 0; round < 20; round++)
        {
            var path = Path.Combine(folder, $"{round}", "holdfast.keys");
            var rings = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => KeyRing.Open(path, create: true))));
            Assert.Single(rings.Select(ring => ring.Fingerprints[0]).Distinct(StringComparer.Ordinal));
            Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_a_server_makes_is_open_to_nobody_else()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("holdfast-modes-").FullName, "data");
        await using (var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["Data"] = folder }))
        {
            _ = await app.AddAccount();
            const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
            var made = Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder).ToList();
            Assert.True(made.Count >= 5);
            Assert.All(made, path => Assert.True((File.GetUnixFileMode(path) & Others) == UnixFileMode.None, $"{path} is {File.GetUnixFileMode(path)}"));
        }
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }
}
