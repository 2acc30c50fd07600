using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Storage;

/// <summary>Two servers on one PostgreSQL.</summary>
public sealed class NodesTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private TestApp _a = null!;
    private TestApp _b = null!;

    public async ValueTask InitializeAsync()
    {
        if (TestDatabase.PostgresServer is null) return;
        _database = await TestDatabase.Make(TestDatabase.Postgres);
        var clock = new FakeClock();
        _a = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: _database);
        _b = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: _database);
        foreach (var node in new[] { _a, _b }) await Until(() => node.Get<Announcements>().IsTrustworthy);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_a is not null) await _a.DisposeAsync();
        if (_b is not null) await _b.DisposeAsync();
        if (_database is not null) await _database.DisposeAsync();
    }

    private static void SkipWithoutPostgres() => Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");

    private static async Task Until(Func<bool> true_)
    {
        for (var i = 0; !true_(); i++)
        {
            if (i > 400) throw new TimeoutException("Waited ten seconds");
            await Task.Delay(25);
        }
    }

    /// <summary>The same browser at the other node.</summary>
    private static Visitor At(TestApp node, Visitor visitor)
    {
        var other = node.Visitor();
        foreach (var (name, value) in visitor.Cookies) other.Cookies[name] = value;
        return other;
    }

    private static bool Caches(TestApp node, Visitor visitor) => node.Get<SessionCache>().Find(TestApp.HashOf(visitor.Token)) is not null;

    [Fact]
    public async Task A_session_ended_on_one_node_is_refused_on_the_other_although_it_was_cached_there()
    {
        SkipWithoutPostgres();
        var person = await _a.AddAccount();
        var (here, stolen) = (await _a.SignedIn(person), await _a.SignedIn(person));
        (await At(_b, stolen).Get("/api/v1/session")).Expect(200);
        Assert.True(Caches(_b, stolen));
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        await Until(() => !Caches(_b, stolen));
        (await At(_b, stolen).Get("/api/v1/session")).Expect(401, "session.ended");
        (await At(_b, here).Get("/api/v1/session")).Expect(200);
    }

    [Fact]
    public async Task A_renewed_token_and_a_changed_name_reach_the_other_node()
    {
        SkipWithoutPostgres();
        var person = await _a.AddAccount();
        var here = await _a.SignedIn(person);
        var old = At(_b, here);
        (await old.Get("/api/v1/session")).Expect(200);
        (await here.Patch("/api/v1/account", new { name = "Tomasz W." })).Expect(200);
        await Until(() => !Caches(_b, old));
        Assert.Equal("Tomasz W.", (await old.Get("/api/v1/session")).Expect(200).Json.GetProperty("account").GetProperty("name").GetString());
        (await here.StepUp(person.Password)).Expect(200);
        await Until(() => !Caches(_b, old));
        (await old.Get("/api/v1/session")).Expect(401);
        (await At(_b, here).Get("/api/v1/session")).Expect(200);
    }

    [Fact]
    public async Task While_the_line_between_nodes_is_cut_no_cached_session_is_believed()
    {
        SkipWithoutPostgres();
        var person = await _a.AddAccount();
        var (here, stolen) = (await _a.SignedIn(person), await _a.SignedIn(person));
        var there = At(_b, stolen);
        (await there.Get("/api/v1/session")).Expect(200);
        Assert.True(Caches(_b, stolen));
        await _database.OnPostgres("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast-listen' AND datname = current_database()");
        await Until(() => !_b.Get<Announcements>().IsTrustworthy);
        // Ended past the program: no announcement at all could tell of it.
        await _database.OnPostgres($"UPDATE sessions SET ended_at = 1, end_reason = 'ended_by_you' WHERE id <> '{(await here.Sessions())[0]}'");
        (await there.Get("/api/v1/session")).Expect(401, "session.ended");
        // The line comes back by itself, and what was cached before it was cut is forgotten.
        await Until(() => _b.Get<Announcements>().IsTrustworthy);
        (await there.Get("/api/v1/session")).Expect(401, "session.ended");
        (await here.Get("/api/v1/session")).Expect(200);
    }

    [Fact]
    public async Task Failures_are_counted_over_both_nodes()
    {
        SkipWithoutPostgres();
        var person = await _a.AddAccount();
        for (var i = 0; i < 5; i++) (await (i % 2 == 0 ? _a : _b).Visitor().SignIn(person.Email, "no, not this one")).Expect(401);
        foreach (var node in new[] { _a, _b }) (await node.Visitor().SignIn(person.Email, person.Password)).Expect(429, "sign_in.wait");
    }
}
