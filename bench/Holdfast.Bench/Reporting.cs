using System.Diagnostics;
using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Reporting;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Hosting;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Holdfast.Bench;

/// <summary>The reporting of a workspace whose log has five million sign-ins in 400 days, asked of a running server; and what counting costs the one who signs in.</summary>
internal static class Reporting
{
    private const int People = 2_000;
    private const int Days = 400;
    private const int Arrivals = 2_000;
    private const int Portion = 250_000;
    private const int Writers = 16;
    private const string Zone = "Europe/Stockholm";
    private const double AimMilliseconds = 200;
    /// <summary>Of the entry alone: a sign-in hashes a password besides, for a hundred times as long.</summary>
    private const double AimOfUncounted = 0.75;
    private static readonly Client From = new("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", null);

    private static readonly (string Name, string Path)[] Asked =
    [
        ("page, 30 days", "/w/{0}/reporting"), ("page, 400 days", "/w/{0}/reporting?from={1}"), ("API, 30 days", "/api/v1/workspaces/{0}/reporting"), ("API, 400 days", "/api/v1/workspaces/{0}/reporting?days=400"),
        ("CSV of the days, 400 days", "/w/{0}/reporting/days.csv?from={1}"), ("CSV of new devices", "/w/{0}/reporting/new-devices.csv"), ("CSV of people without two-factor", "/w/{0}/reporting/without-two-factor.csv"),
    ];

    public static async Task<Section> Run(Options options)
    {
        var folder = Path.Combine(options.Scratch, "reporting");
        Directory.CreateDirectory(folder);
        await using (var source = NpgsqlDataSource.Create(options.Postgres))
        await using (var make = source.CreateCommand("CREATE DATABASE holdfast_reporting"))
            await make.ExecuteNonQueryAsync();
        var postgres = new NpgsqlConnectionStringBuilder(options.Postgres) { Database = "holdfast_reporting" }.ConnectionString;
        var section = new Section("reporting", string.Create(CultureInfo.InvariantCulture, $"{options.Events:N0} events"), "p50 ms", "worst ms", "KiB");
        foreach (var (engine, connection) in new[] { ("SQLite", null), ("PostgreSQL", postgres) })
        {
            var data = Path.Combine(folder, engine);
            Directory.CreateDirectory(data);
            var (slug, cookie, counted, uncounted) = await Fill(FillDatabase.Settings(data, connection), engine, options);
            if (connection is not null) await Vacuum(connection);
            await using var server = await Child.Start(options.Server, ["serve", "--port", "0", "--data", data, .. connection is null ? Array.Empty<string>() : ["--postgres", connection]]);
            var slowest = 0.0;
            var first = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(TimeProvider.System.GetUtcNow(), Zone).AddDays(1 - Days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            foreach (var (name, path) in Asked) slowest = Math.Max(slowest, await Time(section, $"{engine}: {name}", server, string.Format(CultureInfo.InvariantCulture, path, slug, first), cookie, options.Rounds * 10));
            section.Aim($"{engine}, median of the slowest of these,", slowest, AimMilliseconds, atLeast: false, " ms");
            section.Aim($"{engine}, entries of sign-ins per second by {Writers} at once when they are counted ({Section.Cell(counted)}), of those that are not ({Section.Cell(uncounted)}),", counted / uncounted, AimOfUncounted, atLeast: true);
        }
        return section;
    }

    private static async Task<double> Time(Section section, string name, Child server, string path, string cookie, int times)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        var (took, bytes) = (new List<double>(), 0);
        // The first is for the compiler.
        for (var i = 0; i <= times; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, server.Address + path);
            request.Headers.Add("Cookie", cookie);
            var begun = Stopwatch.GetTimestamp();
            using var response = (await http.SendAsync(request)).EnsureSuccessStatusCode();
            bytes = (await response.Content.ReadAsByteArrayAsync()).Length;
            if (i > 0) took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        section.Row(name, Section.Cell(Figure.Median(took)), Section.Cell(took.Max()), Section.Cell(bytes / 1024.0));
        return Figure.Median(took);
    }

    private static async Task<(string Slug, string Cookie, double Counted, double Uncounted)> Fill(HoldfastSettings settings, string name, Options options)
    {
        await using var engine = Engine.Open(settings);
        var db = new Db(engine, new Announcements(TimeProvider.System));
        await Migrate.Run(db, TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        var workspace = await db.Write(tx => WorkspaceTable.Insert(tx, "Northwind", now));
        var slug = (await db.Read(tx => WorkspaceTable.ById(tx, workspace)))!.Slug;
        Console.Error.WriteLine($"Filling {name} with {options.Events:N0} events …");
        var cookie = await Fill(db, workspace, now);
        // Measured in small steps in turn, before the log is long: both sides alike.
        var (counted, uncounted) = await Compare(db, now, options);
        await FillLog(db, workspace, now, options.Events);
        // What a server that has run for years has done long ago, and would do now beside the first questions.
        await new SealAudit(db, await OpenKeys.Run(db, settings.Server.KeysPath), NullLogger<SealAudit>.Instance).Run(CancellationToken.None);
        await new FoldReports(db).Run(CancellationToken.None);
        return (slug, cookie, counted, uncounted);
    }

    /// <summary>People, somebody who looks, and new devices by the way that real ones come.</summary>
    private static Task<string> Fill(Db db, string workspace, DateTimeOffset now) => db.Write(async tx =>
    {
        for (var i = 0; i < People; i++)
        {
            await Person(tx, Member(i), i, now);
            await WorkspaceTable.AddMember(tx, workspace, Member(i), "member", now.AddDays(-Days - 1));
            await Person(tx, Stranger(i), i, now);
        }
        var role = new Role(Ids.New(now), "Looks at figures", [Permission.UsersView, Permission.ReportingView]);
        await RoleTable.Insert(tx, workspace, role, "", now);
        await Person(tx, "looker", 0, now);
        await WorkspaceTable.AddMember(tx, workspace, "looker", role.Key, now);
        for (var i = 0; i < Arrivals; i++) await Record(tx, Member(i % People), now.AddMinutes(-i), "new");
        var token = SecretToken.New();
        await SessionTable.Insert(tx, new Session { AccountId = "looker", Id = Ids.New(now), TokenHash = token.Hash, Kept = true, SignedInWith = ProofMethod.Password, CreatedAt = now, LastActiveAt = now, ProvenAt = now, ProvenWith = ProofMethod.Password, Address = From.Address, UserAgent = From.UserAgent });
        return $"{Web.Cookies.Session}={token.Reveal()}";
    });

    private static string Member(int number) => string.Create(CultureInfo.InvariantCulture, $"member-{10_000 + number}");

    private static string Stranger(int number) => string.Create(CultureInfo.InvariantCulture, $"stranger-{10_000 + number}");

    private static Task<bool> Person(WriteTx tx, string id, int number, DateTimeOffset now) =>
        AccountTable.Insert(tx, new Account { Id = id, Email = $"{id}@quayside.example", Name = string.Create(CultureInfo.InvariantCulture, $"Greta Lindqvist {number}"), TimeZone = Zone, CreatedAt = now });

    private static Task Record(WriteTx tx, string account, DateTimeOffset at, string device) =>
        AuditLog.Record(tx, at, new AuditEvent(AuditKind.SignedIn, account, From) { Data = new Dictionary<string, string> { ["method"] = "password totp", ["device"] = device } });

    /// <summary>Entries of sign-ins by many at once: of members of one workspace, who are counted there, and of people in none.</summary>
    private static async Task<(double Counted, double Uncounted)> Compare(Db db, DateTimeOffset now, Options options)
    {
        var (counted, uncounted) = (new List<double>(), new List<double>());
        for (var round = 0; round <= options.Rounds; round++)
        {
            foreach (var (name, to) in new[] { ((Func<int, string>)Stranger, uncounted), (Member, counted) })
            {
                var (until, done) = (TimeSpan.FromSeconds(options.Seconds), 0);
                var begun = Stopwatch.GetTimestamp();
                await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
                {
                    for (var i = writer; Stopwatch.GetElapsedTime(begun) < until; i += Writers)
                    {
                        await db.Write(async tx => { await Record(tx, name(i % People), now, "known"); return 0; });
                        Interlocked.Increment(ref done);
                    }
                })));
                if (round > 0) to.Add(done / Stopwatch.GetElapsedTime(begun).TotalSeconds);
            }
        }
        return (Figure.Median(counted), Figure.Median(uncounted));
    }

    /// <summary>Made up by the database itself, a portion at a time: one person's after the other's, spread over the days.</summary>
    private static async Task FillLog(Db db, string workspace, DateTimeOffset now, int events)
    {
        var (each, start) = (Math.Max(1, events / People), now.AddDays(-Days).ToUnixTimeMilliseconds());
        var step = TimeSpan.FromDays(Days).Ticks / TimeSpan.TicksPerMillisecond / each;
        for (var from = 0; from < events; from += Portion)
        {
            var args = new { from, to = Math.Min(events, from + Portion), each, people = People, start, step, commitment = new byte[32], details = $"{{\"address\":\"{From.Address}\",\"browser\":\"{From.UserAgent}\"}}" };
            const string Numbers = "WITH RECURSIVE numbers (i) AS (SELECT CAST(@from AS BIGINT) UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < @to)";
            await db.Write(async tx =>
            {
                await tx.Execute(
                    $$"""
                    {{Numbers}}
                    INSERT INTO audit_entries (account_id, id, at, kind, actor_id, session_id, workspace_id, data, commitment)
                    SELECT 'member-' || (10000 + (i / @each) % @people), 'bulk-' || (100000000 + i), @start + (i % @each) * @step, CASE i % 10 WHEN 0 THEN 'sign_in.failed' WHEN 1 THEN 'sign_in.second_step_asked' ELSE 'sign_in.succeeded' END, '', '', '',
                      CASE i % 10 WHEN 0 THEN '{"method":"password"}' WHEN 1 THEN '{"method":"password"}' WHEN 2 THEN '{"method":"passkey"}' WHEN 3 THEN '{"method":"password"}' WHEN 4 THEN '{"method":"password recovery_code"}' ELSE '{"method":"password totp"}' END, @commitment
                    FROM numbers
                    """,
                    args);
                return await tx.Execute($"{Numbers} INSERT INTO audit_personal (account_id, entry_id, salt, details) SELECT 'member-' || (10000 + (i / @each) % @people), 'bulk-' || (100000000 + i), @commitment, @details FROM numbers", args);
            });
        }
        await db.Write(tx => tx.Execute(
            """
            INSERT INTO report_counts (workspace_id, hour, what, how, n)
            SELECT @workspace, at / 3600000, CASE kind WHEN 'sign_in.failed' THEN 'failed' WHEN 'sign_in.second_step_asked' THEN 'second_asked' ELSE 'signed_in' END,
              CASE data WHEN '{"method":"passkey"}' THEN 'passkey' WHEN '{"method":"password"}' THEN 'password' WHEN '{"method":"password totp"}' THEN 'password totp' ELSE 'password recovery_code' END, COUNT(*)
            FROM audit_entries WHERE id LIKE 'bulk-%' GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
            """,
            new { workspace }));
    }

    /// <summary>What its own tidying does by itself within minutes of such a change.</summary>
    private static async Task Vacuum(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var vacuum = source.CreateCommand("VACUUM (ANALYZE)");
        vacuum.CommandTimeout = 1200;
        await vacuum.ExecuteNonQueryAsync();
    }
}
