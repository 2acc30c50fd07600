using System.Text.Json;
using Holdfast.Features.Sessions;
using Holdfast.Hosting;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class SessionsTests
{
    [Theory, Engines]
    public async Task The_list_shows_every_live_session_with_this_one_first_and_no_secret(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var one = await app.SignedIn(person, userAgent: Visitor.Chrome);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var two = await app.SignedIn(person, userAgent: Visitor.Iphone);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        var three = await app.SignedIn(person);
        var answer = (await one.Get("/api/v1/sessions?ended=true")).Expect(200);
        var live = answer.Json.GetProperty("live").EnumerateArray().ToList();
        Assert.Equal([true, false, false], live.Select(s => s.GetProperty("current").GetBoolean()));
        Assert.Equal(["Chrome on Windows", "Firefox on Linux", "Safari on iPhone"], live.Select(s => s.GetProperty("device").GetString()));
        Assert.All(live, s => Assert.Equal(("127.0.0.1", "This computer"), (s.GetProperty("address").GetString(), s.GetProperty("place").GetString())));
        Assert.Empty(answer.Json.GetProperty("ended").EnumerateArray());
        foreach (var visitor in new[] { one, two, three })
        {
            Assert.DoesNotContain(visitor.Token, answer.Body, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(TestApp.HashOf(visitor.Token).ToBytes()), answer.Body, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory, Engines]
    public async Task Signing_out_one_ends_it_on_its_next_request_and_leaves_the_others(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (here, lost, other) = (await app.SignedIn(person), await app.SignedIn(person, userAgent: Visitor.Iphone), await app.SignedIn(person));
        (await lost.Get("/api/v1/session")).Expect(200);
        (await here.Delete($"/api/v1/sessions/{(await lost.Sessions())[0]}")).Expect(204);
        (await lost.Get("/api/v1/session")).Expect(401, "session.ended");
        Assert.Equal("/sign-in?return=%2Faccount%2Fsecurity", (await lost.Get("/account/security")).Expect(302).Location);
        (await other.Get("/api/v1/session")).Expect(200);
        var ended = Assert.Single((await here.Get("/api/v1/sessions?ended=true")).Json.GetProperty("ended").EnumerateArray());
        Assert.Equal(("ended_by_you", "Safari on iPhone"), (ended.GetProperty("endReason").GetString(), ended.GetProperty("device").GetString()));
        Assert.Contains("session.ended", await here.Activity());
        // The page that the lost browser comes to says why.
        Assert.Contains("from another one", (await lost.Open("/account/security")).Document.QuerySelector("form [role=status]")!.TextContent, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, Engines]
    public async Task All_others_and_all_end_what_they_say(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var somebodyElse = await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        var (here, two, three) = (await app.SignedIn(person), await app.SignedIn(person), await app.SignedIn(person));
        Assert.Equal(2, (await here.Post("/api/v1/sessions/end-others")).Expect(200).Json.GetProperty("ended").GetInt32());
        (await here.Get("/api/v1/session")).Expect(200);
        foreach (var visitor in new[] { two, three }) (await visitor.Get("/api/v1/session")).Expect(401, "session.ended");
        two = await app.SignedIn(person);
        var left = here.Copy();
        var answer = (await here.Post("/api/v1/sessions/end-all")).Expect(200);
        Assert.Equal(2, answer.Json.GetProperty("ended").GetInt32());
        Assert.Equal("\"cache\", \"storage\"", answer.Header("Clear-Site-Data"));
        Assert.False(here.Cookies.ContainsKey(Visitor.SessionCookie));
        foreach (var visitor in new[] { left, two }) (await visitor.Get("/api/v1/session")).Expect(401, "session.ended");
        (await somebodyElse.Get("/api/v1/session")).Expect(200);
    }

    [Theory, Engines]
    public async Task Ending_sessions_asks_for_a_proof_of_ten_minutes_and_leaving_does_not(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        var otherId = (await other.Sessions())[0];
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        foreach (var call in new[] { here.Delete($"/api/v1/sessions/{otherId}"), here.Post("/api/v1/sessions/end-others"), here.Post("/api/v1/sessions/end-all") }) (await call).Expect(403, "step_up.required");
        (await other.Get("/api/v1/session")).Expect(200);
        (await here.StepUp(person.Password)).Expect(200);
        (await here.Delete($"/api/v1/sessions/{otherId}")).Expect(204);
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await here.Post("/api/v1/sign-out")).Expect(204);
        Assert.False(here.Cookies.ContainsKey(Visitor.SessionCookie));
        Assert.True(here.Cookies.ContainsKey(Visitor.DeviceCookie));
    }

    [Theory, Engines]
    public async Task A_setting_lets_sessions_be_ended_without_a_proof(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Sessions:StepUpToEnd"] = "false" });
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        (await other.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task Pages_end_a_session_after_the_detour_of_a_proof_without_losing_what_was_asked(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person, userAgent: Visitor.Iphone));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var page = await (await here.Open("/account/sessions")).Submit("form[action='/account/sessions?handler=End']");
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        page = await page.Submit("form[action='/step-up']", ("password", person.Password));
        page = await page.Submit("form[data-go-on]");
        Assert.Equal((200, "/account/sessions"), (page.Answer.Status, page.Path));
        Assert.Contains("Safari on iPhone", page.Document.QuerySelector(".flash")!.TextContent, StringComparison.Ordinal);
        (await other.Get("/api/v1/session")).Expect(401, "session.ended");
    }

    [Theory, Engines]
    public async Task Last_active_is_written_in_batches_and_shown_at_once(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Database:LastActiveSeconds"] = "300" });
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        (await other.Get("/api/v1/session")).Expect(200);
        Assert.Equal(app.Now, Others(await here.Get("/api/v1/sessions")).GetProperty("lastActiveAt").GetDateTimeOffset());
        var before = (await app.Db.Read(tx => SessionTable.ByToken(tx, TestApp.HashOf(other.Token))))!;
        Assert.Equal(app.Now.AddMinutes(-3), before.LastActiveAt);
        await app.Get<LastActive>().Write();
        var after = (await app.Db.Read(tx => SessionTable.ByToken(tx, TestApp.HashOf(other.Token))))!;
        Assert.Equal(app.Now, after.LastActiveAt);

        static JsonElement Others(Answer answer) => answer.Json.GetProperty("live").EnumerateArray().Single(s => !s.GetProperty("current").GetBoolean());
    }

    [Theory, Engines]
    public async Task Tidying_closes_what_ran_out_with_its_reason_and_forgets_it_after_thirty_days(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        _ = await app.SignedIn(person);
        _ = await app.SignedIn(person, keep: true);
        app.Clock.Advance(TimeSpan.FromHours(13));
        await app.Tidy();
        var here = await app.SignedIn(person, keep: true);
        var list = (await here.Get("/api/v1/sessions?ended=true")).Expect(200).Json;
        Assert.Equal(2, list.GetProperty("live").GetArrayLength());
        Assert.Equal("idle", Assert.Single(list.GetProperty("ended").EnumerateArray()).GetProperty("endReason").GetString());
        app.Clock.Advance(TimeSpan.FromDays(29));
        (await here.Get("/api/v1/session")).Expect(200);
        await app.Get<LastActive>().Write();
        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.Tidy();
        list = (await here.Get("/api/v1/sessions?ended=true")).Expect(200).Json;
        Assert.Equal(1, list.GetProperty("live").GetArrayLength());
        Assert.Equal(1, list.GetProperty("ended").GetArrayLength());
    }

    [Theory, Engines]
    public async Task What_ran_out_but_was_not_tidied_yet_is_listed_as_ended(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        _ = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromHours(13));
        var here = await app.SignedIn(person);
        var list = (await here.Get("/api/v1/sessions?ended=true")).Expect(200).Json;
        Assert.Equal(1, list.GetProperty("live").GetArrayLength());
        var ended = Assert.Single(list.GetProperty("ended").EnumerateArray());
        Assert.Equal("idle", ended.GetProperty("endReason").GetString());
        Assert.Equal(app.Now.AddHours(-1), ended.GetProperty("endedAt").GetDateTimeOffset());
    }
}
