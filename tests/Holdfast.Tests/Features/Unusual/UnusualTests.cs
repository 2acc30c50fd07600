using System.Text.Json;
using Holdfast.Features.Audit;
using Holdfast.Features.Unusual;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Unusual;

public sealed class UnusualTests
{
    private static async Task<List<JsonElement>> List(Visitor visitor) => [.. (await visitor.Get("/api/v1/me/unusual")).Expect(200).Json.EnumerateArray()];

    private static string Kind(JsonElement e) => e.GetProperty("kind").GetString()!;

    private static async Task Guess(TestApp app, Visitor visitor, Person person, int times)
    {
        for (var i = 0; i < times; i++) (await visitor.SignIn(person.Email, $"wrong number {i}")).Expect(401);
        // Within one moment nothing comes before anything.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>Waits are not what these are about.</summary>
    private static readonly Dictionary<string, string?> Patient = new() { ["SignIn:FreeTries"] = "10" };

    [Theory, Engines]
    public async Task Five_wrong_passwords_and_then_the_right_one_are_shown_and_told_and_the_person_says_that_it_was_they(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        await Guess(app, visitor, person, 5);
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        var found = Assert.Single(await List(visitor));
        Assert.Equal((UnusualKind.Guessed, "A sign-in after 5 wrong tries. Somebody may have guessed."), (Kind(found), found.GetProperty("what").GetString()));
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Equal("Unusual sign-in to your account", letter.Subject);
        Assert.NotEmpty(TestApp.TokenIn(letter, "/not-me"));
        Assert.NotNull((await visitor.Open("/account/security")).Document.QuerySelector("form[action='/account/unusual?handler=WasMe']"));

        // The sign-in that it is about is no proof of its own.
        (await visitor.Post($"/api/v1/me/unusual/{found.GetProperty("id").GetString()}/was-me")).Expect(403, "step_up.required");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await visitor.StepUp(person.Password)).Expect(200);
        var page = await visitor.Open("/account/activity");
        page = await page.Submit("form[action='/account/unusual?handler=WasMe']");
        Assert.Equal("/account/unusual", page.Path);
        Assert.Equal(UnusualEnd.WasMe, Assert.Single(await List(visitor)).GetProperty("closedHow").GetString());
        Assert.Null((await visitor.Open("/account/security")).Document.QuerySelector("form[action='/account/unusual?handler=WasMe']"));
        // A second press finds nothing.
        (await visitor.Post($"/api/v1/me/unusual/{found.GetProperty("id").GetString()}/was-me")).Expect(404, "unusual.unknown");
        Assert.Contains(AuditKind.UnusualClosed, await visitor.Activity());
    }

    [Theory, Engines]
    public async Task Failures_before_the_last_sign_in_or_more_than_an_hour_ago_count_no_more(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        await Guess(app, visitor, person, 4);
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Guess(app, visitor, person, 4);
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await Guess(app, visitor, person, 5);
        app.Clock.Advance(TimeSpan.FromMinutes(61));
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Empty(await List(visitor));
    }

    [Theory, Engines]
    public async Task Lyon_and_a_minute_later_Yokohama_is_too_far_and_is_said_once(string engine)
    {
        using var file = new TemporaryFile(ExamplePlaces.Build());
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["GeoIp:DatabasePath"] = file.Path, ["Proxy:Addresses"] = "127.0.0.1" });
        var person = await app.AddAccount();
        var visitor = app.Visitor();
        visitor.ForwardedFor = "203.0.113.201";
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        visitor.ForwardedFor = "198.51.100.77";
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        var found = Assert.Single(await List(visitor));
        Assert.Equal((UnusualKind.TooFar, "Near Halifax, Canada"), (Kind(found), found.GetProperty("place").GetString()));
        Assert.EndsWith("km from Lyon, France, 1 minutes after one there.", found.GetProperty("what").GetString(), StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_used_recovery_code_and_two_factor_turned_off_are_shown(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, _) = await app.AddWithTwoFactor();
        var visitor = app.Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(202);
        (await visitor.Verify(phone.Codes[0], "recovery_code")).Expect(200);
        Assert.Equal([UnusualKind.RecoveryCode], (await List(visitor)).Select(Kind));
        app.NextCode();
        (await visitor.TurnOff(phone.Code())).Expect(204);
        Assert.Equal([UnusualKind.TwoFactorOff, UnusualKind.RecoveryCode], (await List(visitor)).Select(Kind));
    }

    [Theory, Engines]
    public async Task Admins_see_what_kind_of_thing_and_when_but_neither_place_nor_device_and_note_that_they_looked(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var crew = await Crew.Found(app);
        var (member, admin) = (await crew.Add("member", name: "Kofi Mensah"), await crew.Add("admin"));
        var theirs = app.Visitor();
        await Guess(app, theirs, member, 5);
        (await theirs.SignIn(member.Email, member.Password)).Expect(204);
        var visitor = await app.SignedIn(admin);
        var item = Assert.Single((await visitor.Get($"{crew.Api}/unusual")).Expect(200).Json.GetProperty("items").EnumerateArray());
        Assert.True(item.GetProperty("needsReview").GetBoolean());
        Assert.False(item.TryGetProperty("place", out _));
        Assert.False(item.TryGetProperty("device", out _));
        var page = await visitor.Open($"{crew.Page}/unusual");
        Assert.Contains("Kofi Mensah", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Firefox", page.Document.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        await page.Submit($"form[action='{crew.Page}/unusual?handler=Reviewed']");
        // Nor does an old session note that somebody looked.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post($"{crew.Api}/users/{member.Id}/unusual/{item.GetProperty("id").GetString()}/reviewed")).Expect(403, "step_up.required");
        Assert.False(Assert.Single((await visitor.Get($"{crew.Api}/unusual")).Expect(200).Json.GetProperty("items").EnumerateArray()).GetProperty("needsReview").GetBoolean());
        // The person's own list is theirs to close.
        Assert.Null(Assert.Single(await List(theirs)).TryGetProperty("closedHow", out var how) && how.ValueKind != JsonValueKind.Null ? how.GetString() : null);
    }

    [Theory, Engines]
    public async Task Nobody_sees_or_closes_what_is_another_s(string engine)
    {
        await using var app = await TestApp.Start(engine, Patient);
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (member, owner, plain) = (await crew.Add("member"), await other.Add("owner"), await crew.Add("member"));
        var theirs = app.Visitor();
        await Guess(app, theirs, member, 5);
        (await theirs.SignIn(member.Email, member.Password)).Expect(204);
        var id = Assert.Single(await List(theirs)).GetProperty("id").GetString();
        var stranger = await app.SignedIn(owner);
        (await stranger.Post($"/api/v1/me/unusual/{id}/was-me")).Expect(404, "unusual.unknown");
        (await stranger.Get($"{crew.Api}/unusual")).Expect(404);
        (await stranger.Post($"{crew.Api}/users/{member.Id}/unusual/{id}/reviewed")).Expect(404);
        (await stranger.Post($"{other.Api}/users/{member.Id}/unusual/{id}/reviewed")).Expect(404, "unusual.unknown");
        Assert.Empty((await stranger.Get($"{other.Api}/unusual")).Expect(200).Json.GetProperty("items").EnumerateArray());
        (await (await app.SignedIn(plain)).Get($"{crew.Api}/unusual")).Expect(403, "workspace.not_allowed");
        // Nor does an old proof close one: it may be the thief's session.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await theirs.Post($"/api/v1/me/unusual/{id}/was-me")).Expect(403, "step_up.required");
        foreach (var odd in new[] { "x", "00000000-0000-0000-0000-000000000000", "%00" }) Assert.InRange((await stranger.Post($"/api/v1/me/unusual/{odd}/was-me")).Status, 400, 404);
    }
}
