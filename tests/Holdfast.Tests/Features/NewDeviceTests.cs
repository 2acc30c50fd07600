using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

/// <summary>The letter about a sign-in on something new.</summary>
public sealed class NewDeviceTests
{
    private static readonly Dictionary<string, string?> On = new() { ["SignIn:NewDeviceLetters"] = "true" };

    [Theory, Engines]
    public async Task A_sign_in_on_a_new_browser_is_told_by_letter_and_the_next_one_on_it_is_not(string engine)
    {
        await using var app = await TestApp.Start(engine, On);
        var person = await app.AddAccount();
        var browser = await app.SignedIn(person, userAgent: Visitor.Chrome);

        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.Equal("New sign-in with Chrome on Windows", letter.Subject);
        Assert.Contains("on a device that we have not seen", letter.Text);
        Assert.Matches(@"Device +Chrome on Windows\n +Place +This computer\n +Time +.*\n +Signed in with +Password\n", letter.Text);

        (await browser.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Single(await app.Letters(person.Email));
        // Without the device cookie it is another browser, whatever it calls itself.
        await app.SignedIn(person, userAgent: Visitor.Chrome);
        Assert.Equal(2, (await app.Letters(person.Email)).Count);
    }

    [Theory, Engines]
    public async Task A_browser_known_to_one_account_is_new_to_another(string engine)
    {
        await using var app = await TestApp.Start(engine, On);
        var person = await app.AddAccount();
        var other = await app.AddAccount("nadia@almondbirch.example", "Nadia Haddad");
        var browser = await app.SignedIn(person);
        (await browser.SignIn(other.Email, other.Password)).Expect(204);
        Assert.Single(await app.Letters(other.Email));
    }

    [Theory, Engines]
    public async Task The_letter_s_link_ends_the_session_stops_the_password_and_makes_every_browser_new_again(string engine)
    {
        await using var app = await TestApp.Start(engine, On);
        var person = await app.AddAccount();
        var mine = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var theirs = await app.SignedIn(person, userAgent: Visitor.Chrome);
        var token = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/not-me");

        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var reader = app.Visitor();
        var page = await reader.Open($"/not-me?token={token}");
        (await theirs.Get("/api/v1/session")).Expect(200);
        await page.Submit("form[action='/not-me']");
        (await theirs.Get("/api/v1/session")).Expect(401);
        (await mine.Get("/api/v1/session")).Expect(401);
        (await app.Visitor().SignIn(person.Email, person.Password)).Expect(401, "sign_in.wrong");

        var reset = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/reset-password");
        page = await mine.Open($"/reset-password?token={reset}");
        await page.Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var before = (await app.Letters(person.Email)).Count;
        (await mine.SignIn(person.Email, TestApp.OtherPassword)).Expect(204);
        Assert.Equal(before + 1, (await app.Letters(person.Email)).Count);
    }

    [Theory, Engines]
    public async Task A_known_browser_in_a_new_country_is_told_by_letter_and_the_first_country_of_all_is_not(string engine)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, ExamplePlaces.Build());
        var settings = new Dictionary<string, string?>(On) { ["GeoIp:DatabasePath"] = file, ["Proxy:Addresses"] = "127.0.0.1" };
        await using var app = await TestApp.Start(engine, settings);
        var person = await app.AddAccount();
        // The first of the example's people lives in Lyon; whoever guesses there sits in Halifax.
        var browser = app.Visitor();
        browser.ForwardedFor = "203.0.113.201";
        (await browser.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal("New sign-in from Lyon, France", Assert.Single(await app.Letters(person.Email)).Subject);

        // As long as the flight takes: faster would be unusual by itself.
        app.Clock.Advance(TimeSpan.FromHours(9));
        browser.ForwardedFor = "198.51.100.77";
        (await browser.SignIn(person.Email, person.Password)).Expect(204);
        var letters = await app.Letters(person.Email);
        Assert.Equal(2, letters.Count);
        Assert.Equal("New sign-in from Halifax, Canada", letters[^1].Subject);
        Assert.Contains("from a country that we have not", letters[^1].Text);
        Assert.Contains("Near Halifax, Canada (approximate)", letters[^1].Text);

        (await browser.SignIn(person.Email, person.Password)).Expect(204);
        app.Clock.Advance(TimeSpan.FromHours(9));
        browser.ForwardedFor = "203.0.113.201";
        (await browser.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal(2, (await app.Letters(person.Email)).Count);
        File.Delete(file);
    }

    [Theory, Engines]
    public async Task Making_the_first_account_is_no_news_and_the_setting_turns_the_letter_off(string engine)
    {
        await using (var app = await TestApp.Start(engine, On))
        {
            var (person, visitor) = await app.SetUp();
            (await visitor.SignIn(person.Email, person.Password)).Expect(204);
            Assert.Empty(await app.Letters(person.Email));
        }
        await using var quiet = await TestApp.Start(engine);
        var other = await quiet.AddAccount();
        await quiet.SignedIn(other);
        Assert.Empty(await quiet.Letters(other.Email));
    }
}
