using System.Globalization;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

/// <summary>Somebody with five hundred sessions.</summary>
public sealed class ManySessionsTests
{
    private const string Curl = "curl/8.5.0";

    private static readonly string[] Agents = [Curl, Curl, Curl, Visitor.Chrome, Visitor.Iphone];

    /// <summary>Five hundred besides the first: three hundred by curl, a hundred each on a computer and a phone; the last hundred were not used for 40 days.</summary>
    private static async Task<(Person Person, Visitor Visitor)> Somebody(TestApp app)
    {
        var person = await app.AddAccount();
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < 500; i++)
            {
                var at = app.Now.AddDays(i < 400 ? 0 : -40).AddSeconds(-1 - i);
                await SessionTable.Insert(tx, new Session
                {
                    AccountId = person.Id, Id = Ids.New(at), TokenHash = SecretToken.New().Hash, Kept = true, SignedInWith = ProofMethod.Password, CreatedAt = at, LastActiveAt = at, ProvenAt = at,
                    ProvenWith = ProofMethod.Password, Address = i % 5 == 4 ? "10.1.2.3" : "192.0.2." + (i % 200).ToString(CultureInfo.InvariantCulture), UserAgent = Agents[i % 5],
                });
            }
            return 0;
        });
        return (person, await app.SignedIn(person));
    }

    private static readonly Dictionary<string, string?> Long = new() { ["Sessions:KeptIdle"] = "60d" };

    private static async Task<int> Live(Visitor visitor) => (await visitor.Get("/api/v1/sessions")).Json.GetProperty("live").GetArrayLength();

    [Theory, Engines]
    public async Task The_page_shows_them_by_device_this_one_first_with_a_few_of_each(string engine)
    {
        await using var app = await TestApp.Start(engine, Long);
        var (_, visitor) = await Somebody(app);
        var page = await visitor.Open("/account/sessions");
        Assert.Contains("501 sessions on 3 devices", page.Document.Body!.TextContent);
        Assert.NotNull(page.Document.QuerySelector(".row-here"));
        var folds = page.Document.QuerySelectorAll("details.fold");
        Assert.Equal(["curl", "Chrome on Windows", "Safari on iPhone"], folds.Select(f => f.QuerySelector(".row-title")!.TextContent.Trim()));
        Assert.Equal(["300", "100", "100"], folds.Select(f => f.QuerySelector(".count")!.FirstChild!.TextContent));
        Assert.All(folds, fold => Assert.Equal(4, fold.QuerySelectorAll(".fold-body li").Length));

        page = await visitor.Open(folds[0].QuerySelector(".split a")!.GetAttribute("href")!);
        Assert.Equal(50, page.Document.QuerySelectorAll("#h-on ~ ul li, .card ul.rows > li").Length);
        Assert.Contains("Page 1 of 6", page.Document.Body!.TextContent);
        page = await visitor.Open("/account/sessions?q=private&page=2");
        Assert.Contains("Page 2 of 2", page.Document.Body!.TextContent);
        page = await visitor.Open("/account/sessions?q=nowhere");
        Assert.Contains("No session fits", page.Document.Body!.TextContent);
        // What an address cannot mean counts as not asked for.
        foreach (var odd in new[] { "page=-5", "page=99999999", "idle=3", "device=" + new string('x', 3000), "q=%3Cscript%3E", "page=x" }) Assert.Equal(200, (await visitor.Open("/account/sessions?" + odd)).Answer.Status);
    }

    [Theory, Engines]
    public async Task Those_of_one_device_or_unused_for_long_are_signed_out_at_once_and_this_one_stays(string engine)
    {
        await using var app = await TestApp.Start(engine, Long);
        var (_, visitor) = await Somebody(app);
        var page = await visitor.Open("/account/sessions");
        page = await page.Submit("form[action*='EndThose']:has(input[value='30'])");
        Assert.Contains("100 other devices were signed out", page.Document.Body!.TextContent);
        Assert.Equal(401, await Live(visitor));

        page = await page.Submit("form[action*='EndThose']:has(input[value^='curl'])");
        Assert.Equal(161, await Live(visitor));
        // Another device of the same kind as this one goes, this one does not.
        await visitor.Post("/api/v1/sessions/end", new { ids = (await visitor.Get("/api/v1/sessions")).Json.GetProperty("live").EnumerateArray().Select(s => s.GetProperty("id").GetString()).ToArray() });
        Assert.Equal(1, await Live(visitor));
        page = await visitor.Open("/account/sessions?show=ended&page=2");
        Assert.Contains("Page 2 of 10", page.Document.Body!.TextContent);
        Assert.Contains("Signed out 100 devices", (await visitor.Open("/account/activity")).Document.Body!.TextContent);
    }

    [Theory, Engines]
    public async Task Pages_of_the_API_hold_each_session_once_though_some_end_between_them(string engine)
    {
        await using var app = await TestApp.Start(engine, Long);
        var (_, visitor) = await Somebody(app);
        var seen = new List<string>();
        string? next = null;
        do
        {
            var answer = (await visitor.Get($"/api/v1/sessions?limit=90{(next is null ? "" : "&after=" + next)}")).Expect(200);
            seen.AddRange(answer.Json.GetProperty("live").EnumerateArray().Select(s => s.GetProperty("id").GetString()!));
            // One that was shown goes: those after it stay where they are.
            (await visitor.Delete($"/api/v1/sessions/{seen[^1]}")).Expect(204);
            next = answer.Json.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        while (next is not null);
        Assert.Equal(501, seen.Count);
        Assert.Equal(501, seen.Distinct().Count());
        (await visitor.Get("/api/v1/sessions?limit=0")).Expect(400, "request.range");
        (await visitor.Get("/api/v1/sessions?after=rubbish")).Expect(200);
    }

    [Theory, Engines]
    public async Task Somebody_else_s_sessions_are_passed_by(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var other = await app.AddAccount("nadia@elsewhere.example", "Nadia Haddad", workspace: "Elsewhere");
        var (mine, theirs) = (await app.SignedIn(person), await app.SignedIn(other));
        var id = (await theirs.Get("/api/v1/session")).Json.GetProperty("id").GetString();
        Assert.Equal(0, (await mine.Post("/api/v1/sessions/end", new { ids = new[] { id, "x", "" } })).Expect(200).Json.GetProperty("ended").GetInt32());
        (await theirs.Get("/api/v1/session")).Expect(200);
        (await mine.Post("/api/v1/sessions/end", new { ids = Array.Empty<string>() })).Expect(400, "request.range");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await mine.Post("/api/v1/sessions/end", new { ids = new[] { id } })).Expect(403, "step_up.required");
    }
}
