using System.Text;
using Holdfast.Features.Passwords;
using Holdfast.Features.Recovery;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>What strangers may find out by asking for recovery (nothing), and how much they may ask for.</summary>
public sealed class RecoveryProbesTests
{
    private static Task<Answer> Ask(TestApp app, string email) => app.Visitor().Post("/api/v1/password-recovery", new { email });

    [Theory, Engines]
    public async Task What_was_typed_stands_sealed_in_the_database_and_not_in_the_log(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await using var hold = await Hidden.Table(app, "accounts");
        (await Ask(app, "secret.visitor@clinic.example")).Expect(202);
        var rows = await app.Db.Read(tx => tx.Many<byte[]>("SELECT sealed FROM quiet_requests"));
        Assert.DoesNotContain("clinic", Encoding.UTF8.GetString(Assert.Single(rows)), StringComparison.Ordinal);
        await hold.Back();
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await app.Letters("nobody");
        Assert.DoesNotContain("clinic", app.Logs.Everything, StringComparison.Ordinal);
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_personal WHERE details LIKE '%clinic%'")));
    }

    [Theory, Engines]
    public async Task The_answer_is_the_same_to_the_byte_for_known_unknown_and_blocked_addresses(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (known, blocked, _) = (await app.AddAccount("ann@quayside.example", "Ann"), await app.AddAccount("bob@quayside.example", "Bob"), await app.AddWithTwoFactor("cyd@quayside.example", "Cyd"));
        await app.Db.Write(async tx => { await PasswordTable.Block(tx, blocked.Id, app.Now); return 0; });
        var seen = new List<string>();
        foreach (var email in new[] { known.Email, "eve@quayside.example", blocked.Email, "cyd@quayside.example", "dan@harbour1.example" })
        {
            // Twice: the second within a minute, which sends nothing.
            for (var times = 0; times < 2; times++) seen.Add(Say((await Ask(app, email)).Expect(202), email));
            await app.Letters(email);
        }
        Assert.Single(seen.Distinct(StringComparer.Ordinal));
        seen.Clear();
        foreach (var email in new[] { known.Email, "eve@quayside.example", blocked.Email, "cyd@quayside.example", "dan@harbour1.example" })
        {
            var visitor = app.Visitor();
            // From elsewhere: on this machine the mailbox of development shows above the page how many letters there are.
            visitor.ForwardedFor = "198.51.100.7";
            var page = await (await visitor.Open("/forgot-password")).Submit("form[action='/forgot-password']", ("email", email));
            seen.Add(Say(page.Answer.Expect(200), email));
        }
        Assert.Single(seen.Distinct(StringComparer.Ordinal));
        static string Say(Answer answer, string email) =>
            $"{answer.Status}\n{string.Join('\n', answer.Headers.Where(h => h.Key != "Date").OrderBy(h => h.Key, StringComparer.Ordinal).Select(h => $"{h.Key}: {string.Join(", ", h.Value)}"))}\n{answer.Body.Replace(email, "EMAIL", StringComparison.Ordinal)}";
    }

    [Theory, Engines]
    public async Task A_request_looks_nothing_up_so_that_its_time_cannot_tell(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        // Whoever asked one of these tables would fail now.
        await using var a = await Hidden.Table(app, "accounts");
        await using var b = await Hidden.Table(app, "links");
        await using var c = await Hidden.Table(app, "passwords");
        await using var d = await Hidden.Table(app, "outbox");
        await using var e = await Hidden.Table(app, "audit_entries");
        foreach (var email in new[] { person.Email, "nobody@almondbirch.example", person.Email }) (await Ask(app, email)).Expect(202);
        Assert.Equal(200, (await (await app.Visitor().Open("/forgot-password")).Submit("form[action='/forgot-password']", ("email", person.Email))).Answer.Status);
        Assert.Equal(4, await app.Db.Read(QuietRequestTable.Waiting));
    }

    [Theory, Engines]
    public async Task A_flood_for_one_victim_from_many_networks_is_five_letters_an_hour(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Proxy:Addresses"] = "127.0.0.1" });
        var person = await app.AddAccount();
        for (var i = 0; i < 120; i++)
        {
            var visitor = app.Visitor();
            visitor.ForwardedFor = $"198.51.100.{i}";
            (await visitor.Post("/api/v1/password-recovery", new { email = i % 2 == 0 ? person.Email : person.Email.ToUpperInvariant() })).Expect(202);
            if (i % 10 == 9) await app.Letters(person.Email);
            app.Clock.Advance(TimeSpan.FromSeconds(25));
        }
        var letters = await app.Letters(person.Email);
        Assert.Equal(5, letters.Count);
        Assert.Equal([person.Email], (await RecoveryAttacksTests.Receivers(app)).Distinct());
        // What the owner has in the mailbox works: those that sent nothing ended nothing.
        Assert.Equal(5, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE kind = 'password.recovery_asked'")));
        Assert.Equal(0, await app.Db.Read(QuietRequestTable.Waiting));
    }

    [Theory, Engines]
    public async Task One_network_that_asks_for_everybody_is_stopped_and_told_how_long(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Recovery:NetworkLimit"] = "5", ["Proxy:Addresses"] = "127.0.0.1" });
        var person = await app.AddAccount();
        Visitor From(string address)
        {
            var visitor = app.Visitor();
            visitor.ForwardedFor = address;
            return visitor;
        }
        for (var i = 0; i < 5; i++) (await From("198.51.100.7").Post("/api/v1/password-recovery", new { email = $"person{i}@quayside.example" })).Expect(202);
        foreach (var email in new[] { person.Email, "nobody@quayside.example" })
        {
            var refused = (await From("198.51.100.7").Post("/api/v1/password-recovery", new { email })).Expect(429, "recovery.network_wait");
            Assert.Equal("600", refused.Header("Retry-After"));
            var page = await (await From("198.51.100.7").Open("/forgot-password")).Submit("form[action='/forgot-password']", ("email", email));
            Assert.Equal((429, "600"), (page.Answer.Status, page.Answer.Header("Retry-After")));
        }
        Assert.Empty(await RecoveryAttacksTests.Receivers(app));
        // Written down once, about nobody.
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE account_id = '' AND kind = 'sign_in.throttled'")));
        (await From("203.0.113.9").Post("/api/v1/password-recovery", new { email = person.Email })).Expect(202);
        // It takes no tries at passwords away, and a wait for passwords takes none away here.
        (await From("198.51.100.7").SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        (await From("198.51.100.7").Post("/api/v1/password-recovery", new { email = "person9@quayside.example" })).Expect(202);
    }

    [Theory, Engines]
    public async Task The_queue_does_not_grow_without_end(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await using var hold = await Hidden.Table(app, "accounts");
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < 20; i++) Assert.Equal(i < 12, await QuietRequestTable.Insert(tx, Ids.New(app.Now), "recovery", [1], app.Now, most: 12));
            return 0;
        });
        await app.Db.Write(tx => tx.Execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @most) INSERT INTO quiet_requests (id, kind, sealed, asked_at, claimed_until, attempts) SELECT 'filler' || i, kind, sealed, asked_at, 9000000000000, 0 FROM n, (SELECT * FROM quiet_requests LIMIT 1) AS one",
            new { most = AskQuietly.LongestQueue }));
        foreach (var email in new[] { "tomasz@almondbirch.example", "nobody@almondbirch.example" }) Assert.Equal("60", (await Ask(app, email)).Expect(503, "recovery.busy").Header("Retry-After"));
    }
}
