using System.Diagnostics;
using System.Text.RegularExpressions;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class AuditChainTests
{
    /// <summary>Writes past the guards, as somebody who owns the database could.</summary>
    internal static Task Tamper(TestApp app, string sql) => app.Db.Write(async tx =>
    {
        await tx.Execute(app.Database.IsPostgres
            ? "ALTER TABLE audit_entries DISABLE TRIGGER USER; ALTER TABLE audit_chain DISABLE TRIGGER USER; ALTER TABLE audit_personal DISABLE TRIGGER USER"
            : string.Join(';', new[] { "audit_entries", "audit_chain", "audit_personal" }.SelectMany(table => new[] { $"DROP TRIGGER IF EXISTS {table}_no_update", $"DROP TRIGGER IF EXISTS {table}_no_delete" })));
        await tx.Execute(sql);
        return 0;
    });

    internal static Task Seal(TestApp app) => app.Get<SealAudit>().Run(CancellationToken.None);

    internal static async Task<ChainReport> Verify(TestApp app, string chain = "", NotedHead? noted = null) => await new VerifyAudit(app.Db, app.Get<KeyRing>()).Run(chain, 0, noted, _ => { }, CancellationToken.None);

    private static Task<int> Write(TestApp app, int count, string chain = "", string account = "somebody") => app.Db.Write(async tx =>
    {
        for (var i = 0; i < count; i++) await AuditLog.Record(tx, app.Now, new AuditEvent(AuditKind.SignedIn, account, new Client("203.0.113.7", "Firefox", null)) { WorkspaceId = chain, Data = new Dictionary<string, string> { ["n"] = $"{i}" }, Personal = new Dictionary<string, string> { ["name"] = "Tomasz" } });
        return 0;
    });

    [Theory, Engines]
    public async Task What_happens_is_chained_for_each_workspace_and_for_the_rest(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, visitor) = await app.SetUp();
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner");
        var there = await app.SignedIn(owner);
        (await there.Patch(crew.Api, new { name = "Almond & Beech" })).Expect(204);
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        await Seal(app);

        var (platform, workspace) = (await Verify(app), await Verify(app, crew.Id));
        Assert.Null(platform.Fault);
        Assert.True(platform.Entries >= 2);
        Assert.Equal((null, 1L, 1L, 0L), (workspace.Fault, workspace.Entries, workspace.Head!.Number, workspace.Erased));
        // More follows on.
        await Write(app, 450);
        await Seal(app);
        Assert.Equal((null, platform.Entries + 450), ((await Verify(app)).Fault, (await Verify(app)).Entries));
    }

    [Theory, Engines]
    public async Task Hundreds_that_were_taken_away_while_they_waited_keep_none_of_the_others_waiting(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await Seal(app);
        await app.Db.Write(async tx =>
        {
            // Before every real one.
            for (var i = 0; i < 450; i++) await tx.Execute("INSERT INTO audit_queue (chain, entry_id, account_id) VALUES ('', @id, 'somebody')", new { id = $"0-{i:000}" });
            return 0;
        });
        await Write(app, 250);
        await Seal(app);
        await Write(app, 1);
        await Seal(app);
        Assert.Equal(450, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_queue")));
        var report = await Verify(app);
        Assert.Equal(new ChainFault("lost_waiting", 0, "0-000"), report.Fault);
        Assert.Equal(251, report.Entries);
    }

    [Theory]
    [Engines("data", "account", "time", "entry", "link", "whole", "swapped", "renumbered", "behind", "unchained", "truncated", "head", "cut and head", "personal", "lost", "moved", "no head")]
    public async Task The_first_entry_that_is_wrong_is_named(string engine, string what)
    {
        await using var app = await TestApp.Start(engine);
        await Write(app, 9);
        await Seal(app);
        await Write(app, 1, "another");
        await Seal(app);
        Assert.Null((await Verify(app)).Fault);
        string Entry(int number) => $"(SELECT entry_id FROM audit_chain WHERE chain = '' AND number = {number})";
        var (fifth, sixth) = (await app.Db.Read(tx => tx.One<string>($"SELECT {Entry(5)}")), await app.Db.Read(tx => tx.One<string>($"SELECT {Entry(6)}")));
        var (sql, expected) = what switch
        {
            "data" => ($"UPDATE audit_entries SET data = '{{\"n\":\"44\"}}' WHERE id = {Entry(5)}", new ChainFault("changed", 5, fifth!)),
            "account" => ($"UPDATE audit_personal SET account_id = 'other' WHERE entry_id = {Entry(5)}; UPDATE audit_entries SET account_id = 'other' WHERE id = {Entry(5)}; UPDATE audit_chain SET account_id = 'other' WHERE chain = '' AND number = 5", new ChainFault("changed", 5, fifth!)),
            "time" => ($"UPDATE audit_entries SET at = at + 1 WHERE id = {Entry(5)}", new ChainFault("changed", 5, fifth!)),
            "entry" => ($"DELETE FROM audit_entries WHERE id = {Entry(5)}", new ChainFault("entry_missing", 5, fifth!)),
            "link" => ("DELETE FROM audit_chain WHERE chain = '' AND number = 5", new ChainFault("missing", 5)),
            "whole" => ($"DELETE FROM audit_entries WHERE id = {Entry(5)}; DELETE FROM audit_chain WHERE chain = '' AND number = 5; UPDATE audit_chain SET number = number - 1 WHERE chain = '' AND number = 6; UPDATE audit_chain SET number = number - 1 WHERE chain = '' AND number = 7; UPDATE audit_chain SET number = number - 1 WHERE chain = '' AND number = 8; UPDATE audit_chain SET number = number - 1 WHERE chain = '' AND number = 9", new ChainFault("changed", 5, sixth!)),
            "swapped" => ($"UPDATE audit_chain SET entry_id = 'x' WHERE chain = '' AND number = 5; UPDATE audit_chain SET entry_id = '{fifth}' WHERE chain = '' AND number = 6; UPDATE audit_chain SET entry_id = '{sixth}' WHERE chain = '' AND number = 5", new ChainFault("reordered", 5, fifth!, 6)),
            "renumbered" => ("UPDATE audit_chain SET number = 99 WHERE chain = '' AND number = 5; UPDATE audit_chain SET number = 5 WHERE chain = '' AND number = 6; UPDATE audit_chain SET number = 6 WHERE chain = '' AND number = 99", new ChainFault("reordered", 5, fifth!, 6)),
            "behind" => ($"UPDATE audit_chain SET chain = '', number = 10 WHERE chain = 'another'", new ChainFault("inserted", 10, "?")),
            "unchained" => ("INSERT INTO audit_entries (account_id, id, at, kind, actor_id, session_id, workspace_id, data, commitment) SELECT account_id, 'forged', at, kind, actor_id, session_id, workspace_id, data, commitment FROM audit_entries WHERE workspace_id = 'another'; UPDATE audit_entries SET workspace_id = '' WHERE id = 'forged'", new ChainFault("unchained", 0, "forged")),
            "truncated" => ($"DELETE FROM audit_entries WHERE id IN ({Entry(8)}, {Entry(9)}); DELETE FROM audit_chain WHERE chain = '' AND number >= 8", new ChainFault("truncated", 7, "", 9)),
            "head" => ("UPDATE audit_heads SET number = 8 WHERE chain = ''", new ChainFault("head_changed", 8)),
            "cut and head" => ($"DELETE FROM audit_entries WHERE id IN ({Entry(8)}, {Entry(9)}); DELETE FROM audit_chain WHERE chain = '' AND number >= 8; UPDATE audit_heads SET number = 7, hash = (SELECT hash FROM audit_chain WHERE chain = '' AND number = 7) WHERE chain = ''", new ChainFault("head_changed", 7)),
            "personal" => ($"UPDATE audit_personal SET details = '{{}}' WHERE entry_id = {Entry(5)}", new ChainFault("personal_changed", 5, fifth!)),
            "lost" => ("INSERT INTO audit_queue (chain, entry_id, account_id) VALUES ('', 'gone', 'somebody')", new ChainFault("lost_waiting", 0, "gone")),
            "moved" => ($"UPDATE audit_entries SET workspace_id = 'elsewhere' WHERE id = {Entry(5)}", new ChainFault("changed", 5, fifth!)),
            "no head" => ("DELETE FROM audit_heads WHERE chain = ''", new ChainFault("inserted", 1, "?")),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        await Tamper(app, sql);
        var fault = (await Verify(app)).Fault;
        Assert.Equal(expected, expected.EntryId == "?" ? fault! with { EntryId = "?" } : fault);
        if (what is "head" or "cut and head")
        {
            // Nothing is put on top of what somebody else wrote.
            await Write(app, 1);
            await Seal(app);
            Assert.Equal("head_changed", (await Verify(app)).Fault!.What);
            Assert.Contains("was not written by this server", app.Logs.Errors, StringComparison.Ordinal);
            Assert.Null((await Verify(app, "another")).Fault);
        }
    }

    [Theory, Engines]
    public async Task Erasing_a_person_leaves_a_log_that_verifies(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner"), await crew.Add("member"));
        var there = await app.SignedIn(owner);
        (await there.Patch($"{crew.Api}/users/{member.Id}", new { name = "Tomek" })).Expect(204);
        await Seal(app);
        // Word for word what erases a person, of whom entries are and by whom.
        await app.Db.Write(async tx =>
        {
            await tx.Execute("DELETE FROM audit_personal WHERE account_id = @id", new { id = owner.Id });
            await tx.Execute("DELETE FROM audit_personal WHERE (account_id, entry_id) IN (SELECT account_id, id FROM audit_entries WHERE actor_id = @id AND actor_id <> account_id AND actor_id <> '')", new { id = owner.Id });
            return 0;
        });
        var (platform, workspace) = (await Verify(app), await Verify(app, crew.Id));
        Assert.Null(platform.Fault);
        Assert.True(platform.Erased > 0);
        Assert.Equal((null, 1L), (workspace.Fault, workspace.Erased));
        // Also of what still waits, and what comes after.
        await Write(app, 3, account: member.Id);
        await app.Db.Write(tx => tx.Execute("DELETE FROM audit_personal WHERE account_id = @id", new { id = member.Id }));
        await Seal(app);
        Assert.Null((await Verify(app)).Fault);
    }

    [Theory, Engines]
    public async Task Old_entries_go_and_the_rest_still_verifies(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Audit:KeepDays"] = "90" });
        await Write(app, 700);
        await Seal(app);
        app.Clock.Advance(TimeSpan.FromDays(60));
        await Write(app, 5);
        await Seal(app);
        var prune = app.Get<PruneAudit>();
        await prune.Run(CancellationToken.None);
        Assert.Equal(705, (await Verify(app)).Entries);

        app.Clock.Advance(TimeSpan.FromDays(31));
        var end = (await Verify(app)).Head!;
        await prune.Run(CancellationToken.None);
        await Seal(app);
        var pruned = await Verify(app);
        Assert.Equal((null, 700L, 706L, 6L), (pruned.Fault, pruned.Head!.PrunedThrough, pruned.Head.Number, pruned.Entries));
        foreach (var table in new[] { "audit_entries", "audit_personal", "audit_chain" }) Assert.Equal(6, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}")));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM audit_entries WHERE kind = '{AuditKind.LogPruned}'")));
        // The end that was noted before still lies on the way.
        Assert.Null((await Verify(app, "", new NotedHead("", end.Number, Convert.ToHexStringLower(end.Hash)))).Fault);
        Assert.Equal("not_as_noted", (await Verify(app, "", new NotedHead("", end.Number, new string('0', 64)))).Fault!.What);
        // Nobody moves the beginning by hand.
        await Tamper(app, "DELETE FROM audit_entries WHERE id = (SELECT entry_id FROM audit_chain WHERE chain = '' AND number = 701); DELETE FROM audit_chain WHERE chain = '' AND number = 701; UPDATE audit_heads SET pruned_through = 701 WHERE chain = ''");
        Assert.Equal("head_changed", (await Verify(app)).Fault!.What);
    }

    [Theory, Engines]
    public async Task A_chain_that_does_not_verify_loses_nothing_to_its_age(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Audit:KeepDays"] = "90" });
        await Write(app, 20);
        await Seal(app);
        app.Clock.Advance(TimeSpan.FromDays(91));
        await Write(app, 5);
        await Seal(app);
        // Somebody makes a young entry look old: it would be gone, and with it what it says.
        await Tamper(app, "UPDATE audit_entries SET at = 0 WHERE id = (SELECT entry_id FROM audit_chain WHERE chain = '' AND number = 23)");
        await app.Get<PruneAudit>().Run(CancellationToken.None);
        Assert.Equal(25, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries")));
        Assert.Contains("does not verify (changed at 23)", app.Logs.Errors, StringComparison.Ordinal);
        Assert.Equal(("changed", 23L), ((await Verify(app)).Fault!.What, (await Verify(app)).Fault!.Number));
    }

    [Theory, Engines]
    public async Task A_workspace_where_nothing_happens_does_not_tell_of_its_own_shortening_for_ever(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Audit:KeepDays"] = "90" });
        await Write(app, 3);
        await Seal(app);
        var prune = app.Get<PruneAudit>();
        for (var quarter = 0; quarter < 4; quarter++)
        {
            app.Clock.Advance(TimeSpan.FromDays(91));
            await prune.Run(CancellationToken.None);
            await Seal(app);
        }
        Assert.Equal((null, 4L), ((await Verify(app)).Fault, (await Verify(app)).Head!.Number));
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries")));
    }

    [Theory, Engines]
    public async Task Nobody_puts_off_the_shortening_by_writing_when_the_last_one_was(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Audit:KeepDays"] = "90" });
        await Write(app, 3);
        await Seal(app);
        app.Clock.Advance(TimeSpan.FromDays(91));
        await app.Get<PruneAudit>().Run(CancellationToken.None);
        await Seal(app);
        Assert.Null((await Verify(app)).Fault);
        await app.Db.Write(tx => tx.Execute("UPDATE audit_heads SET pruned_at = pruned_at + 1"));
        Assert.Equal("head_changed", (await Verify(app)).Fault!.What);
    }

    [Theory, Engines]
    public async Task The_database_lets_no_entry_go_that_is_not_pruned(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await Write(app, 3);
        await Seal(app);
        foreach (var sql in new[] { "DELETE FROM audit_entries", "DELETE FROM audit_chain", "UPDATE audit_entries SET kind = 'x'", "UPDATE audit_chain SET number = number + 10", "UPDATE audit_personal SET details = ''" })
        {
            var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => app.Db.Write(tx => tx.Execute(sql)));
            Assert.Matches("append-only|unchangeable", refused.Message);
        }
        Assert.Null((await Verify(app)).Fault);
    }

    [Theory, Engines]
    public async Task Many_who_write_and_many_who_seal_at_once_make_one_chain(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var other = new SealAudit(app.Db, app.Get<KeyRing>(), app.Get<Microsoft.Extensions.Logging.ILogger<SealAudit>>());
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async writer =>
        {
            for (var i = 0; i < 15; i++)
            {
                await Write(app, 2, writer % 3 == 0 ? "" : $"workspace-{writer % 3}");
                if (i % 3 == 0) await (writer % 2 == 0 ? other.Run(CancellationToken.None) : Seal(app));
            }
        }));
        await Seal(app);
        var reports = new[] { await Verify(app), await Verify(app, "workspace-1"), await Verify(app, "workspace-2") };
        Assert.All(reports, report => Assert.Null(report.Fault));
        Assert.Equal(360, reports.Sum(report => report.Entries));
    }

    [Theory, Engines]
    public async Task A_workspace_exports_its_own_log_and_anybody_can_verify_the_file(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (admin, member, stranger) = (await app.SignedIn(await crew.Add("admin")), await crew.Add("member"), await app.SignedIn(await other.Add("owner")));
        for (var i = 0; i < 3; i++) (await admin.Patch($"{crew.Api}/users/{member.Id}", new { name = $"Tömek \"{i}\"" })).Expect(204);
        await Seal(app);
        (await (await app.SignedIn(member)).Get($"{crew.Api}/audit-log")).Expect(403);
        (await stranger.Get($"{crew.Api}/audit-log")).Expect(404);
        (await admin.Get($"{crew.Api}/audit-log?after=4")).Expect(400);

        var file = (await admin.Get($"{crew.Api}/audit-log")).Expect(200).Body;
        Assert.Equal(5, file.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("\"names\":{\"workspace\":\"Almond \\u0026 Birch\"", file, StringComparison.Ordinal);
        Assert.DoesNotContain("Firefox", file, StringComparison.Ordinal);
        Assert.DoesNotContain("\"salt\"", file, StringComparison.Ordinal);
        Assert.StartsWith("3 fits, ", await Check(file));
        // The export before may be in it by now.
        Assert.Matches("^[34] fits, ", await Check((await admin.Get($"{crew.Api}/audit-log?after=2")).Body));
        Assert.Equal("number 2 does not fit", await Check(Only(file, file.Replace("member.renamed", "member.removed", StringComparison.Ordinal), 2)));
        Assert.Equal("the end is missing", await Check(file[..file.LastIndexOf("{\"end\"", StringComparison.Ordinal)]));
        // Whoever took it along is in it the next time.
        await Seal(app);
        Assert.Contains(AuditKind.LogExported, (await admin.Get($"{crew.Api}/audit-log")).Body, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Operators_export_the_rest_after_a_proof_and_nobody_else_does(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, greta) = await app.SetUp();
        var crew = await Crew.Found(app);
        (await (await app.SignedIn(await crew.Add("owner"))).Get("/api/v1/operator/audit-log")).Expect(404);
        await Seal(app);
        var file = (await greta.Get("/api/v1/operator/audit-log")).Expect(200).Body;
        Assert.Contains("Firefox", file, StringComparison.Ordinal);
        Assert.Matches("^[0-9]+ fits, [0-9a-f]{64}$", await Check(file));
        Assert.Equal("number 2: what is personal does not fit", await Check(Only(file, file.Replace("Firefox", "Opera", StringComparison.Ordinal), 2)));
        (await greta.Get($"/api/v1/operator/audit-log?workspace={crew.Id}")).Expect(404);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("step_up.required", (await greta.Get("/api/v1/operator/audit-log")).Expect(403).Code);
    }

    [Theory, Engines]
    public async Task Entries_of_before_the_chain_are_chained_as_well(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        long before;
        await using (var app = await TestApp.Start(engine, database: database))
        {
            await app.SetUp();
            await Write(app, 20);
            before = await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries"));
            // As an older program left it.
            await app.Db.Write(tx => tx.Execute((database.IsPostgres ? "DROP TRIGGER audit_personal_no_update ON audit_personal; DROP TRIGGER audit_entries_kept ON audit_entries; " : "DROP TRIGGER audit_personal_no_update; ")
                + "DROP TABLE audit_queue; DROP TABLE audit_chain; DROP TABLE audit_heads; DELETE FROM schema_versions WHERE version = 18"));
        }
        await using (var app = await TestApp.Start(engine, database: database))
        {
            await Seal(app);
            var reports = new List<ChainReport>();
            foreach (var chain in await app.Db.Read(AuditChainTable.Chains)) reports.Add(await Verify(app, chain));
            Assert.All(reports, report => Assert.Null(report.Fault));
            Assert.Equal(before, reports.Sum(report => report.Entries));
        }
    }

    [Theory, Engines]
    public async Task After_a_change_of_keys_the_ends_are_sealed_by_the_newest(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using (var app = await TestApp.Start(engine, database: database))
        {
            await Write(app, 3);
            await Seal(app);
        }
        var file = Path.Combine(database.Folder, "keys", "holdfast.keys");
        var fresh = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)) + "\n";
        await File.WriteAllTextAsync(file, fresh + await File.ReadAllTextAsync(file));
        await using (var app = await TestApp.Start(engine, database: database)) await app.Get<SealAudit>().Renew(CancellationToken.None);
        await File.WriteAllTextAsync(file, fresh);
        await using (var app = await TestApp.Start(engine, database: database))
        {
            await Write(app, 1);
            await Seal(app);
            Assert.Equal((null, 4L), ((await Verify(app)).Fault, (await Verify(app)).Entries));
        }
    }

    /// <summary>The original with one line (0 is the first) out of the changed one.</summary>
    private static string Only(string file, string changed, int line)
    {
        var (lines, others) = (file.Split('\n'), changed.Split('\n'));
        lines[line] = others[line];
        return string.Join('\n', lines);
    }

    /// <summary>Runs the program of the guide.</summary>
    private static async Task<string> Check(string file)
    {
        using var folder = new Cli.TemporaryFolder();
        var guide = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs/guides/audit-log.md"));
        await File.WriteAllTextAsync(folder.File("verify.py"), Regex.Match(guide, "```python\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Groups["code"].Value);
        await File.WriteAllTextAsync(folder.File("log.ndjson"), file);
        using var python = Process.Start(new ProcessStartInfo("python3", [folder.File("verify.py"), folder.File("log.ndjson")]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await python.StandardOutput.ReadToEndAsync() + await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        return said.Trim();
    }
}
