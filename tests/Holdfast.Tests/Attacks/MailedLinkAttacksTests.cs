using System.Text.RegularExpressions;
using Holdfast.Features.DevMail;
using Holdfast.Mail;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Links in letters lead to us and to nobody else, and what they carry stands nowhere but in the letter.</summary>
public sealed class MailedLinkAttacksTests
{
    private const string Old = "ines@almondbirch.example";
    private const string New = "ines.duarte@harbour.example";
    private const string Invited = "priya.raman@almondbirch.example";
    private const string Change = "/api/v1/account/email-change";

    private static readonly Dictionary<string, string?> Open = SignUpTests.Open;

    private static readonly Dictionary<string, string?> OpenBehindProxy = new(SignUpTests.Open) { ["Proxy:Addresses"] = "127.0.0.1" };

    [Theory, Engines("attacker.example", "attacker.example:8080")]
    public async Task A_forged_host_reaches_no_letter_of_any_request_that_makes_one(string engine, string host)
    {
        await using var app = await TestApp.Start(engine, Open);
        await ByPrograms(app, visitor => Forge(visitor, host));
        await EveryLinkLeadsHere(app);
    }

    [Theory, Engines]
    public async Task A_forged_host_reaches_no_letter_of_any_form_that_makes_one(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        await ByForms(app, visitor => Forge(visitor, "attacker.example"));
        await EveryLinkLeadsHere(app);
    }

    [Theory, Engines("by programs", "by forms")]
    public async Task Not_even_a_proxy_that_is_believed_names_the_host_of_a_link(string engine, string how)
    {
        await using var app = await TestApp.Start(engine, OpenBehindProxy);
        void Forward(Visitor visitor)
        {
            Forge(visitor, "attacker.example");
            visitor.ForwardedFor = "203.0.113.7";
        }
        if (how == "by forms") await ByForms(app, Forward);
        else await ByPrograms(app, Forward);
        await EveryLinkLeadsHere(app);
    }

    [Theory, Engines]
    public async Task What_a_link_carries_is_in_no_log_no_table_no_page_and_no_referrer(string engine)
    {
        await using var app = await TestApp.Start(engine, Open);
        var links = await ByPrograms(app, _ => { }, press: false);
        Assert.Equal(["/confirm-email", "/confirm-email", "/invitation", "/stop-reset", "/undo-email"], links.Select(l => l.Path).Order(StringComparer.Ordinal));
        await Stands(app, links);
        var log = app.Logs.Lines.Count;
        foreach (var (path, token, use) in links)
        {
            var visitor = app.Visitor();
            var moved = (await visitor.Get($"{path}?token={token}")).Expect(302);
            Assert.Equal((path, "no-referrer", "no-store", ""), (moved.Location, moved.Header("Referrer-Policy"), moved.Header("Cache-Control"), moved.Body));
            Assert.Matches("path=/; secure; samesite=lax; httponly", moved.SetCookie("__Host-holdfast-link")!.ToLowerInvariant());
            var page = await visitor.Open(path);
            Assert.Equal((200, "no-referrer"), (page.Answer.Status, page.Answer.Header("Referrer-Policy")));
            Assert.DoesNotContain(token, page.Answer.Body, StringComparison.Ordinal);
            Assert.All(page.Document.QuerySelectorAll("[src], link[href]"), element => Assert.StartsWith("/", element.GetAttribute("src") ?? element.GetAttribute("href"), StringComparison.Ordinal));
            // Faults quote things: they must not quote this.
            await visitor.Send(HttpMethod.Put, $"{path}?token={token}", null);
            await visitor.Send(HttpMethod.Post, $"{path}?token={token}", Visitor.Raw("a=b", "application/x-www-form-urlencoded"));
            await visitor.Send(HttpMethod.Post, use, Visitor.Raw($$"""{"token":"{{token}}","x":1}"""));
            await visitor.Send(HttpMethod.Post, $"{use}?token={token}", Visitor.Raw($$"""{"token":["{{token}}"]}"""));
        }
        Assert.True(app.Logs.Lines.Count > log);
        await Stands(app, links);
    }

    /// <summary>The letter is sent and gone from the outbox: what is left is a hash.</summary>
    private static async Task Stands(TestApp app, IReadOnlyList<(string Path, string Token, string Use)> links)
    {
        await app.Letters("nobody");
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM outbox WHERE sealed IS NOT NULL")));
        var (log, stored) = (app.Logs.Everything, await LeakTests.Everything(app));
        Assert.DoesNotContain("token=", log, StringComparison.Ordinal);
        foreach (var (path, token, _) in links)
        {
            Assert.False(log.Contains(token, StringComparison.Ordinal), $"The secret of {path} is in the log");
            Assert.False(LeakTests.Holds(stored, System.Text.Encoding.UTF8.GetBytes(token)), $"The secret of {path} is in the database");
            Assert.False(LeakTests.Holds(stored, System.Buffers.Text.Base64Url.DecodeFromChars(token)), $"The bytes of the secret of {path} are in the database");
            // The search finds what is there.
            Assert.True(LeakTests.Holds(stored, TestApp.HashOf(token).ToBytes()));
        }
    }

    private static void Forge(Visitor visitor, string host)
    {
        visitor.Headers["Host"] = host;
        visitor.Headers["Forwarded"] = $"for=203.0.113.7;host={host};proto=https";
        foreach (var name in new[] { "X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "X-HTTP-Host-Override" }) visitor.Headers[name] = host;
        visitor.Headers["X-Forwarded-Proto"] = "https";
        visitor.Headers["X-Forwarded-Port"] = "8443";
        visitor.Headers["X-Forwarded-Prefix"] = $"//{host}";
        visitor.Headers["X-Original-URL"] = $"https://{host}/";
        visitor.Headers["Origin"] = visitor.Headers["Referer"] = $"https://{host}/";
    }

    /// <summary>Every request that makes a letter with a link in which the address is set up, by the API.</summary>
    /// <param name="forge">Done to each browser after it has signed in.</param>
    /// <param name="press">Whether the two links that undo something are followed up as far as the letters go.</param>
    /// <returns>The links, and where a program uses each.</returns>
    private static async Task<IReadOnlyList<(string Path, string Token, string Use)>> ByPrograms(TestApp app, Action<Visitor> forge, bool press = true)
    {
        var setup = await CaseSetup.Make(app);
        var (stranger, mover, waiting) = (app.Visitor(), await app.SignedIn(await app.AddAccount(Old, "Inês Duarte")), await app.SignedIn(await app.AddAccount("kenji@almondbirch.example", "Kenji Sato")));
        foreach (var visitor in new[] { setup.AdminBrowser, setup.OperatorBrowser, stranger, mover, waiting }) forge(visitor);
        await InvitationTests.Invite(setup.AdminBrowser, setup.Crew, Invited);
        (await mover.Post(Change, new { email = New })).Expect(202);
        (await waiting.Post(Change, new { email = "kenji@harbour.example" })).Expect(202);
        var again = (await SignUpTests.Ask(app, by: stranger)).Expect(202).Json.GetProperty("again").GetString();
        await setup.Ask();
        await app.Letters("nobody");
        app.Clock.Advance(TimeSpan.FromSeconds(61));
        var id = (await setup.AdminBrowser.Get($"{setup.Crew.Api}/invitations")).Expect(200).Json.GetProperty("invitations")[0].GetProperty("id").GetString();
        (await setup.AdminBrowser.Post($"{setup.Crew.Api}/invitations/{id}/send-again")).Expect(204);
        (await mover.Post($"{Change}/send-again")).Expect(202);
        (await stranger.Post("/api/v1/sign-up/again", new { again })).Expect(202);
        (await mover.Post($"{Change}/confirm", new { token = await app.LastLink(New, "/confirm-email") })).Expect(204);
        if (press)
        {
            var cases = (await setup.OperatorBrowser.Get("/api/v1/operator/cases")).Expect(200).Json;
            (await setup.OperatorBrowser.Post($"/api/v1/operator/cases/{cases.GetProperty("open")[0].GetProperty("id").GetString()}/approve", CaseSetup.Decision)).Expect(204);
            (await stranger.Post($"{Change}/undo", new { token = await app.LastLink(Old, "/undo-email") })).Expect(200);
            return [];
        }
        return
        [
            ("/invitation", await app.LastLink(Invited, "/invitation"), "/api/v1/invitations/accept"), ("/confirm-email", await app.LastLink("kenji@harbour.example", "/confirm-email"), $"{Change}/confirm"),
            ("/undo-email", await app.LastLink(Old, "/undo-email"), $"{Change}/undo"), ("/stop-reset", await setup.StopLink(), "/api/v1/reset-cases/stop"),
            ("/confirm-email", await app.LastLink(SignUpTests.Email, "/confirm-email"), "/api/v1/sign-up/confirm"),
        ];
    }

    /// <summary>The same by the forms of the pages.</summary>
    private static async Task ByForms(TestApp app, Action<Visitor> forge)
    {
        var setup = await CaseSetup.Make(app);
        var (stranger, mover) = (app.Visitor(), await app.SignedIn(await app.AddAccount(Old, "Inês Duarte")));
        foreach (var visitor in new[] { setup.AdminBrowser, setup.OperatorBrowser, stranger, mover }) forge(visitor);
        var (invite, reset) = ($"{setup.Crew.Page}/users/invite", $"{setup.Crew.Page}/users/{setup.Member.Id}/reset-two-factor");
        await (await setup.AdminBrowser.Open(invite)).Submit($"form[action='{invite}']", ("to", Invited));
        await (await mover.Open("/account")).Submit("form[action^='/account?handler=Email']", ("email", New));
        await (await mover.Open($"/confirm-email?token={await app.LastLink(New, "/confirm-email")}")).Submit("form[action='/confirm-email']");
        await (await setup.AdminBrowser.Open(reset)).Submit($"form[action='{reset}']", ("lost", "phone"), ("reason", CaseSetup.Reason), ("reach", "+48 22 555 01 47"), ("known", "true"));
        await (await stranger.Open("/sign-up")).Submit("form[action='/sign-up']", ("name", "Luca Marchetti"), ("email", SignUpTests.Email), ("password", TestApp.Password));
    }

    private static async Task EveryLinkLeadsHere(TestApp app)
    {
        var member = await app.Letters("tomasz@almondbirch.example");
        var expected = new[] { (Invited, "/invitation"), (New, "/confirm-email"), (Old, "/undo-email"), (Old, "/not-me"), (SignUpTests.Email, "/confirm-email") };
        foreach (var (to, path) in expected) Assert.Equal(43, (await app.LastLink(to, path)).Length);
        Assert.Contains(member, letter => letter.Text.Contains($"{TestSettings.PublicUrl}/stop-reset?token=", StringComparison.Ordinal));
        foreach (var letter in (await app.Get<Mailbox>().List()).Select(pair => pair.Letter))
        {
            Assert.All(Links(letter), link => Assert.StartsWith(TestSettings.PublicUrl + "/", link, StringComparison.Ordinal));
            Assert.DoesNotContain("attacker", letter.Text + letter.Html + letter.Subject, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Whatever a mail program would make a link of.</summary>
    private static List<string> Links(Letter letter) =>
    [
        .. Regex.Matches(letter.Html, "(?:href|src|action|background)\\s*=\\s*\"(?<link>[^\"]*)\"", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Select(m => m.Groups["link"].Value),
        .. Regex.Matches(letter.Text, "(?:[a-z]+:)?//\\S+", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)).Select(m => m.Value),
    ];
}
