using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class StepUpTests
{
    [Theory, Engines]
    public async Task A_proof_gives_the_session_a_new_token_and_keeps_its_id(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person, keep: true);
        var (old, id) = (visitor.Copy(), (await visitor.Sessions())[0]);
        app.Clock.Advance(TimeSpan.FromHours(1));
        var answer = (await visitor.StepUp(person.Password)).Expect(200);
        Assert.Equal(app.Now, answer.Json.GetProperty("provenAt").GetDateTimeOffset());
        Assert.NotEqual(old.Token, visitor.Token);
        Assert.Equal([id], await visitor.Sessions());
        (await old.Get("/api/v1/session")).Expect(401);
        Assert.Equal(app.Now, (await visitor.Get("/api/v1/session")).Json.GetProperty("provenAt").GetDateTimeOffset());
        Assert.Contains("step_up.succeeded", await visitor.Activity());
    }

    [Theory, Engines]
    public async Task A_wrong_password_proves_nothing_and_is_counted_with_the_sign_ins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        Assert.Equal("password:password.wrong", (await visitor.StepUp("no, not this one")).Expect(400, "password.wrong").Errors);
        Assert.Equal("password:password.required", (await visitor.StepUp("")).Expect(400, "password.required").Errors);
        (await visitor.Get("/api/v1/session")).Expect(200);
        for (var i = 0; i < 4; i++) (await visitor.StepUp("no, not this one")).Expect(400, "password.wrong");
        (await visitor.StepUp(person.Password)).Expect(429, "sign_in.wait");
        (await visitor.SignIn(person.Email, person.Password)).Expect(429, "sign_in.wait");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await visitor.StepUp(person.Password)).Expect(200);
        Assert.Equal(5, (await visitor.Activity()).Count(kind => kind == "step_up.failed"));
    }

    [Theory, Engines]
    public async Task A_stranger_is_asked_to_sign_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        (await app.Visitor().StepUp("whatever it was")).Expect(401, "session.required");
    }
}
