using System.Text.Json;
using Holdfast.Features.Devices;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Devices;

/// <summary>What a request tells of its device, and what of that is kept and shown.</summary>
public sealed class DevicesOverHttpTests
{
    /// <summary>Chrome 141 on Windows 11, as it writes after it was asked.</summary>
    private static readonly Dictionary<string, string> Windows11 = new()
    {
        ["Sec-CH-UA"] = "\"Google Chrome\";v=\"141\", \"Not?A_Brand\";v=\"8\", \"Chromium\";v=\"141\"", ["Sec-CH-UA-Mobile"] = "?0", ["Sec-CH-UA-Platform"] = "\"Windows\"",
        ["Sec-CH-UA-Platform-Version"] = "\"19.0.0\"", ["Sec-CH-UA-Model"] = "\"\"", ["Sec-CH-UA-Form-Factors"] = "\"Desktop\"",
    };

    [Theory, Engines]
    public async Task Hints_of_a_sign_in_are_kept_with_the_session_and_a_sign_in_without_any_is_named_without(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var told = app.Visitor(Visitor.Chrome);
        var page = await told.Open("/sign-in");
        Assert.Equal(ClientHints.Wanted, page.Answer.Header("Accept-CH"));
        foreach (var (name, value) in Windows11) told.Headers[name] = value;
        await page.Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var silent = await app.SignedIn(person, userAgent: Visitor.Chrome);

        var sessions = (await silent.Get("/api/v1/sessions")).Expect(200).Json.GetProperty("live").EnumerateArray().ToList();
        Assert.Equal("Chrome 141 on Windows - computer: Chrome on Windows", Describe(sessions[0]));
        Assert.Equal("Chrome 141 on Windows 11 computer: Chrome on Windows 11", Describe(sessions[1]));
        var events = (await silent.Get("/api/v1/activity")).Expect(200).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal("Chrome 141 on Windows 11 computer: Chrome on Windows 11", Describe(events[^1]));

        Assert.Contains("Chrome on Windows 11", (await silent.Open("/account/sessions")).Text, StringComparison.Ordinal);
        var detail = await silent.Open($"/account/sessions/{sessions[1].GetProperty("id").GetString()}");
        foreach (var text in new[] { "Chrome on Windows 11", "Chrome 141", "Windows 11, computer" }) Assert.Contains(text, detail.Text, StringComparison.Ordinal);
        Assert.Equal("/icons.svg#desktop", detail.Document.QuerySelector(".tile use")!.GetAttribute("href"));
    }

    [Theory, Engines]
    public async Task An_ended_session_is_named_by_its_hints_in_the_activity(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var other = app.Visitor(Visitor.Chrome);
        foreach (var (name, value) in Windows11) other.Headers[name] = value;
        (await other.SignIn(person.Email, person.Password)).Expect(204);
        var id = (await other.Sessions())[0];
        var here = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await here.Delete($"/api/v1/sessions/{id}")).Expect(204);
        Assert.Equal("Signed out Chrome on Windows 11", (await here.Get("/api/v1/activity")).Json.GetProperty("items")[0].GetProperty("what").GetString());
        Assert.Equal("session.ended", (await here.Activity())[0]);
    }

    [Theory, Engines]
    public async Task A_program_is_named_by_the_product_s_API_and_itself_and_by_itself_alone_at_the_pages(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var program = await app.SignedIn(person, userAgent: "curl/8.11.0");
        var listed = (await program.Get("/api/v1/sessions")).Json.GetProperty("live")[0];
        Assert.Equal("curl 8 on - - program: Quayside API by curl", Describe(listed));
        var form = app.Visitor("curl/8.11.0");
        await (await form.Open("/sign-in")).Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        Assert.Equal("curl", (await form.Get("/api/v1/sessions")).Json.GetProperty("live").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean()).GetProperty("device").GetString());
        // A browser that signs in by a script of its page is a browser.
        var browser = await app.SignedIn(person, userAgent: Visitor.Iphone);
        Assert.Equal("Safari on iPhone", (await browser.Get("/api/v1/sessions")).Json.GetProperty("live").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean()).GetProperty("device").GetString());
    }

    [Theory, Engines]
    public async Task Letters_name_the_device_by_its_hints(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person, userAgent: Visitor.Chrome);
        foreach (var (name, value) in Windows11) visitor.Headers[name] = value.Replace("Google Chrome", "Brave", StringComparison.Ordinal);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Contains("Brave on Windows 11", letter.Text, StringComparison.Ordinal);
        Assert.Contains("Brave on Windows 11", letter.Html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Only_pages_where_people_sign_in_ask_for_hints(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, visitor) = await app.SetUp();
        foreach (var path in new[] { "/account/security", "/account/sessions", "/account/policy", "/api/v1/session" }) Assert.Null((await visitor.Get(path)).Expect(200).Header("Accept-CH"));
        Assert.Null((await app.Visitor().Get("/setup")).Header("Accept-CH"));
        Assert.Equal(ClientHints.Wanted, (await app.Visitor().Get("/sign-in")).Header("Accept-CH"));
    }

    [Theory, Engines]
    public async Task Rubbish_in_every_header_signs_in_all_the_same_and_is_kept_short(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var rubbish in new[] { "\"", "\"\\", new string('"', 3000), new string('a', 3000), "\"a|b=c\";v=\"|platform=Windows\"", "?2", "%00%0d%0a", ";;;,,,", "\"" + new string('x', 900) + "\";v=\"1\"" })
        {
            var visitor = app.Visitor(Visitor.Chrome);
            foreach (var name in Windows11.Keys) visitor.Headers[name] = rubbish;
            (await visitor.SignIn(person.Email, person.Password)).Expect(204);
            Assert.Equal("Chrome on Windows", (await visitor.Get("/api/v1/sessions")).Json.GetProperty("live").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean()).GetProperty("device").GetString());
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(await app.Db.Read(tx => tx.Count("SELECT MAX(LENGTH(hints)) FROM sessions")), 0, ClientHints.LongestLine);
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    private static string Describe(JsonElement item)
    {
        return $"{Value("browser")} {Value("browserVersion")} on {Value("system")} {Value("systemVersion")} {Value("deviceType")}: {Value("device")}";
        string Value(string name) => item.TryGetProperty(name, out var value) ? value.GetString()! : "-";
    }
}
