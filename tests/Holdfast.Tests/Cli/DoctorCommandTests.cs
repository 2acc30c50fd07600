using System.Net;
using System.Net.Sockets;
using Holdfast.Configuration;
using Holdfast.Hosting;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Cli;

public sealed class DoctorCommandTests
{
    private static async Task<Db> Open(Engine engine)
    {
        var db = new Db(engine, new Announcements(TimeProvider.System));
        await Holdfast.Storage.Migrate.Run(db, TimeProvider.System);
        return db;
    }

    /// <summary>A database with its key file, as a first start leaves them.</summary>
    private static async Task Found(TestDatabase database, string? lastly = null)
    {
        var settings = TestSettings.Read(database.Settings());
        await using var engine = Engine.Open(settings);
        var db = await Open(engine);
        await OpenKeys.Run(db, settings.Server.KeysPath);
        if (lastly is not null) await db.Write(tx => tx.Execute(lastly));
    }

    private static Task<Ended> Doctor(TestDatabase database, params (string Name, string Value)[] variables) => HoldfastProcess.Run(
        variables.ToDictionary(v => v.Name, v => v.Value), database.Connection is { } connection ? ["doctor", "--data", database.Folder, "--postgres", connection] : ["doctor", "--data", database.Folder]);

    private static string Line(Ended ended, string what) => ended.Lines.First(line => line.Split('\t')[1] == what);

    [Theory, Engines]
    public async Task All_is_well_after_a_first_start(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await Found(database);
        var ended = await Doctor(database);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        foreach (var what in new[] { "Settings", "Runtime", "libsodium", "ICU", "Time zones", "Database", "Clock", "Keys", "Letters", "Places", "Mail" }) Assert.StartsWith("good\t", Line(ended, what));
        Assert.Contains(engine, Line(ended, "Database"), StringComparison.Ordinal);
        Assert.Matches("Fingerprint [0-9a-f]{16}", Line(ended, "Keys"));
        Assert.Equal("look", Line(ended, "Operators").Split('\t')[0]);
    }

    [Fact]
    public async Task Before_the_first_start_it_makes_nothing()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var ended = await Doctor(database);
        Assert.Equal(0, ended.Code);
        Assert.StartsWith("look\tDatabase\tThere is none in", Line(ended, "Database"));
        Assert.Empty(Directory.GetFileSystemEntries(database.Folder));
    }

    [Theory, Engines]
    public async Task Apps_and_codes_that_the_key_file_cannot_open_are_bad_and_older_keys_that_are_needed_are_named(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await using (var app = await TestApp.Start(engine, database: database)) await app.AddWithTwoFactor();
        var file = Path.Combine(database.Folder, "keys", "holdfast.keys");
        Assert.StartsWith("good\tTwo-factor\t1 authenticator apps and 10 recovery codes can be used", Line(await Doctor(database), "Two-factor"));

        var (old, fresh) = (await File.ReadAllTextAsync(file), Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)) + "\n");
        await File.WriteAllTextAsync(file, fresh + old);
        Assert.Matches("Older keys that are still needed: [0-9a-f]{16}", Line(await Doctor(database), "Two-factor"));

        await File.WriteAllTextAsync(file, fresh);
        var lost = await Doctor(database);
        Assert.Equal(1, lost.Code);
        Assert.StartsWith("bad\tTwo-factor\t1 authenticator apps and 10 recovery codes cannot be used", Line(lost, "Two-factor"));
        File.Delete(file);
        Assert.StartsWith("bad\tTwo-factor\t1 authenticator apps", Line(await Doctor(database), "Two-factor"));
    }

    [Fact]
    public async Task Passkeys_that_were_made_for_another_name_are_bad()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await using (var app = await TestApp.Start(TestDatabase.Sqlite, database: database))
        {
            await app.AddWithPasskey();
            await app.Db.Write(tx => tx.Execute("UPDATE passkeys SET rp_id = 'id.before.example'"));
        }
        var ended = await Doctor(database);
        Assert.Equal(1, ended.Code);
        Assert.Contains("bad\tPasskeys\t1 passkeys were made for id.before.example, and PublicUrl says localhost: they do not work there", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_others_may_read_is_bad()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await Found(database);
        File.SetUnixFileMode(Path.Combine(database.Folder, "keys", "holdfast.keys"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var ended = await Doctor(database);
        Assert.Equal(1, ended.Code);
        Assert.StartsWith("bad\tKeys\tOther users may read", Line(ended, "Keys"));
        Assert.StartsWith("Something needs mending", ended.OneError);
    }

    [Fact]
    public async Task A_lost_key_file_and_a_strange_one_are_bad()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await Found(database);
        var keys = Path.Combine(database.Folder, "keys", "holdfast.keys");
        File.Delete(keys);
        Assert.StartsWith("bad\tKeys\tThere is no file", Line(await Doctor(database), "Keys"));
        await File.WriteAllTextAsync(keys, Convert.ToBase64String(new byte[32]));
        File.SetUnixFileMode(keys, UnixFileMode.UserRead);
        Assert.StartsWith("bad\tKeys\tThe keys in", Line(await Doctor(database), "Keys"));
    }

    [Theory, Engines]
    public async Task A_schema_from_the_future_is_bad(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await Found(database, "INSERT INTO schema_versions (version, name, checksum, applied_at) VALUES (9000, 'later', '', 0)");
        var ended = await Doctor(database);
        Assert.Equal(1, ended.Code);
        Assert.Contains("Its schema is version 9000, but this program knows", Line(ended, "Database"), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_session_that_was_used_tomorrow_means_that_the_clock_went_back(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        await Found(database, $"""
            INSERT INTO accounts (id, email, email_canonical, name, created_at) VALUES ('a', 'a@b.example', 'a@b.example', 'A', 0);
            INSERT INTO sessions (account_id, id, token_hash, kept, signed_in_with, created_at, last_active_at, proven_at, proven_with, address, user_agent)
            VALUES ('a', 's', {(engine == TestDatabase.Postgres ? "'\\x00'" : "x'00'")}, 0, 'password', 0, {TimeProvider.System.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds()}, 0, 'password', '', '')
            """);
        var ended = await Doctor(database);
        Assert.Equal(1, ended.Code);
        Assert.StartsWith("bad\tClock\tThe database was used", Line(ended, "Clock"));
    }

    [Fact]
    public async Task Letters_that_were_given_up_or_wait_for_long_are_worth_a_look()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        var now = TimeProvider.System.GetUtcNow();
        await Found(database, $"""
            INSERT INTO outbox (id, account_id, kind, created_at, next_try_at, claimed_until, attempts, failed_at) VALUES ('1', '', 'x', 0, 0, 0, 9, {now.AddHours(-2).ToUnixTimeMilliseconds()});
            INSERT INTO outbox (id, account_id, kind, created_at, next_try_at, claimed_until, attempts) VALUES ('2', '', 'x', {now.AddHours(-3).ToUnixTimeMilliseconds()}, 0, 0, 9)
            """);
        var ended = await Doctor(database);
        Assert.Equal(0, ended.Code);
        Assert.Contains("look\tLetters\tOne waits, for 4 hours", ended.Lines);
        Assert.Contains("look\tLetters\tOne was given up in the last day", ended.Lines);
    }

    [Fact]
    public async Task A_file_of_places_is_read_and_its_age_is_told()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await Found(database);
        var now = TimeProvider.System.GetUtcNow();
        async Task<(int Code, string Line)> Look(byte[]? file)
        {
            var path = Path.Combine(database.Folder, "places.mmdb");
            if (file is not null) await File.WriteAllBytesAsync(path, file);
            var ended = await Doctor(database, ("HOLDFAST_GeoIp__DatabasePath", path));
            return (ended.Code, Line(ended, "Places").Replace(path, "FILE", StringComparison.Ordinal));
        }

        static byte[] Built(DateTimeOffset at) => new MmdbWriter { Kind = "GeoLite2-City", BuiltAt = at }.Add("1.0.0.0/8", MmdbWriter.City("Lyon", "FR", "France")).Build();
        Assert.Equal((1, "bad\tPlaces\tFILE is not there, or is no ordinary file"), await Look(null));
        Assert.Equal((0, $"good\tPlaces\tGeoLite2-City, built {now.AddDays(-59):yyyy-MM-dd} (FILE)"), await Look(Built(now.AddDays(-59))));
        Assert.Equal((0, $"look\tPlaces\tGeoLite2-City, built {now.AddDays(-62):yyyy-MM-dd}, 62 days ago (FILE). Networks move: fetch a newer one"), await Look(Built(now.AddDays(-62))));
        Assert.Equal((1, "bad\tPlaces\tFILE is no MaxMind DB file, or its end is missing"), await Look(Built(now)[..100]));
        Assert.Equal((1, "bad\tPlaces\tFILE is whole, but its records (GeoLite2-ASN) name neither cities nor countries"), await Look(new MmdbWriter { Kind = "GeoLite2-ASN" }.Add("1.0.0.0/8", MmdbWriter.Map(("autonomous_system_number", 1u))).Build()));
    }

    [Fact]
    public async Task A_mail_server_is_greeted_and_a_missing_one_is_bad()
    {
        await using var database = await TestDatabase.Make(TestDatabase.Sqlite);
        await Found(database);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = $"{((IPEndPoint)server.LocalEndpoint).Port}";
        (string, string)[] mail = [("HOLDFAST_Mail__Host", "127.0.0.1"), ("HOLDFAST_Mail__Port", port), ("HOLDFAST_Mail__Security", "None"), ("HOLDFAST_Mail__Timeout", "5s")];
        var greeted = Greeted(server);
        var good = await Doctor(database, mail);
        Assert.Equal(0, good.Code);
        Assert.Equal($"good\tMail\t127.0.0.1:{port} takes letters", Line(good, "Mail"));
        Assert.Equal(["EHLO localhost", "QUIT"], await greeted.WaitAsync(TimeSpan.FromSeconds(5)));

        server.Stop();
        var bad = await Doctor(database, mail);
        Assert.Equal(1, bad.Code);
        Assert.StartsWith($"bad\tMail\t127.0.0.1:{port} takes none: the mail server cannot be reached", Line(bad, "Mail"));
    }

    /// <returns>What one caller said.</returns>
    private static async Task<List<string>> Greeted(TcpListener server)
    {
        using var caller = await server.AcceptTcpClientAsync();
        using var reader = new StreamReader(caller.GetStream());
        await using var writer = new StreamWriter(caller.GetStream()) { NewLine = "\r\n", AutoFlush = true };
        var heard = new List<string>();
        await writer.WriteLineAsync("220 here");
        while (await reader.ReadLineAsync() is { } line)
        {
            heard.Add(line);
            await writer.WriteLineAsync(line == "QUIT" ? "221 bye" : "250 fine");
        }
        return heard;
    }
}
