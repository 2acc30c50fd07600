using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class ActivityTests
{
    [Theory, Engines]
    public async Task Events_come_newest_first_in_words_with_device_and_place(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        (await app.Visitor(Visitor.Iphone).SignIn(person.Email, "no, not this one")).Expect(401);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        var here = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        (await here.StepUp(person.Password)).Expect(200);
        var items = (await here.Get("/api/v1/activity")).Expect(200).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["step_up.succeeded", "sign_in.succeeded", "sign_in.failed"], items.Select(i => i.GetProperty("kind").GetString()));
        Assert.Equal(["Firefox on Linux", "Firefox on Linux", "Safari on iPhone"], items.Select(i => i.GetProperty("device").GetString()));
        Assert.Equal([true, true, false], items.Select(i => i.GetProperty("thisSession").GetBoolean()));
        Assert.All(items, i => Assert.NotEmpty(i.GetProperty("what").GetString()!));
        var page = await here.Open("/account/activity");
        foreach (var item in items) Assert.Contains(item.GetProperty("what").GetString()!, page.Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_list_is_read_page_by_page_without_gap_or_double(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var here = await app.SignedIn(person);
        for (var i = 0; i < 6; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            (await here.Patch("/api/v1/account", new { name = $"Tomasz {i}" })).Expect(200);
        }
        var (all, seen) = ((await Ids("?limit=200")).Ids, new List<string>());
        string? next = "";
        while (next is not null)
        {
            var (ids, after) = await Ids($"?limit=3{(next.Length > 0 ? "&after=" + next : "")}");
            seen.AddRange(ids);
            next = after;
        }
        Assert.Equal(7, all.Count);
        Assert.Equal(all, seen);

        async Task<(List<string> Ids, string? Next)> Ids(string query)
        {
            var json = (await here.Get("/api/v1/activity" + query)).Expect(200).Json;
            return ([.. json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)], json.TryGetProperty("next", out var cursor) ? cursor.GetString() : null);
        }
    }

    [Theory, Engines]
    public async Task Filters_narrow_and_nonsense_is_refused_or_means_all(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var here = await app.SignedIn(person);
        (await here.Patch("/api/v1/account", new { name = "Tomasz" })).Expect(200);
        Assert.Equal(["account.profile_changed"], await here.Activity("?kind=account"));
        Assert.Equal(["sign_in.succeeded"], await here.Activity("?kind=sign-ins"));
        Assert.Equal(2, (await here.Activity("?kind=%27%3B%20DROP%20TABLE%20accounts&after=nonsense")).Count);
        foreach (var bad in new[] { "?days=0", "?days=367", "?limit=0", "?limit=201" }) (await here.Get("/api/v1/activity" + bad)).Expect(400, "request.range");
        foreach (var bad in new[] { "?days=x", "?limit=99999999999" }) (await here.Get("/api/v1/activity" + bad)).Expect(400, "request.malformed");
        // An empty one counts as left out.
        (await here.Get("/api/v1/activity?days=")).Expect(200);
        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        here = await app.SignedIn(person);
        Assert.Equal(["sign_in.succeeded"], await here.Activity("?days=1"));
    }

    [Theory, Engines]
    public async Task The_CSV_file_holds_the_same_and_no_formula(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var here = await app.SignedIn(person);
        var answer = (await here.Get("/account/activity.csv")).Expect(200);
        Assert.StartsWith("text/csv", answer.ContentType, StringComparison.Ordinal);
        Assert.Contains("attachment", answer.Header("Content-Disposition"), StringComparison.Ordinal);
        var lines = answer.Body.TrimStart('\ufeff').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Contains("Firefox on Linux", lines[1], StringComparison.Ordinal);
        (await app.Visitor().Get("/account/activity.csv")).Expect(302);
    }

    [Theory, Engines]
    public async Task Nobody_sees_events_of_somebody_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        _ = await app.SignedIn(person);
        (await app.Visitor().SignIn("nobody@example.com", "whatever it was")).Expect(401);
        var other = await app.SignedIn(await app.AddAccount("ines@quayside.example", "Inês Duarte"));
        Assert.Equal(["sign_in.succeeded"], await other.Activity());
    }
}
