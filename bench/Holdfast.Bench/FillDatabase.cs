using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Bench;

/// <summary>Files of requests, as <c>wrk/lines.lua</c> reads them, for what lies in one database.</summary>
/// <param name="Cookie">Of one signed-in person.</param>
/// <param name="SignIns">A right password for one account after the other.</param>
/// <param name="Lists">The list of sessions of one person after the other: five each.</param>
/// <param name="Revokes">For each round, sessions to end, each once.</param>
internal sealed record Filled(string Cookie, string SignIns, string Lists, IReadOnlyList<string> Revokes);

/// <summary>Fills an empty database with people and their sessions, through the server's own tables.</summary>
internal sealed class FillDatabase(Db db, string folder, string name)
{
    private const int Readers = 2_000;
    private const int SessionsEach = 5;
    private const int SignInAccounts = 1_000;
    private const int RevokesEach = 100;
    private const string Password = "kvikkjokk-lapporten";
    private const string UserAgent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    /// <param name="revokes">How many sessions each round may end at most.</param>
    public static async Task<Filled> Run(HoldfastSettings settings, string folder, string name, int rounds, int revokes)
    {
        await using var engine = Engine.Open(settings);
        var db = new Db(engine, new Announcements(TimeProvider.System));
        await Migrate.Run(db, TimeProvider.System);
        return await new FillDatabase(db, folder, name).Run(settings.Passwords, rounds, revokes);
    }

    /// <summary>The server's settings, with its defaults.</summary>
    public static HoldfastSettings Settings(string data, string? postgres)
    {
        var values = new Dictionary<string, string?> { ["Data"] = data };
        if (postgres is not null) values["Database:Postgres"] = postgres;
        return HoldfastSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(values).Build());
    }

    private async Task<Filled> Run(PasswordSettings passwords, int rounds, int revokes)
    {
        using var hasher = new PasswordHasher(passwords);
        // The salt is the same for all; the work of comparing is not less for that.
        var hash = (await hasher.Hash(PlainPassword.From(Password))).Value;
        var workspace = await db.Write(tx => WorkspaceTable.Insert(tx, "Northwind", _now));
        var cookies = new List<string>();
        foreach (var batch in Enumerable.Range(0, Readers).Chunk(200))
        {
            cookies.AddRange(await db.Write(tx => Many(batch, async number =>
            {
                var account = await Person(tx, $"reader-{number}@quayside.example", null);
                await WorkspaceTable.AddMember(tx, workspace, account, "member", _now);
                return (await Sessions(tx, account, SessionsEach))[0].Cookie;
            })));
        }
        var emails = await db.Write(tx => Many(Enumerable.Range(0, SignInAccounts), async number =>
        {
            var email = $"person-{number}@quayside.example";
            _ = await Person(tx, email, hash);
            return email;
        }));
        var ends = new List<string>();
        for (var round = 0; round < rounds; round++) ends.Add(Write($"revoke-{round}", await Revocable(round, revokes)));
        return new Filled(
            cookies[0],
            Write("sign-in", emails.Select(email => Line("POST", "/api/v1/sign-in", "", $"{{\"email\":\"{email}\",\"password\":\"{Password}\"}}"))),
            Write("list", cookies.Select(cookie => Line("GET", "/api/v1/sessions", cookie, ""))),
            ends);
    }

    private async Task<List<string>> Revocable(int round, int count)
    {
        var lines = new List<(string Id, string Line)>();
        for (var number = 0; lines.Count < count; number++)
        {
            lines.AddRange(await db.Write(async tx =>
            {
                var account = await Person(tx, $"leaver-{round}-{number}@quayside.example", null);
                var sessions = await Sessions(tx, account, RevokesEach + 1);
                return sessions.Skip(1).Select(s => (s.Id, Line("DELETE", $"/api/v1/sessions/{s.Id}", sessions[0].Cookie, ""))).ToList();
            }));
        }
        // One of each person in turn: nobody ends a hundred sessions in a row.
        return [.. lines.Select((l, i) => (l.Line, Turn: i % RevokesEach)).OrderBy(l => l.Turn).Select(l => l.Line)];
    }

    private async Task<string> Person(WriteTx tx, string email, PasswordHash? password)
    {
        var account = new Account { Id = Ids.New(_now), Email = email, Name = "Greta Lindqvist", TimeZone = "Europe/Stockholm", CreatedAt = _now };
        if (!await AccountTable.Insert(tx, account)) throw new InvalidOperationException("The database is not empty");
        if (password is not null) await PasswordTable.Insert(tx, new PasswordRow { AccountId = account.Id, Phc = password.Phc, PepperId = password.PepperId, Score = 4, ChangedAt = _now });
        return account.Id;
    }

    private async Task<List<(string Id, string Cookie)>> Sessions(WriteTx tx, string account, int count) => await Many(Enumerable.Range(0, count), async number =>
    {
        var token = SecretToken.New();
        var session = new Session
        {
            AccountId = account, Id = Ids.New(_now), TokenHash = token.Hash, Kept = true, SignedInWith = ProofMethod.Password, CreatedAt = _now, LastActiveAt = _now - TimeSpan.FromMinutes(number),
            // An hour ahead: nobody has to prove themselves anew while the measurement runs.
            ProvenAt = _now.AddHours(1), ProvenWith = ProofMethod.Password, Address = "203.0.113.7", UserAgent = UserAgent,
        };
        await SessionTable.Insert(tx, session);
        return (session.Id, $"{Web.Cookies.Session}={token.Reveal()}");
    });

    private static async Task<List<T>> Many<T>(IEnumerable<int> numbers, Func<int, Task<T>> make)
    {
        var made = new List<T>();
        foreach (var number in numbers) made.Add(await make(number));
        return made;
    }

    private static string Line(string method, string path, string cookie, string body) => $"{method}\t{path}\t{cookie}\t{body}";

    private string Write(string what, IEnumerable<string> lines)
    {
        var path = Path.Combine(folder, $"{name}-{what}.tsv");
        File.WriteAllLines(path, lines);
        return path;
    }
}
