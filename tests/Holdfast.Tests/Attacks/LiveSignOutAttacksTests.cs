using Holdfast.Features.Sessions;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class LiveSignOutAttacksTests
{
    [Theory, Engines]
    public async Task A_stream_of_a_stolen_session_is_closed_by_the_server_and_delivers_nothing_more(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (owner, robbed) = (await app.SignedIn(person), await app.SignedIn(person));
        using var thief = await robbed.Copy().Listen();
        Assert.Equal("open", (await thief.Next())?.Name);
        (await owner.Post("/api/v1/sessions/end-others")).Expect(200);
        Assert.Equal("ended", (await thief.Told())?.Name);
        // Whatever happens from now on, the connection says no more: it is at its end.
        (await owner.Patch("/api/v1/account", new { name = "Somebody else's business" })).Expect(200);
        for (var tick = 0; tick < 3 * SessionStreams.Heartbeat; tick++) app.Get<SessionStreams>().Tick(app.Now);
        Assert.Null(await thief.Next());
    }

    [Theory, Engines]
    public async Task A_thief_of_the_old_token_is_cut_off_by_the_next_proof(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var copy = visitor.Copy();
        using var thief = await copy.Listen();
        Assert.Equal("open", (await thief.Next())?.Name);
        (await visitor.StepUp(person.Password)).Expect(200);
        Assert.Equal("renewed", (await thief.Told())?.Name);
        Assert.Null(await thief.Next());
        (await copy.Get("/api/v1/session/stream")).Expect(401);
    }

    [Theory, Engines]
    public async Task A_stream_tells_of_nobody_but_its_own_session(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var attacker = await app.SignedIn(await app.AddAccount("eve@attacker.example", "Eve"));
        var person = await app.AddAccount();
        var victim = await app.SignedIn(person);
        using var stream = await attacker.Listen();
        Assert.Equal("open", (await stream.Next())?.Name);
        (await victim.StepUp(person.Password)).Expect(200);
        (await victim.Post("/api/v1/sessions/end-all")).Expect(200);
        for (var tick = 0; tick < SessionStreams.Heartbeat; tick++) app.Get<SessionStreams>().Tick(app.Now);
        Assert.Equal("", (await stream.Next())?.Name);
    }

    [Theory, Engines]
    public async Task One_session_takes_no_more_places_than_it_may_however_often_it_asks(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:StreamsPerSession"] = "3", ["Sessions:Streams"] = "5" });
        var greedy = await app.SignedIn(await app.AddAccount("eve@attacker.example", "Eve"));
        var other = await app.SignedIn(await app.AddAccount());
        var held = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => greedy.Listen()));
        Assert.InRange(app.Get<SessionStreams>().Count, 1, 3);
        using var place = await other.Listen();
        Assert.Equal("open", (await place.Next())?.Name);
        foreach (var stream in held) stream.Dispose();
    }
}
