using Holdfast.Features.EmailChange;
using Holdfast.Hosting;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class EmailChangeTests
{
    private const string Old = "tomasz@almondbirch.example";
    private const string New = "tomasz.wisniewski@harbour.example";
    private const string Change = "/api/v1/account/email-change";

    [Theory]
    [Engines]
    public async Task The_new_address_is_confirmed_signed_in_and_takes_the_place_of_the_old_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var here = await app.SignedIn(person);
        var asked = (await here.Post(Change, new { email = $" {New} " })).Expect(202).Json;
        Assert.Equal(New, asked.GetProperty("email").GetString());
        Assert.Equal(Old, (await here.Get("/api/v1/account")).Json.GetProperty("email").GetString());
        var notice = Assert.Single(await app.Letters(Old));
        Assert.Equal("Your e-mail address is about to change", notice.Subject);
        Assert.Contains(New, notice.Text, StringComparison.Ordinal);
        var letter = Assert.Single(await app.Letters(New));
        Assert.Equal("Confirm your new address", letter.Subject);

        // A mail scanner opens the link: nothing happens. The person does, without a session: nothing happens either, and after signing in it goes on.
        var link = TestApp.TokenIn(letter, "/confirm-email");
        for (var scans = 0; scans < 3; scans++) await app.Visitor().Open($"/confirm-email?token={link}");
        var other = app.Visitor(Visitor.Iphone);
        var page = await other.Open($"/confirm-email?token={link}");
        Assert.Equal("/confirm-email", page.Path);
        Assert.Contains("Sign in to your account first", page.Document.Body!.TextContent, StringComparison.Ordinal);
        (await other.SignIn(Old, person.Password)).Expect(204);
        page = await other.Open("/confirm-email");
        Assert.Contains(New, page.Document.Body!.TextContent, StringComparison.Ordinal);
        page = await page.Submit("form[action='/confirm-email']");
        Assert.Equal("/account", page.Path);
        Assert.Contains(New, page.Document.QuerySelector("#mail")!.TextContent, StringComparison.Ordinal);

        // The session that asked sees it at once; the new address signs in and the old one does not.
        Assert.Equal(New, (await here.Get("/api/v1/account")).Json.GetProperty("email").GetString());
        (await app.Visitor().SignIn(Old, person.Password)).Expect(401, "sign_in.wrong");
        (await app.Visitor().SignIn(New, person.Password)).Expect(204);
        Assert.Contains(await app.Letters(Old), l => l.Subject == "Your e-mail address was changed");
        Assert.Contains("email.changed", await here.Activity());
        (await here.Get(Change)).Expect(404, "email_change.nothing_waits");
    }

    [Theory]
    [Engines]
    public async Task Whoever_reads_the_old_address_takes_the_change_back(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var thief = await app.SignedIn(person);
        await Do(app, thief, Old, New);
        app.Clock.Advance(TimeSpan.FromHours(2));
        await Do(app, thief, New, "second@harbour.example");

        var undo = await app.LastLink(Old, "/undo-email");
        var owner = app.Visitor();
        var page = await owner.Open($"/undo-email?token={undo}");
        Assert.Equal(200, page.Answer.Status);
        page = await page.Submit("form[action='/undo-email']");
        Assert.Contains("Your old address is back", page.Document.Body!.TextContent, StringComparison.Ordinal);
        (await thief.Get("/api/v1/session")).Expect(401);
        (await app.Visitor().SignIn(Old, person.Password)).Expect(401, "sign_in.wrong");
        // The later change cannot be taken back to where it was: its link died.
        var later = await app.LastLink(New, "/undo-email");
        Assert.Equal(404, (await app.Visitor().Open($"/undo-email?token={later}")).Answer.Status);
        Assert.Equal(404, (await app.Visitor().Open($"/undo-email?token={undo}")).Answer.Status);

        var reset = await app.LastLink(Old, "/reset-password");
        var form = await app.Visitor().Open($"/reset-password?token={reset}");
        await form.Submit("form[action='/reset-password']", ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        (await app.Visitor().SignIn(Old, TestApp.OtherPassword)).Expect(204);
    }

    [Theory]
    [Engines]
    public async Task The_page_asks_keeps_what_was_typed_over_a_step_up_sends_again_and_withdraws(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var here = await app.SignedIn(person);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var page = await (await here.Open("/account")).Submit("form[action^='/account?handler=Email']", ("email", New));
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        page = await page.Submit("form[action='/step-up']", ("password", person.Password));
        page = await page.Submit("form[data-go-on]");
        Assert.Contains(New, page.Document.QuerySelector("#mail")!.TextContent, StringComparison.Ordinal);
        page = await page.Submit("form[action*='SendAgain']");
        Assert.Equal(429, page.Answer.Status);
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        page = await (await here.Open("/account")).Submit("form[action*='SendAgain']");
        Assert.Equal(200, page.Answer.Status);
        var letters = await app.Letters(New);
        Assert.Equal(2, letters.Count);
        // The older link ended with the newer letter.
        Assert.Equal(404, (await here.Open($"/confirm-email?token={TestApp.TokenIn(letters[0], "/confirm-email")}")).Answer.Status);
        Assert.Equal(200, (await here.Open($"/confirm-email?token={TestApp.TokenIn(letters[1], "/confirm-email")}")).Answer.Status);
        page = await (await here.Open("/account")).Submit("form[action*='Withdraw']");
        Assert.NotNull(page.Document.QuerySelector("input[name=email]"));
        Assert.Equal(404, (await here.Open($"/confirm-email?token={TestApp.TokenIn(letters[1], "/confirm-email")}")).Answer.Status);
    }

    [Theory]
    [Engines]
    public async Task A_link_works_for_a_day_and_a_change_can_be_taken_back_for_a_week(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(Old);
        var here = await app.SignedIn(person, keep: true);
        (await here.Post(Change, new { email = New })).Expect(202);
        app.Clock.Advance(TimeSpan.FromHours(24));
        (await here.Post($"{Change}/confirm", new { token = TestApp.TokenIn((await app.Letters(New))[0], "/confirm-email") })).Expect(404, "link.over");
        (await here.Post($"{Change}/send-again")).Expect(403, "step_up.required");
        (await here.StepUp(person.Password)).Expect(200);
        (await here.Post($"{Change}/send-again")).Expect(202);
        (await here.Post($"{Change}/confirm", new { token = TestApp.TokenIn((await app.Letters(New))[1], "/confirm-email") })).Expect(204);
        var undo = await app.LastLink(Old, "/undo-email");
        app.Clock.Advance(EmailChange.UndoLifetime);
        (await app.Visitor().Post($"{Change}/undo", new { token = undo })).Expect(404, "link.over");
    }

    [Theory]
    [Engines]
    public async Task Nothing_keeps_old_addresses_for_ever(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        await Do(app, here, Old, New);
        app.Clock.Advance(TimeSpan.FromDays(29));
        await app.Tidy();
        Assert.Equal(1, await Rows(app));
        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.Tidy();
        Assert.Equal(0, await Rows(app));
    }

    [Theory]
    [Engines]
    public async Task What_is_wrong_with_an_address_is_said_at_the_field(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var here = await app.SignedIn(await app.AddAccount(Old));
        (await here.Post(Change, new { email = "" })).Expect(400, "form.required");
        (await here.Post(Change, new { email = "tomasz" })).Expect(400, "form.email");
        (await here.Post(Change, new { email = Old })).Expect(400, "email_change.same");
        // Another spelling of one's own is a change like any other.
        (await here.Post(Change, new { email = "Tomasz@AlmondBirch.example" })).Expect(202);
        (await here.Post($"{Change}/confirm", new { token = TestApp.TokenIn((await app.Letters("Tomasz@AlmondBirch.example"))[0], "/confirm-email") })).Expect(204);
        (await app.Visitor().SignIn(Old, TestApp.Password)).Expect(204);
        (await here.Post($"{Change}/send-again")).Expect(404, "email_change.nothing_waits");
        (await here.Delete(Change)).Expect(404, "email_change.nothing_waits");
    }

    private static Task<long> Rows(TestApp app) => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM email_changes"));

    /// <summary>The whole change, as the person with that session and that new mailbox.</summary>
    internal static async Task Do(TestApp app, Visitor visitor, string from, string to)
    {
        if ((await visitor.Post(Change, new { email = to })).Status == 403)
        {
            (await visitor.StepUp(TestApp.Password)).Expect(200);
            (await visitor.Post(Change, new { email = to })).Expect(202);
        }
        Assert.NotEmpty(await app.Letters(from));
        (await visitor.Post($"{Change}/confirm", new { token = await app.LastLink(to, "/confirm-email") })).Expect(204);
    }
}
