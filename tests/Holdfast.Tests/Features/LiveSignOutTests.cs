using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class LiveSignOutTests
{
    private static async Task Until(Func<bool> true_)
    {
        for (var i = 0; !true_(); i++)
        {
            if (i > 800) throw new TimeoutException("Waited twenty seconds");
            await Task.Delay(25);
        }
    }

    private static async Task<EventStream> Open(Visitor visitor)
    {
        var stream = await visitor.Listen();
        Assert.Equal("open", (await stream.Next())?.Name);
        return stream;
    }

    private static async Task Ends(EventStream stream, string reason)
    {
        var told = await stream.Told();
        Assert.Equal(("ended", reason), (told?.Name, told?.Data.GetProperty("reason").GetString()));
        Assert.Null(await stream.Next());
    }

    private static void Beat(TestApp app, int times = 1)
    {
        for (var tick = 0; tick < SessionStreams.Heartbeat * times; tick++) app.Get<SessionStreams>().Tick(app.Now);
    }

    private static Task<Session?> Row(TestApp app, Visitor visitor) => app.Db.Read(tx => SessionTable.ByToken(tx, TestApp.HashOf(visitor.Token)));

    [Theory, Engines]
    public async Task An_open_page_hears_that_its_session_was_ended_and_why(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var (reason, act) in new (string, Func<Visitor, Visitor, Task<Answer>>)[]
        {
            ("ended_by_you", async (here, lost) => await here.Delete($"/api/v1/sessions/{(await lost.Sessions())[0]}")),
            ("ended_by_you", (here, _) => here.Post("/api/v1/sessions/end-others")),
            ("ended_by_you", (here, _) => here.Post("/api/v1/sessions/end-all")),
            ("signed_out", (_, lost) => lost.Copy().Post("/api/v1/sign-out")),
            ("replaced", (_, lost) => lost.Copy().SignIn(person.Email, person.Password)),
            ("password_changed", (here, _) => here.ChangePassword(person.Password, TestApp.OtherPassword)),
        })
        {
            var (here, lost) = (await app.SignedIn(person), await app.SignedIn(person));
            using var stream = await Open(lost);
            Assert.True((await act(here, lost)).Status is 200 or 204);
            await Ends(stream, reason);
            (await lost.Get("/api/v1/session/stream")).Expect(401, "session.ended");
        }
    }

    [Theory, Engines]
    public async Task The_stream_says_whose_session_it_is_and_passes_through_proxies(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        using var stream = await visitor.Listen();
        Assert.Equal(("text/event-stream", "no-store, no-transform", "no"), (stream.Header("Content-Type"), stream.Header("Cache-Control"), stream.Header("X-Accel-Buffering")));
        var open = await stream.Next();
        Assert.Equal((person.Id, (await visitor.Sessions())[0]), (open!.Data.GetProperty("account").GetString(), open.Data.GetProperty("session").GetString()));
    }

    [Fact]
    public async Task The_server_gives_a_sign_of_life_by_itself()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        using var stream = await Open(await app.SignedIn(await app.AddAccount()));
        Assert.Equal("", (await stream.Next())!.Name);
    }

    [Theory, Engines]
    public async Task Sessions_that_were_not_meant_stay_and_so_do_their_streams(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var somebodyElse = await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        var (here, lost) = (await app.SignedIn(person), await app.SignedIn(person));
        using var mine = await Open(here);
        using var theirs = await Open(somebodyElse);
        using var its = await Open(lost);
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        await Ends(its, "ended_by_you");
        // Something about the account changed, not whether it is signed in.
        (await here.Patch("/api/v1/account", new { name = "Tomasz W." })).Expect(200);
        Beat(app);
        Assert.Equal("", (await mine.Next())!.Name);
        Assert.Equal("", (await theirs.Next())!.Name);
        await Until(() => app.Get<SessionStreams>().Count == 2);
    }

    [Theory, Engines]
    public async Task A_renewed_token_ends_the_stream_without_ending_the_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        using var before = await Open(visitor);
        (await visitor.StepUp(person.Password)).Expect(200);
        Assert.Equal("renewed", (await before.Told())?.Name);
        Assert.Null(await before.Next());
        using var after = await Open(visitor);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        Assert.Equal("renewed", (await after.Told())?.Name);
        using var now = await Open(visitor);
        (await visitor.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines("idle", "absolute")]
    public async Task An_open_page_hears_that_its_session_ran_out(string engine, string reason)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        for (var hours = 0; reason == "absolute" && hours < 7 * 24 - 10; hours += 10)
        {
            app.Clock.Advance(TimeSpan.FromHours(10));
            (await visitor.Get("/api/v1/session")).Expect(200);
        }
        using var stream = await Open(visitor);
        app.Clock.Advance(TimeSpan.FromHours(12));
        await Ends(stream, reason);
    }

    [Theory, Engines]
    public async Task Holding_a_stream_open_is_no_use_of_the_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        var used = app.Now;
        app.Clock.Advance(TimeSpan.FromHours(11));
        using var stream = await Open(visitor);
        Beat(app);
        Assert.Equal("", (await stream.Next())!.Name);
        // Read anew from the database as well.
        app.Get<Announcements>().Tell(new Announcement("session", Convert.ToHexString(TestApp.HashOf(visitor.Token).ToBytes())));
        Beat(app);
        Assert.Equal("", (await stream.Next())!.Name);
        await app.Get<LastActive>().Write();
        Assert.Equal(used, (await Row(app, visitor))!.LastActiveAt);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await Ends(stream, "idle");
        (await visitor.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task What_another_page_of_the_session_does_keeps_the_stream_alive(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        using var stream = await Open(visitor);
        for (var i = 0; i < 3; i++)
        {
            app.Clock.Advance(TimeSpan.FromHours(11));
            (await visitor.Get("/api/v1/session")).Expect(200);
            Beat(app);
            Assert.Equal("", (await stream.Next())!.Name);
        }
    }

    [Theory, Engines]
    public async Task Of_too_many_streams_of_one_session_the_oldest_gives_way(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:StreamsPerSession"] = "2" });
        var person = await app.AddAccount();
        var (visitor, other) = (await app.SignedIn(person), await app.SignedIn(person));
        using var elsewhere = await Open(other);
        using var first = await Open(visitor);
        using var second = await Open(visitor);
        using var third = await Open(visitor);
        Assert.Equal("crowded", (await first.Told())?.Name);
        Assert.Null(await first.Next());
        Assert.Equal(3, app.Get<SessionStreams>().Count);
        (await visitor.Post("/api/v1/sign-out")).Expect(204);
        foreach (var stream in new[] { second, third }) await Ends(stream, "signed_out");
        Beat(app);
        Assert.Equal("", (await elsewhere.Next())!.Name);
    }

    [Theory, Engines]
    public async Task Beyond_the_bound_of_all_streams_the_answer_is_503_until_one_is_free(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:Streams"] = "2" });
        var person = await app.AddAccount();
        var (one, two, three) = (await app.SignedIn(person), await app.SignedIn(person), await app.SignedIn(person));
        using var first = await Open(one);
        using (await Open(two))
        {
            Assert.Equal("30", (await three.Get("/api/v1/session/stream")).Expect(503, "session.streams_full").Header("Retry-After"));
            (await three.Get("/api/v1/session")).Expect(200);
        }
        await Until(() => app.Get<SessionStreams>().Count < 2);
        using var third = await Open(three);
    }

    [Theory, Engines]
    public async Task Pages_that_go_leave_nothing_behind(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        for (var i = 0; i < 20; i++) (await Open(visitor)).Dispose();
        await Until(() => app.Get<SessionStreams>().Count == 0);
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_stream_ends_after_an_hour_so_that_nothing_is_held_for_ever(string engine)
    {
        await using var app = await TestApp.Start(engine);
        using var stream = await Open(await app.SignedIn(await app.AddAccount()));
        Beat(app, SessionStreams.LongestLife / SessionStreams.Heartbeat);
        Assert.Null(await stream.Told());
        await Until(() => app.Get<SessionStreams>().Count == 0);
    }

    [Theory, Engines]
    public async Task A_server_that_stops_ends_its_streams_and_does_not_wait_for_them(string engine)
    {
        var app = await TestApp.Start(engine);
        try
        {
            var person = await app.AddAccount();
            var streams = new List<EventStream>();
            for (var i = 0; i < 10; i++) streams.Add(await Open(await app.SignedIn(person)));
            // The framework would give them thirty seconds.
            var stopped = app.Stop();
            foreach (var stream in streams) Assert.Null(await stream.Told());
            await stopped.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
            Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
            foreach (var stream in streams) stream.Dispose();
        }
        finally
        {
            await app.DisposeAsync();
        }
    }

    [Theory, Engines]
    public async Task Strangers_and_foreign_pages_get_no_stream(string engine)
    {
        await using var app = await TestApp.Start(engine);
        (await app.Visitor().Get("/api/v1/session/stream")).Expect(401, "session.required");
        var visitor = await app.SignedIn(await app.AddAccount());
        foreach (var site in new[] { "cross-site", "same-site" })
        {
            visitor.Headers["Sec-Fetch-Site"] = site;
            (await visitor.Get("/api/v1/session/stream")).Expect(403, "request.cross_site");
        }
        visitor.Headers["Sec-Fetch-Site"] = "same-origin";
        using var stream = await Open(visitor);
    }

    [Fact]
    public async Task A_session_ended_on_one_node_is_told_to_the_page_that_hangs_on_another()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres);
        var clock = new FakeClock();
        await using var a = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: database);
        await using var b = await TestApp.Start(TestDatabase.Postgres, clock: clock, database: database);
        await Until(() => a.Get<Announcements>().IsTrustworthy && b.Get<Announcements>().IsTrustworthy);
        var person = await a.AddAccount();
        var (here, lost) = (await a.SignedIn(person), await a.SignedIn(person));
        using var its = await Open(At(b, lost));
        using var mine = await Open(At(b, here));
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        await Ends(its, "ended_by_you");
        (await here.StepUp(person.Password)).Expect(200);
        Assert.Equal("renewed", (await mine.Told())?.Name);

        // Used at one node, watched at the other: what counts is the last use anywhere.
        using var watched = await Open(At(b, here));
        clock.Advance(TimeSpan.FromHours(8));
        (await here.Get("/api/v1/session")).Expect(200);
        await a.Get<LastActive>().Write();
        clock.Advance(TimeSpan.FromHours(8));
        Beat(b);
        Assert.Equal("", (await watched.Next())!.Name);
        clock.Advance(TimeSpan.FromHours(4));
        await Ends(watched, "idle");
    }

    [Fact]
    public async Task While_the_line_between_nodes_is_cut_the_database_is_asked_with_every_sign_of_life()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var app = await TestApp.Start(TestDatabase.Postgres);
        await Until(() => app.Get<Announcements>().IsTrustworthy);
        var person = await app.AddAccount();
        var (here, lost) = (await app.SignedIn(person), await app.SignedIn(person));
        using var its = await Open(lost);
        using var mine = await Open(here);
        await app.Database.OnPostgres("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast-listen' AND datname = current_database()");
        await Until(() => !app.Get<Announcements>().IsTrustworthy);
        // Ended past the program: no announcement at all could tell of it.
        await app.Database.OnPostgres($"UPDATE sessions SET ended_at = 1, end_reason = 'ended_by_you' WHERE id <> '{(await here.Sessions())[0]}'");
        Beat(app);
        await Ends(its, "ended_by_you");
        await Until(() => app.Get<Announcements>().IsTrustworthy);
        Beat(app);
        Assert.Equal("", (await mine.Next())!.Name);
    }

    [Fact]
    public async Task A_database_that_does_not_answer_throws_nobody_out()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var app = await TestApp.Start(TestDatabase.Postgres);
        using var stream = await Open(await app.SignedIn(await app.AddAccount()));
        await app.Database.Cut();
        for (var i = 0; i < 3; i++)
        {
            Beat(app);
            Assert.Equal("", (await stream.Next())!.Name);
        }
    }

    /// <summary>The same browser at another node.</summary>
    private static Visitor At(TestApp node, Visitor visitor)
    {
        var other = node.Visitor();
        foreach (var (name, value) in visitor.Cookies) other.Cookies[name] = value;
        return other;
    }
}
