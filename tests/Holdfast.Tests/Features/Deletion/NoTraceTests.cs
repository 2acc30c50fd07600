using System.Text;
using System.Text.RegularExpressions;
using Holdfast.Features.Audit;
using Holdfast.Features.Erasure;
using Holdfast.Features.Export;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

/// <summary>Nothing of a person is left: looked for in every table and, for SQLite, in every byte of the files.</summary>
public sealed partial class NoTraceTests
{
    /// <summary>Records that stay hold the account's id, which leads to nobody any more.</summary>
    private static readonly string[] Records = ["audit_entries", "audit_queue", "audit_chain", "audit_personal", "deletions", "deletion_workspaces", "erasure_steps", "reset_cases", "oauth_logouts"];

    [Fact]
    public void Every_table_is_named_by_what_erases_it_and_by_what_exports_it()
    {
        var assembly = typeof(Migrate).Assembly;
        var tables = assembly.GetManifestResourceNames().Where(name => name.StartsWith("migrations/", StringComparison.Ordinal)).SelectMany(name =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            var sql = reader.ReadToEnd();
            return CreateTable().Matches(sql).Select(m => m.Groups["name"].Value).Concat(RenameTable().Matches(sql).SelectMany(m => new[] { "-" + m.Groups["old"].Value, m.Groups["new"].Value }));
        }).ToList();
        tables = [.. tables.Where(name => name[0] != '-' && !tables.Contains("-" + name)).Append("schema_versions").Order(StringComparer.Ordinal)];
        Assert.Equal(tables, ErasedRowsTable.All.Select(rows => rows.Table).Distinct().Order(StringComparer.Ordinal));
        var personal = ErasedRowsTable.All.Where(rows => rows.Sql is not null).Select(rows => rows.Table).ToHashSet();
        Assert.Empty(personal.Except(ExportedRowsTable.All.Select(rows => rows.Table)).Except(ExportedRowsTable.NotExported.Keys));
    }

    [Theory, Engines]
    public async Task After_a_deletion_no_trace_of_the_person_is_left(string engine)
    {
        const string Name = "Zbigniew Przykładowski";
        const string Email = "Zbigniew.Slad@almondbirch.example";
        await using var database = await TestDatabase.Make(engine);
        var folder = database.Folder;
        string accountId;
        await using (var app = await TestApp.Start(engine, Application.Settings, database: database))
        {
            var setup = await CaseSetup.Make(app);
            // First under another name and another address.
            var person = await setup.Crew.Add("admin", "zbyszek.slad@almondbirch.example", "Zbyszek Dawniejszy");
            accountId = person.Id;
            var (visitor, phone) = await BusyLife(app, setup, person, Email, Name);
            person = person with { Email = Email, Name = Name };
            // Nothing goes before the former address has had its days.
            app.Clock.Advance(TimeSpan.FromDays(8));
            visitor = await app.SignedIn(person, phone);
            await Leaving.Ask(visitor);
            var again = await app.SignedIn(person, phone);
            (await again.Post("/api/v1/account/export")).Expect(202);
            await Leaving.Run(app);
            await app.Letters(Email);
            var id = (await Leaving.Open(app, person))!.Id;
            (await again.Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
            await Leaving.Finish(app, id);
            await app.Letters(Email);
            foreach (var (table, rows) in await Contents(app))
            {
                var wrong = rows.Where(row => new[] { "Przykładowski", "przykladowski", "zbigniew", "Zbyszek", "Dawniejszy" }.Any(trace => row.Contains(trace, StringComparison.OrdinalIgnoreCase)) || (row.Contains(accountId, StringComparison.OrdinalIgnoreCase) && !Records.Contains(table))).ToList();
                Assert.True(wrong.Count == 0, $"{table}: {string.Join("\n", wrong)}");
            }
            // What others did stays, with their devices.
            Assert.Contains((await Contents(app))["audit_personal"], row => row.Contains("Firefox", StringComparison.Ordinal));
        }
        if (engine != TestDatabase.Sqlite) return;
        foreach (var file in Directory.GetFiles(folder, "holdfast.db*"))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            foreach (var trace in new[] { "Przykładowski", "przykladowski", "Zbigniew", "zbigniew", "ZBIGNIEW", "Zbyszek", "zbyszek", "Dawniejszy", "dawniejszy" }) Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(trace)) < 0, $"{trace} in {Path.GetFileName(file)}");
        }
    }

    /// <summary>Leaves traces wherever somebody can.</summary>
    private static async Task<(Visitor, Phone)> BusyLife(TestApp app, CaseSetup setup, Person person, string email, string name)
    {
        (await app.Visitor().SignIn(person.Email, "wrong")).Expect(401);
        var visitor = await app.SignedIn(person, userAgent: Visitor.Chrome);
        var phone = await app.Enrol(visitor, "Zbigniew’s phone");
        await setup.Crew.Add("owner", "owner@almondbirch.example", "Olga Owner");
        var owner = await app.SignedIn(new Person("", "owner@almondbirch.example", "", TestApp.Password));
        await app.Enrol(owner);
        // Named by others under the former name and address: given a workspace, and invited into one that they never entered.
        (await owner.Post($"{setup.Crew.Api}/hand-over", new { email = person.Email, stay = true })).Expect(204);
        var elsewhere = await Crew.Found(app, "Harbour Co-op");
        await elsewhere.Join(setup.Admin, "admin");
        (await setup.AdminBrowser.Post($"{elsewhere.Api}/invitations", new { invitations = new[] { new { email = person.Email, role = "member" } } })).Expect(200);
        (await visitor.Patch("/api/v1/account", new { name, timeZone = "Europe/Warsaw" })).Expect(200);
        await ChangeEmail(app, visitor, email);
        person = person with { Email = email, Name = name };
        // Lets applications in, one of them by others.
        await Application.Shop(app).Tokens(visitor);
        var tide = Application.Tide(app);
        var consent = await visitor.Open(tide.Authorize(("scope", "openid profile email")));
        (await tide.Exchange(tide.Back((await consent.Submit("button[value=allow]")).Answer)["code"])).Expect(200);
        // A letter went out a moment ago.
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        (await visitor.Post("/api/v1/account/email-change", new { email = "zbigniew@elsewhere.example" })).Expect(202);
        (await visitor.Post($"{setup.Crew.Api}/invitations", new { invitations = new[] { new { email = "guest@almondbirch.example", role = "member" } } })).Expect(200);
        // Acts on somebody else, and is acted on.
        (await visitor.Patch($"{setup.Crew.Api}/users/{setup.Member.Id}", new { name = "Tomek" })).Expect(204);
        (await visitor.Post($"{setup.Crew.Api}/users/{setup.Member.Id}/two-factor-reset", CaseSetup.Request)).Expect(201);
        (await owner.Patch($"{setup.Crew.Api}/users/{person.Id}", new { name = "Zbigniew P." })).Expect(204);
        (await owner.Patch($"{setup.Crew.Api}/users/{person.Id}", new { name = "Zbyszek Z." })).Expect(204);
        (await owner.Patch($"{setup.Crew.Api}/users/{person.Id}", new { name = "Z." })).Expect(204);
        (await app.Visitor().Post("/api/v1/password-recovery", new { email = person.Email })).Expect(202);
        await app.Letters(person.Email);
        return (visitor, phone);
    }

    private static async Task ChangeEmail(TestApp app, Visitor visitor, string email)
    {
        (await visitor.Post("/api/v1/account/email-change", new { email })).Expect(202);
        (await visitor.Post("/api/v1/account/email-change/confirm", new { token = await app.LastLink(email, "/confirm-email") })).Expect(204);
    }

    [Theory, Engines]
    public async Task What_a_request_writes_after_the_end_is_swept_away(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        var id = (await Leaving.Open(app, person))!.Id;
        (await (await app.SignedIn(person)).Post($"{Leaving.Api}/now", Leaving.Confirm)).Expect(202);
        await Leaving.Finish(app, id);
        // As a sign-in that had looked the account up a moment before.
        await app.Db.Write(async tx =>
        {
            await AuditLog.Record(tx, app.Now, new AuditEvent(AuditKind.SignInFailed, person.Id, new Holdfast.Web.Client("192.0.2.77", Visitor.Firefox, null)));
            return 0;
        });
        await app.Tidy();
        Assert.DoesNotContain((await Contents(app))["audit_personal"], row => row.Contains("192.0.2.77", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task What_a_sign_in_counts_after_its_workspace_has_gone_is_swept_away(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (crew, stays) = (await Crew.Found(app), await Crew.Found(app, "Quayside"));
        var owner = await crew.Add("owner");
        await Leaving.Ask(await app.SignedIn(owner), new { confirm = "DELETE", workspaces = new[] { new { id = crew.Id } } });
        await Leaving.GoOn(app, (await Leaving.Open(app, owner))!.Id);
        Assert.Null(await app.Db.Read(tx => WorkspaceTable.ById(tx, crew.Id)));
        // As a sign-in that had looked the members up a moment before.
        foreach (var workspace in new[] { crew.Id, stays.Id })
        {
            await app.Db.Write(tx => tx.Execute(
                """
                INSERT INTO report_events (workspace_id, entry_id, what, how, hour) VALUES (@workspace, 'late', 'signed_in', 'password', 1);
                INSERT INTO report_arrivals (workspace_id, entry_id, account_id) VALUES (@workspace, 'late', 'late');
                INSERT INTO report_counts (workspace_id, hour, what, how, n) VALUES (@workspace, 1, 'signed_in', 'password', 1)
                """,
                new { workspace }));
        }
        await app.Tidy();
        foreach (var table in new[] { "report_events", "report_arrivals", "report_counts" })
        {
            Assert.Equal(0, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table} WHERE workspace_id = @Id", new { crew.Id })));
            Assert.NotEqual(0, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table} WHERE workspace_id = @Id", new { stays.Id })));
        }
    }

    private static async Task<Dictionary<string, List<string>>> Contents(TestApp app)
    {
        var all = new Dictionary<string, List<string>>();
        foreach (var table in ErasedRowsTable.All.Select(rows => rows.Table).Distinct())
        {
            // Sealed columns are bytes that nobody can read; everything else is looked at as text.
            var rows = await app.Db.Read(tx => tx.Many<object>($"SELECT * FROM {table}"));
            all[table] = [.. rows.Cast<IDictionary<string, object?>>().Select(row => string.Join(" | ", row.Select(c => c.Value is byte[] bytes ? Encoding.Latin1.GetString(bytes) : Convert.ToString(c.Value, System.Globalization.CultureInfo.InvariantCulture))))];
        }
        return all;
    }

    [GeneratedRegex(@"ALTER TABLE (?<old>\w+) RENAME TO (?<new>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RenameTable();

    [GeneratedRegex(@"CREATE TABLE (?<name>\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CreateTable();
}
