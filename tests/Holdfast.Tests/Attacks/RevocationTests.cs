using Holdfast.Features.Sessions;
using Holdfast.Hosting;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class RevocationTests
{
    private static readonly Dictionary<string, string?> Lazy = new() { ["Database:LastActiveSeconds"] = "300" };

    [Theory, Engines]
    public async Task Tidying_does_not_close_a_session_that_was_used_a_moment_ago(string engine)
    {
        await using var app = await TestApp.Start(engine, Lazy);
        var visitor = await app.SignedIn(await app.AddAccount());
        app.Clock.Advance(app.Settings.Sessions.Idle - TimeSpan.FromSeconds(1));
        (await visitor.Get("/api/v1/session")).Expect(200);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await app.Tidy();
        (await visitor.Get("/api/v1/session")).Expect(200);
        Assert.Single(await visitor.Sessions());
    }

    [Fact]
    public async Task What_one_node_closed_as_idle_lives_on_in_no_memory_where_it_could_not_be_ended()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var database = await TestDatabase.Make(TestDatabase.Postgres);
        var clock = new FakeClock();
        await using var here = await TestApp.Start(TestDatabase.Postgres, Lazy, clock, database);
        await using var there = await TestApp.Start(TestDatabase.Postgres, Lazy, clock, database);
        for (var i = 0; !here.Get<Announcements>().IsTrustworthy && i < 400; i++) await Task.Delay(25);
        var thief = await here.SignedIn(await here.AddAccount());
        clock.Advance(here.Settings.Sessions.Idle - TimeSpan.FromSeconds(1));
        (await thief.Get("/api/v1/session")).Expect(200);
        clock.Advance(TimeSpan.FromSeconds(2));
        // The other node knows nothing of that last use yet.
        await there.Tidy();
        for (var i = 0; here.Get<SessionCache>().Find(TestApp.HashOf(thief.Token)) is not null && i < 400; i++) await Task.Delay(25);
        (await thief.Get("/api/v1/session")).Expect(401, "session.ended");
    }
}
