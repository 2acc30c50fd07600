using System.Diagnostics;
using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Npgsql;

namespace Holdfast.Bench;

/// <summary>Pages of the list of people in a workspace of 200,000, asked of the tables in this process: the server's time without the way there and the page around it.</summary>
internal static class Users
{
    public const int People = 200_000;
    private const int Times = 30;
    private const double AimMilliseconds = 50;

    private static readonly string[] First = ["Anna", "Jonas", "Priya", "Tomás", "Aoife", "Giulia", "Kofi", "Hana", "Mateusz", "Yuki", "Ingrid", "Samir", "Chloé", "Daniel", "Elena", "Lars", "Nadia", "Oskar", "Beatriz", "Finn"];

    private static readonly (string Name, string Text, string Role, string Only)[] Asked =
    [
        ("first page", "", "", ""), ("page in the middle", "", "", ""), ("search, one letter", "a", "", ""), ("search, a name of many", "anna", "", ""), ("search, one person", "finn lindqvist19999", "", ""), ("search, nobody", "anna zzz", "", ""), ("search, a name and the host all have", "zzz quayside", "", ""), ("search, two names of many that nobody has both", "anna jonas", "", ""), ("search, the host all have, and a filter", "quayside", "", UserSearch.Suspended),
        ("role of few", "", "admin", ""), ("without two-factor", "", "", UserSearch.WithoutTwoFactor), ("never signed in", "", "", UserSearch.NeverSignedIn), ("suspended", "", "", UserSearch.Suspended),
        ("role and filter", "", "member", UserSearch.Suspended), ("role of few and filter", "", "admin", UserSearch.WithoutTwoFactor), ("search and filter", "h", "", UserSearch.Suspended), ("search, role and filter", "h", "member", UserSearch.Suspended),
    ];

    public static async Task<Section> Run(Options options)
    {
        var folder = Path.Combine(options.Scratch, "users");
        Directory.CreateDirectory(folder);
        await using (var source = NpgsqlDataSource.Create(options.Postgres))
        await using (var make = source.CreateCommand("CREATE DATABASE holdfast_users"))
            await make.ExecuteNonQueryAsync();
        var postgres = new NpgsqlConnectionStringBuilder(options.Postgres) { Database = "holdfast_users" }.ConnectionString;
        var section = new Section("users", "", "p50 ms", "worst ms", "found");
        foreach (var (name, settings) in new[] { ("SQLite", FillDatabase.Settings(folder, null)), ("PostgreSQL", FillDatabase.Settings(folder, postgres)) })
        {
            await using var engine = Engine.Open(settings);
            var db = new Db(engine, new Announcements(TimeProvider.System));
            await Migrate.Run(db, TimeProvider.System);
            Console.Error.WriteLine($"Filling {name} with {People} people …");
            var workspace = await Fill(db);
            // What its own tidying does by itself within minutes of such a change.
            if (name == "PostgreSQL") await Vacuum(postgres);
            var middle = (await db.Read(tx => UserTable.List(tx, workspace, UserSearch.All, new UserPlace("", "kofi", ""), 1)))[0];
            var worst = 0.0;
            foreach (var asked in Asked)
            {
                var search = UserSearch.Of(asked.Text, asked.Role, asked.Only);
                var after = asked.Name == "page in the middle" ? new UserPlace("", middle.NameSort, middle.AccountId) : null;
                var (took, found) = await Time(() => db.Read(tx => UserTable.List(tx, workspace, search, after, ListUsers.PageSize + 1)), rows => rows.Count);
                worst = Math.Max(worst, Row(section, $"{name}: {asked.Name}", took, found));
            }
            var (counted, all) = await Time(() => db.Read(tx => UserTable.Counts(tx, workspace)), counts => (int)counts.All);
            worst = Math.Max(worst, Row(section, $"{name}: figures beside the filters", counted, all));
            section.Aim($"{name}, median of the slowest of these,", worst, AimMilliseconds, atLeast: false, " ms");
        }
        return section;
    }

    private static async Task Vacuum(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var vacuum = source.CreateCommand("VACUUM (ANALYZE)");
        vacuum.CommandTimeout = 600;
        await vacuum.ExecuteNonQueryAsync();
    }

    private static double Row(Section section, string name, List<double> took, int found)
    {
        var median = Figure.Median(took);
        section.Row(name, Section.Cell(median), Section.Cell(took.Max()), found.ToString(CultureInfo.InvariantCulture));
        return median;
    }

    private static async Task<(List<double> Took, int Found)> Time<T>(Func<Task<T>> ask, Func<T, int> count)
    {
        var (took, found) = (new List<double>(), count(await ask()));
        for (var i = 0; i < Times; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            await ask();
            took.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        return (took, found);
    }

    /// <summary>Through the same statements that keep the copies, some thousand people in each transaction.</summary>
    private static async Task<string> Fill(Db db)
    {
        var now = TimeProvider.System.GetUtcNow();
        var workspace = await db.Write(tx => WorkspaceTable.Insert(tx, "Northwind", now));
        foreach (var batch in Enumerable.Range(0, People).Chunk(5_000))
        {
            await db.Write(async tx =>
            {
                foreach (var i in batch)
                {
                    var account = new Account { Id = Ids.New(now), Email = $"{First[i % First.Length].ToLowerInvariant().Replace("á", "a").Replace("é", "e")}.{i}@quayside.example", Name = $"{First[i % First.Length]} Lindqvist{i}", CreatedAt = now };
                    await AccountTable.Insert(tx, account);
                    if (i % 10 != 0) await AccountTable.NoteSignIn(tx, account.Id, now);
                    await WorkspaceTable.AddMember(tx, workspace, account.Id, i % 2_000 == 0 ? "admin" : "member", now);
                    if (i % 5_000 == 7) await MemberTable.Suspend(tx, workspace, account.Id, now);
                }
                return 0;
            });
        }
        return workspace;
    }
}
