using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class AccountTests
{
    [Theory, Engines]
    public async Task Name_language_and_time_zone_can_be_changed_and_show_at_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var (here, other) = (await app.SignedIn(person), await app.SignedIn(person));
        (await other.Get("/api/v1/session")).Expect(200);
        var answer = (await here.Patch("/api/v1/account", new { name = "  Tomasz W. ", language = "en", timeZone = "Europe/Warsaw" })).Expect(200).Json;
        Assert.Equal("Tomasz W.", answer.GetProperty("name").GetString());
        foreach (var visitor in new[] { here, other })
        {
            var account = (await visitor.Get("/api/v1/session")).Expect(200).Json.GetProperty("account");
            Assert.Equal(("Tomasz W.", "en", "Europe/Warsaw"), (account.GetProperty("name").GetString(), account.GetProperty("language").GetString(), account.GetProperty("timeZone").GetString()));
        }
        // What is absent stays; empty means none chosen.
        (await here.Patch("/api/v1/account", new { language = "" })).Expect(200);
        var now = (await here.Get("/api/v1/account")).Expect(200).Json;
        Assert.Equal("Europe/Warsaw", now.GetProperty("timeZone").GetString());
        Assert.False(now.TryGetProperty("language", out _));
        Assert.Contains("account.profile_changed", await here.Activity());
    }

    [Theory, Engines]
    public async Task What_is_no_name_language_or_zone_is_refused_at_its_field(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount());
        Assert.Equal("name:form.required language:profile.language timeZone:profile.time_zone", (await here.Patch("/api/v1/account", new { name = " ", language = "tlh", timeZone = "Mars/Olympus" })).Expect(400).Errors);
        Assert.Equal("name:form.too_long", (await here.Patch("/api/v1/account", new { name = new string('x', 101) })).Expect(400).Errors);
        foreach (var bad in new[] { "a\0b", "a\nb", "a\u202eb", "a\u2066b", "a\ufffeb" }) Assert.Equal("name:form.characters", (await here.Patch("/api/v1/account", new { name = bad })).Expect(400).Errors);
        foreach (var bad in new[] { "../../etc/passwd", "Europe/../Europe/Rome", "/etc/localtime", "Europe/Rome\0", "W. Europe Standard Time", new string('x', 70) }) Assert.Equal("timeZone:profile.time_zone", (await here.Patch("/api/v1/account", new { timeZone = bad })).Expect(400).Errors);
    }

    [Theory, Engines]
    public async Task The_settings_page_saves_and_markup_in_a_name_stays_text(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount());
        const string Name = "<script>alert(1)</script> \"O'Neil\" & {0}";
        var page = await (await here.Open("/account")).Submit("form[action='/account']", ("name", Name));
        Assert.Equal((200, "/account"), (page.Answer.Status, page.Path));
        Assert.Equal(Name, page.Document.QuerySelector("input[name=name]")!.GetAttribute("value"));
        Assert.All(page.Document.QuerySelectorAll("script"), script => Assert.StartsWith("/js/", script.GetAttribute("src"), StringComparison.Ordinal));
        (await here.ChangePassword(TestApp.Password, TestApp.OtherPassword)).Expect(200);
        var letter = Assert.Single(await app.Letters("tomasz@almondbirch.example"));
        Assert.DoesNotContain("<script", letter.Html, StringComparison.OrdinalIgnoreCase);
    }
}
