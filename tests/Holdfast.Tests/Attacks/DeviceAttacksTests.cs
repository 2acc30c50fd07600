using Holdfast.Features.Devices;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>A stranger chooses the User-Agent and the hints: whatever they write must not speak in pages, letters or files of the person.</summary>
public sealed class DeviceAttacksTests
{
    private static readonly string[] Agents =
    [
        "<script>alert(zq4711)</script>",
        "\"><img src=x onerror=alert(zq4711)>",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 <svg/onload=alert(zq4711)>",
        "=HYPERLINK(\"http://attacker.example/alert(zq4711)\")",
        "=cmd|'/C calc alert(zq4711)'!A0 Chrome/1",
        "Chrome/142 {{alert(zq4711)}} Windows",
        "Mozilla/5.0 (alert(zq4711); Windows NT 10.0) Chrome/142.0.0.0",
    ];

    [Theory, Engines]
    public async Task Scripts_and_formulas_in_the_User_Agent_never_reach_page_letter_file_or_API(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var i = 0; i < Agents.Length; i++) await Attack(app, await app.AddAccount($"tomasz{i}@almondbirch.example"), Agents[i]);
    }

    private static async Task Attack(TestApp app, Person person, string agent)
    {
        var visitor = app.Visitor(agent);
        foreach (var name in new[] { "Sec-CH-UA", "Sec-CH-UA-Platform", "Sec-CH-UA-Platform-Version", "Sec-CH-UA-Model", "Sec-CH-UA-Form-Factors" }) visitor.Headers[name] = $"\"{agent.Replace("\\", "", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\";v=\"alert(zq4711)\"";
        (await visitor.SignIn(person.Email, "not this one")).Expect(401);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var here = await app.SignedIn(person with { Password = TestApp.OtherPassword });
        var id = (await visitor.Sessions())[0];

        foreach (var path in new[] { "/account/security", "/account/sessions", $"/account/sessions/{id}", "/account/activity", "/account/activity.csv", "/api/v1/sessions", "/api/v1/activity" })
        {
            var body = (await here.Get(path)).Expect(200).Body;
            Assert.DoesNotContain("zq4711", body, StringComparison.Ordinal);
            Assert.DoesNotContain("attacker", body, StringComparison.Ordinal);
        }
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.DoesNotContain("zq4711", letter.Subject + letter.Text + letter.Html, StringComparison.Ordinal);

        (await here.Delete($"/api/v1/sessions/{id}")).Expect(204);
        // "Signed out …" names the device once more.
        Assert.DoesNotContain("zq4711", (await here.Get("/account/activity.csv")).Body + (await here.Open("/account/activity")).Answer.Body, StringComparison.Ordinal);
        foreach (var line in (await here.Get("/account/activity.csv")).Body.Split("\r\n").Skip(1).Where(line => line.Length > 0)) Assert.DoesNotContain(line.Split("\",\""), cell => cell.TrimStart('"') is ['=' or '+' or '-' or '@', ..]);
    }

    [Theory, Engines]
    public async Task Words_of_a_stranger_in_the_model_do_not_come_into_the_letter(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person, userAgent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36");
        visitor.Headers["Sec-CH-UA-Platform"] = "\"Android\"";
        visitor.Headers["Sec-CH-UA-Model"] = "\"Pixel locked call 555 0100\"";
        (await visitor.ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Contains("Chrome on Android", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("locked", letter.Text + letter.Html, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Eight_kilobytes_of_User_Agent_are_an_unknown_device_however_they_begin(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var agent in new[] { new string('x', 8192), Visitor.Chrome + " " + new string('y', 8192 - Visitor.Chrome.Length - 1) })
        {
            var visitor = await app.SignedIn(person, userAgent: agent);
            Assert.Equal("Unknown device", (await visitor.Get("/api/v1/sessions")).Json.GetProperty("live").EnumerateArray().Single(s => s.GetProperty("current").GetBoolean()).GetProperty("device").GetString());
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(await app.Db.Read(tx => tx.Count("SELECT MAX(LENGTH(user_agent) + LENGTH(hints)) FROM sessions")), 1, 512 + ClientHints.LongestLine);
    }
}
