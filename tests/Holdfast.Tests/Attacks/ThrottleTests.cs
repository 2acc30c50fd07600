using Holdfast.Configuration;
using Holdfast.Features.SignIn;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>The brake itself as a target: to lock people out, to hide, to make the database wait.</summary>
public sealed class ThrottleTests
{
    private const string Wrong = "no, not this one";

    [Theory, Engines]
    public async Task A_stranger_behind_the_same_address_cannot_lock_out_browsers_that_are_known(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "5" });
        var person = await app.AddAccount();
        var known = await app.SignedIn(person);
        for (var i = 0; i < 5; i++) (await app.Visitor().SignIn($"person{i}@example.com", Wrong)).Expect(401);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(429, "sign_in.network_wait");
        (await known.StepUp(person.Password)).Expect(200);
        (await known.Post("/api/v1/sign-out")).Expect(204);
        (await known.SignIn(person.Email, person.Password)).Expect(204);
        // It has its own count still, and its tries make no room for strangers.
        for (var i = 0; i < 5; i++) (await known.SignIn(person.Email, Wrong)).Expect(401);
        (await known.SignIn(person.Email, person.Password)).Expect(429, "sign_in.wait");
        (await app.Visitor().SignIn("another@example.com", Wrong)).Expect(429, "sign_in.network_wait");
    }

    [Theory, Engines]
    public async Task Tries_that_are_held_back_are_written_down_once_for_each_wait(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:StopAt"] = "10", ["SignIn:LongestWait"] = "1m", ["SignIn:NetworkLimit"] = "12" });
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        for (var wait = 0; wait < 3; wait++)
        {
            while ((await app.Visitor().SignIn(person.Email, Wrong)).Status == 401) { }
            for (var i = 0; i < 20; i++) (await app.Visitor().SignIn(person.Email, Wrong)).Expect(429);
            Assert.Equal(wait + 1, (await visitor.Activity("?kind=sign-ins")).Count(kind => kind == "sign_in.throttled"));
            app.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        // The seven wrong tries so far and five more fill the network: said once as well, about nobody.
        for (var i = 0; i < 30; i++) await app.Visitor().SignIn("nobody@example.com", Wrong);
        Task<long> About(string kind) => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM audit_entries WHERE account_id = '' AND kind = @kind", new { kind }));
        Assert.Equal((5, 1), (await About("sign_in.failed"), await About("sign_in.throttled")));
    }

    [Theory, Engines]
    public async Task Guesses_in_a_stolen_session_are_written_down_too(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = await app.SignedIn(await app.AddAccount());
        for (var i = 0; i < 20; i++) await visitor.StepUp(Wrong);
        var kinds = await visitor.Activity();
        Assert.Equal((5, 1), (kinds.Count(kind => kind == "step_up.failed"), kinds.Count(kind => kind == "sign_in.throttled")));
    }

    [Fact]
    public async Task Sign_ins_of_one_person_from_one_network_never_wait_for_each_other_crosswise()
    {
        Assert.SkipWhen(TestDatabase.PostgresServer is null, "No PostgreSQL here");
        await using var app = await TestApp.Start(TestDatabase.Postgres);
        var throttle = app.Get<Throttle>();
        var subject = throttle.For(Throttle.Password, MailAddressShape.Canonical("tomasz@almondbirch.example"), Client.Server, knownBrowser: false);
        await app.Db.Write(async tx => { Assert.Null(await throttle.Charge(tx, subject, app.Now)); return 0; });
        var (charges, successes) = (0, 0);
        var half = new TaskCompletionSource();
        var charging = app.Db.Write(async tx =>
        {
            charges++;
            // The first half of a charge, then a pause in which the other one comes as far as it can.
            await ThrottleTable.ChargeNetwork(tx, subject.Network, app.Now, 100, app.Now);
            half.TrySetResult();
            for (var i = 0; charges == 1 && i < 400 && await tx.Count("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0; i++) await Task.Delay(25);
            return await throttle.Charge(tx, subject, app.Now);
        });
        await half.Task;
        var succeeding = app.Db.Write(async tx => { successes++; await Throttle.Succeeded(tx, subject); return 0; });
        Assert.Null(await charging);
        await succeeding;
        Assert.Equal((1, 1), (charges, successes));
    }
}
