using Holdfast.Features.Accounts;
using Holdfast.Features.SignUp;
using Holdfast.Hosting;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Features;

/// <summary>Sign-up by oneself: the form, the letter, the account.</summary>
public sealed class SignUpTests
{
    internal const string Email = "luca@marchetti.example";

    internal static readonly Dictionary<string, string?> Open = new() { ["SignUp:Mode"] = "open" };

    internal static Task<Answer> Ask(TestApp app, string email = Email, string name = "Luca Marchetti", string password = TestApp.Password, Visitor? by = null) =>
        (by ?? app.Visitor()).Post("/api/v1/sign-up", new { name, email, password, timeZone = "Europe/Rome" });

    internal static Task<long> Accounts(TestApp app) => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM accounts"));

    internal static Task<long> Waiting(TestApp app) => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM sign_ups"));

    [Theory, Engines]
    public async Task A_person_makes_an_account_confirms_the_address_and_is_in(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var visitor = app.Visitor();
        var page = await visitor.Open("/sign-in");
        page = await visitor.Open(page.Document.QuerySelector("a[href='/sign-up']")!.GetAttribute("href")!);
        page = await page.Submit("form[action='/sign-up']", ("name", "Luca Marchetti"), ("email", $" {Email} "), ("password", TestApp.Password), ("timeZone", "Europe/Rome"));
        Assert.Equal(200, page.Answer.Status);
        Assert.Contains($"We sent a letter to {Email}. Open its link", page.Text, StringComparison.Ordinal);
        var letter = Assert.Single(await app.Letters(Email));
        Assert.Equal("Confirm your address", letter.Subject);
        Assert.Contains("The link works once, until ", letter.Text, StringComparison.Ordinal);
        Assert.Contains("(Rome time)", letter.Text, StringComparison.Ordinal);
        Assert.Equal(0, await Accounts(app));
        (await app.Visitor().SignIn(Email, TestApp.Password)).Expect(401, "sign_in.wrong");

        page = await visitor.Open($"/confirm-email?token={TestApp.TokenIn(letter, "/confirm-email")}");
        Assert.Equal("/confirm-email", page.Path);
        Assert.Contains(Email, page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/confirm-email']", ("password", TestApp.OtherPassword));
        Assert.Equal(401, page.Answer.Status);
        Assert.Contains("not the password that you chose", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action='/confirm-email']", ("password", TestApp.Password));
        Assert.Equal(200, page.Answer.Status);
        Assert.Contains("Your address is confirmed, and your account is ready.", page.Text, StringComparison.Ordinal);
        var me = (await visitor.Get("/api/v1/session")).Expect(200).Json.GetProperty("account");
        Assert.Equal((Email, "Luca Marchetti"), (me.GetProperty("email").GetString(), me.GetProperty("name").GetString()));
        Assert.Equal("Europe/Rome", (await app.Db.Read(tx => AccountTable.ByEmail(tx, Email)))!.TimeZone);
        Assert.Equal(["account.created", "sign_in.succeeded"], (await visitor.Activity()).Order(StringComparer.Ordinal));
        Assert.Equal(0, await Waiting(app));
        // From now on as anybody else, and nothing more is mailed.
        (await app.Visitor().SignIn(Email, TestApp.Password)).Expect(204);
    }

    [Theory, Engines]
    public async Task A_program_does_the_same(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        Assert.Equal(43, (await Ask(app)).Expect(202).Json.GetProperty("again").GetString()!.Length);
        var token = await app.LastLink(Email, "/confirm-email");
        var visitor = app.Visitor();
        (await visitor.Post("/api/v1/sign-up/confirm", new { token = "x", password = TestApp.Password })).Expect(404, "link.over");
        Assert.Equal("password:sign_up.wrong_password", (await visitor.Post("/api/v1/sign-up/confirm", new { token, password = "" })).Expect(401).Errors);
        (await visitor.Post("/api/v1/sign-up/confirm", new { token, password = TestApp.Password })).Expect(204);
        (await visitor.Get("/api/v1/session")).Expect(200);
        (await app.Visitor().Post("/api/v1/sign-up/confirm", new { token, password = TestApp.Password })).Expect(404, "link.over");
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_said_at_its_field_and_nothing_is_sent(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        Assert.Equal("name:form.required email:form.email password:password.too_short", (await Ask(app, "luca.marchetti.example", " ", "short")).Expect(400).Errors);
        Assert.StartsWith("password:password.", (await Ask(app, password: "luca@marchetti.example")).Expect(400).Errors, StringComparison.Ordinal);
        var page = await (await app.Visitor().Open("/sign-up")).Submit("form[action='/sign-up']", ("name", "Luca"), ("email", "luca"), ("password", "short"));
        Assert.Equal(400, page.Answer.Status);
        Assert.Equal(2, page.Document.QuerySelectorAll("[aria-invalid=true]").Length);
        Assert.Equal("Luca", page.Document.QuerySelector("#name")!.GetAttribute("value"));
        Assert.Empty(await app.Letters(Email));
        Assert.Equal(0, await Waiting(app));
    }

    [Theory, Engines]
    public async Task The_letter_is_sent_again_after_a_minute_and_only_its_link_works(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var visitor = app.Visitor();
        var page = await (await visitor.Open("/sign-up")).Submit("form[action='/sign-up']", ("name", "Luca"), ("email", Email), ("password", TestApp.Password));
        var first = await app.LastLink(Email, "/confirm-email");
        page = await page.Submit("form[action='/sign-up?handler=Again']");
        Assert.Contains("Another letter is on its way, if a minute has passed", page.Text, StringComparison.Ordinal);
        Assert.Single(await app.Letters(Email));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        page = await page.Submit("form[action='/sign-up?handler=Again']");
        Assert.Contains(Email, page.Text, StringComparison.Ordinal);
        Assert.Equal(2, (await app.Letters(Email)).Count);
        var second = await app.LastLink(Email, "/confirm-email");
        (await visitor.Post("/api/v1/sign-up/confirm", new { token = first, password = TestApp.Password })).Expect(404, "link.over");
        (await visitor.Post("/api/v1/sign-up/confirm", new { token = second, password = TestApp.Password })).Expect(204);
        // Something that was never ours is answered alike.
        (await app.Visitor().Post("/api/v1/sign-up/again", new { again = second })).Expect(202);
        (await app.Visitor().Post("/api/v1/sign-up/again", new { again = "x" })).Expect(202);
        Assert.Equal(2, (await app.Letters(Email)).Count);
    }

    [Theory, Engines]
    public async Task Without_the_press_nothing_is_left_after_a_day(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        (await Ask(app)).Expect(202);
        var token = await app.LastLink(Email, "/confirm-email");
        app.Clock.Advance(SignUp.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await app.Visitor().Open($"/confirm-email?token={token}")).Answer.Status);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await app.Visitor().Post("/api/v1/sign-up/confirm", new { token, password = TestApp.Password })).Expect(404, "link.over");
        Assert.Equal(404, (await app.Visitor().Open($"/confirm-email?token={token}")).Answer.Status);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await app.Tidy();
        Assert.Equal((0, 0), (await Waiting(app), await Accounts(app)));
    }

    [Theory, Engines("invitation", "closed")]
    public async Task Where_it_is_not_open_nobody_signs_up(string engine, string mode)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignUp:Mode"] = mode });
        var page = await app.Visitor().Open("/sign-up");
        Assert.Equal(404, page.Answer.Status);
        Assert.Contains("Accounts are not made here", page.Text, StringComparison.Ordinal);
        Assert.Empty((await app.Visitor().Open("/sign-in")).Document.QuerySelectorAll("a[href='/sign-up']"));
        (await Ask(app)).Expect(403, "sign_up.by_invitation");
        Assert.Empty(await app.Letters(Email));
    }

    [Theory, Engines]
    public async Task A_link_of_a_server_that_was_open_opens_nothing_once_it_is_not(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        string token;
        await using (var app = await TestApp.Start(engine, Open, database: database))
        {
            (await Ask(app)).Expect(202);
            token = await app.LastLink(Email, "/confirm-email");
        }
        await using var closed = await TestApp.Start(engine, database: database);
        (await closed.Visitor().Post("/api/v1/sign-up/confirm", new { token, password = TestApp.Password })).Expect(404, "link.over");
        Assert.Equal(0, await Accounts(closed));
    }

    [Theory, Engines]
    public async Task Whoever_is_signed_in_signs_out_first(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var visitor = await app.SignedIn(await app.AddAccount());
        Assert.Equal("/account/security", (await visitor.Open("/sign-up")).Path);
        (await Ask(app)).Expect(202);
        var page = await visitor.Open($"/confirm-email?token={await app.LastLink(Email, "/confirm-email")}");
        Assert.Contains("You are signed in as tomasz@almondbirch.example.", page.Text, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("form[action='/confirm-email']"));
    }

    [Fact]
    public async Task Terms_and_privacy_are_named_where_they_are_set()
    {
        await using var app = await TestApp.Start("sqlite", new Dictionary<string, string?>(Open) { ["Product:TermsUrl"] = "https://quayside.example/terms", ["Product:PrivacyUrl"] = "https://quayside.example/privacy" });
        var links = (await app.Visitor().Open("/sign-up")).Document.QuerySelectorAll("form a").Select(a => a.GetAttribute("href"));
        Assert.Subset(links.ToHashSet(StringComparer.Ordinal), new HashSet<string?> { "https://quayside.example/terms", "https://quayside.example/privacy" });
    }
}
