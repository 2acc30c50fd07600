using Holdfast.Features.Accounts;
using Holdfast.Features.Setup;
using Holdfast.Secrets;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class SetUpTests
{
    private static object Form(string link, string email = "greta@quayside.example", string name = "Greta Lindqvist", string workspace = "Northwind", string password = TestApp.Password) =>
        new { link, name, workspace, email, password, timeZone = "Europe/Stockholm" };

    private static async Task<string> Link(TestApp app) => (await app.Get<SetUp>().MakeLink())!.Value.Reveal();

    [Theory, Engines]
    public async Task The_link_makes_the_first_account_owner_of_the_first_workspace_and_operator(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        (await visitor.Post("/api/v1/setup", Form(await Link(app)))).Expect(204);
        var session = (await visitor.Get("/api/v1/session")).Expect(200).Json;
        Assert.True(session.GetProperty("account").GetProperty("operator").GetBoolean());
        Assert.Equal("Europe/Stockholm", session.GetProperty("account").GetProperty("timeZone").GetString());
        Assert.Equal(("Northwind", "owner"), (session.GetProperty("workspaces")[0].GetProperty("name").GetString(), session.GetProperty("workspaces")[0].GetProperty("role").GetString()));
        (await app.Visitor().SignIn("greta@quayside.example", TestApp.Password)).Expect(204);
        Assert.Null(await app.Get<SetUp>().MakeLink());
    }

    [Theory, Engines]
    public async Task The_page_takes_the_secret_out_of_the_address_and_makes_the_account(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var visitor = app.Visitor();
        var link = await Link(app);
        var first = await visitor.Get($"/setup?token={link}");
        Assert.Equal(("/setup", "no-referrer"), (first.Expect(302).Location, first.Header("Referrer-Policy")));
        var page = await visitor.Open("/setup");
        Assert.DoesNotContain(link, page.Answer.Body, StringComparison.Ordinal);
        page = await page.Submit("form.stack", ("name", "Greta Lindqvist"), ("workspace", "Northwind"), ("email", "not an address"), ("password", "password"));
        Assert.Equal(400, page.Answer.Status);
        Assert.NotNull(page.Document.QuerySelector("#email-error"));
        Assert.NotNull(page.Document.QuerySelector("#password-error"));
        Assert.Equal("Northwind", page.Document.QuerySelector("input[name=workspace]")!.GetAttribute("value"));
        page = await page.Submit("form.stack", ("email", "greta@quayside.example"), ("password", TestApp.Password));
        Assert.Equal(200, page.Answer.Status);
        Assert.Contains("Greta Lindqvist", (await visitor.Open("/account/security")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task A_set_up_link_works_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var link = await Link(app);
        Assert.Equal("email:form.email password:password.common", (await app.Visitor().Post("/api/v1/setup", Form(link, email: "no address", password: "password"))).Expect(400).Errors);
        (await app.Visitor().Post("/api/v1/setup", Form(link))).Expect(204);
        (await app.Visitor().Post("/api/v1/setup", Form(link, "eve@attacker.example"))).Expect(403, "setup.link_over");
        (await app.Visitor().Post("/api/v1/setup", Form(SecretToken.New().Reveal()))).Expect(403, "setup.link_over");
        (await app.Visitor().Post("/api/v1/setup", Form("short"))).Expect(403, "setup.link_over");
        Assert.Single(await app.Db.Read(tx => AccountTable.List(tx, "", 10)));
    }

    [Theory, Engines]
    public async Task A_set_up_link_ends_after_an_hour_and_with_the_next_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var first = await Link(app);
        var second = await Link(app);
        (await app.Visitor().Post("/api/v1/setup", Form(first))).Expect(403, "setup.link_over");
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await app.Visitor().Post("/api/v1/setup", Form(second))).Expect(403, "setup.link_over");
        (await app.Visitor().Post("/api/v1/setup", Form(await Link(app)))).Expect(204);
    }

    [Theory, Engines]
    public async Task Of_set_ups_racing_with_one_link_one_wins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var link = await Link(app);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => app.Visitor().Post("/api/v1/setup", Form(link, $"person{i}@quayside.example"))));
        Assert.Single(answers, answer => answer.Status == 204);
        Assert.All(answers.Where(answer => answer.Status != 204), answer => answer.Expect(403, "setup.link_over"));
        Assert.Single(await app.Db.Read(tx => AccountTable.List(tx, "", 10)));
    }

    [Theory, Engines]
    public async Task Of_set_ups_racing_with_two_links_on_two_nodes_one_wins(string engine)
    {
        await using var app = await TestApp.Start(engine);
        // Two nodes may each print a link at their first start: both are good until one is used.
        var links = new List<string>();
        foreach (var _ in new int[2])
        {
            var token = SecretToken.New();
            await app.Db.Write(tx => tx.Execute("INSERT INTO setup_links (token_hash, created_at, ends_at) VALUES (@Hash, @now, @ends)", new { token.Hash, now = app.Now, ends = app.Now.AddHours(1) }));
            links.Add(token.Reveal());
        }
        var answers = await Task.WhenAll(links.Select((link, i) => app.Visitor().Post("/api/v1/setup", Form(link, $"person{i}@quayside.example"))));
        Assert.Single(answers, answer => answer.Status == 204);
        Assert.Single(answers, answer => answer.Code == "setup.done");
        Assert.Single(await app.Db.Read(tx => AccountTable.List(tx, "", 10)));
    }

    [Theory, Engines]
    public async Task Names_that_are_no_text_are_refused_and_never_a_fault(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var link = await Link(app);
        foreach (var bad in new[] { "a\0b", "a\u202eb", "a\r\nBcc: x", "\ufffe", "a\uffff", new string('x', 101), "" })
        {
            var answer = await app.Visitor().Post("/api/v1/setup", Form(link, name: bad, workspace: bad));
            Assert.Contains("name:form.", answer.Expect(400).Errors, StringComparison.Ordinal);
            Assert.Contains("workspace:form.", answer.Errors, StringComparison.Ordinal);
        }
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
