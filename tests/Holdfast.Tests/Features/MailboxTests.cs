using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class MailboxTests
{
    private static async Task<TestApp> WithLetter(string engine, Dictionary<string, string?>? settings = null)
    {
        var app = await TestApp.Start(engine, settings);
        var person = await app.AddAccount();
        (await (await app.SignedIn(person)).ChangePassword(person.Password, TestApp.OtherPassword)).Expect(200);
        if (settings?.ContainsKey("Mail:Host") != true) Assert.Single(await app.Letters(person.Email));
        return app;
    }

    [Theory, Engines]
    public async Task Letters_are_shown_with_a_count_in_both_forms_and_can_be_emptied(string engine)
    {
        await using var app = await WithLetter(engine);
        var visitor = app.Visitor();
        Assert.Contains("1 unread", (await visitor.Open("/sign-in")).Document.QuerySelector(".strip")!.TextContent, StringComparison.Ordinal);
        var page = await visitor.Open("/dev/mail");
        Assert.Contains("Your password was changed", page.Text, StringComparison.Ordinal);
        var frame = (await visitor.Get(page.Document.QuerySelector("iframe")!.GetAttribute("src")!)).Expect(200);
        Assert.Contains("sandbox", frame.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", frame.Header("Content-Security-Policy"), StringComparison.Ordinal);
        var text = await visitor.Open(page.Document.QuerySelector("a[href*='form=text']")!.GetAttribute("href")!);
        Assert.NotNull(text.Document.QuerySelector($"a[href^='{TestSettings.PublicUrl}/not-me?token=']"));
        page = await text.Submit("form[action='/dev/mail?handler=Empty']");
        Assert.DoesNotContain("Your password was changed", page.Text, StringComparison.Ordinal);
        Assert.Contains("0 unread", page.Document.QuerySelector(".strip")!.TextContent, StringComparison.Ordinal);
    }

    [Theory, Engines("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via", "X-Original-For")]
    public async Task Behind_a_proxy_it_is_not_there(string engine, string header)
    {
        await using var app = await WithLetter(engine);
        var visitor = app.Visitor();
        var frame = (await visitor.Open("/dev/mail")).Document.QuerySelector("iframe")!.GetAttribute("src")!;
        visitor.Headers[header] = "127.0.0.1";
        (await visitor.Get("/dev/mail")).Expect(404);
        (await visitor.Get(frame)).Expect(404);
        Assert.Null((await visitor.Open("/sign-in")).Document.QuerySelector(".strip"));
    }

    [Theory, Engines]
    public async Task With_a_mail_server_or_a_public_address_it_is_not_there(string engine)
    {
        await using (var app = await WithLetter(engine, new() { ["Mail:Host"] = "localhost", ["Mail:Port"] = "1", ["Mail:Security"] = "None" })) (await app.Visitor().Get("/dev/mail")).Expect(404);
        await using (var app = await WithLetter(engine, new() { ["Mail:Host"] = "localhost", ["Mail:Port"] = "1", ["Mail:Security"] = "None", ["PublicUrl"] = "https://id.quayside.example" })) (await app.Visitor().Get("/dev/mail")).Expect(404);
    }
}
