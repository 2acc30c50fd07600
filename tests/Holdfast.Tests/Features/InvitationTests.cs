using Holdfast.Features.Invitations;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class InvitationTests
{
    private const string Email = "priya.raman@almondbirch.example";

    [Theory]
    [Engines]
    public async Task Whoever_is_invited_makes_an_account_joins_and_is_signed_in(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin", name: "Giulia Ferraro"));
        var page = await (await admin.Open($"{crew.Page}/users/invite")).Submit($"form[action='{crew.Page}/users/invite']", ("to", $"Priya Raman <{Email}>\nnobody, {Email}"));
        Assert.Contains("One invitation is on its way", page.Text, StringComparison.Ordinal);
        Assert.Contains("Same as line 1", page.Text, StringComparison.Ordinal);
        Assert.Contains("Write an e-mail address", page.Text, StringComparison.Ordinal);
        var letter = Assert.Single(await app.Letters(Email));
        Assert.Equal("You are invited to Almond & Birch", letter.Subject);
        Assert.Contains("Giulia Ferraro", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Priya", letter.Text, StringComparison.Ordinal);

        var link = TestApp.TokenIn(letter, "/invitation");
        // Scanners open it as often as they like.
        for (var i = 0; i < 3; i++) await app.Visitor().Open($"/invitation?token={link}");
        var priya = app.Visitor();
        page = await priya.Open($"/invitation?token={link}");
        Assert.Equal("/invitation", page.Path);
        Assert.Equal("Priya Raman", page.Document.QuerySelector("input[name=name]")!.GetAttribute("value"));
        page = await page.Submit("form[action='/invitation']", ("password", "short"));
        Assert.Equal(400, page.Answer.Status);
        page = await page.Submit("form[action='/invitation']", ("name", "Priya R."), ("password", TestApp.OtherPassword));
        Assert.Equal("/account/security", page.Path);
        var session = (await priya.Get("/api/v1/session")).Expect(200).Json;
        Assert.Equal("Almond & Birch", session.GetProperty("workspaces")[0].GetProperty("name").GetString());
        (await app.Visitor().SignIn(Email, TestApp.OtherPassword)).Expect(204);
        Assert.Equal(404, (await app.Visitor().Open($"/invitation?token={link}")).Answer.Status);
        Assert.Contains("invitation.accepted", await priya.Activity());
        Assert.Contains("Priya R.", (await admin.Open($"{crew.Page}/users")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [Engines]
    public async Task Whoever_has_an_account_signs_in_and_accepts_with_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var person = await app.AddAccount(Email, "Priya Raman");
        await Invite(admin, crew, Email);
        var link = await app.LastLink(Email, "/invitation");
        var visitor = app.Visitor();
        var page = await visitor.Open($"/invitation?token={link}");
        Assert.Null(page.Document.QuerySelector("input[name=password]"));
        (await app.Visitor().Post("/api/v1/invitations/accept", new { token = link, name = "Thief", password = TestApp.OtherPassword })).Expect(409, "invitation.has_account");
        (await visitor.SignIn(Email, person.Password)).Expect(204);
        page = await (await visitor.Open("/invitation")).Submit("form[action='/invitation']");
        Assert.Equal(crew.Page, page.Path);
        Assert.Equal("member", (await crew.Membership(person))!.Role);
        (await visitor.Post("/api/v1/invitations/join", new { token = link })).Expect(404, "invitation.over");
        Assert.Equal("here_already", (await Invite(admin, crew, Email)).GetProperty("outcome").GetString());
    }

    [Theory]
    [Engines]
    public async Task It_is_sent_again_withdrawn_and_ends_after_seven_days(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"), keep: true);
        await Invite(admin, crew, Email);
        var first = await app.LastLink(Email, "/invitation");
        var open = Assert.Single((await admin.Get($"{crew.Api}/invitations")).Expect(200).Json.GetProperty("invitations").EnumerateArray());
        var id = open.GetProperty("id").GetString();
        (await admin.Post($"{crew.Api}/invitations/{id}/send-again")).Expect(429, "invite.just_sent");
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        (await admin.Post($"{crew.Api}/invitations/{id}/send-again")).Expect(204);
        var second = await app.LastLink(Email, "/invitation");
        Assert.Equal(404, (await app.Visitor().Open($"/invitation?token={first}")).Answer.Status);
        Assert.Equal(200, (await app.Visitor().Open($"/invitation?token={second}")).Answer.Status);
        app.Clock.Advance(TimeSpan.FromDays(7));
        Assert.Equal(404, (await app.Visitor().Open($"/invitation?token={second}")).Answer.Status);
        Assert.Equal("sent_again", (await Invite(admin, crew, Email)).GetProperty("outcome").GetString());
        var third = await app.LastLink(Email, "/invitation");
        (await admin.Delete($"{crew.Api}/invitations/{id}")).Expect(204);
        Assert.Equal(404, (await app.Visitor().Open($"/invitation?token={third}")).Answer.Status);
        (await admin.Delete($"{crew.Api}/invitations/{id}")).Expect(404, "invite.unknown");
    }

    [Theory]
    [Engines]
    public async Task A_file_is_checked_first_and_each_line_succeeds_or_fails_by_itself(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("owner"));
        await crew.Role("Billing", "users.view");
        await crew.Add("member", "tomasz@almondbirch.example");
        const string File = "Name;E-mail\r\n";
        Assert.Equal("csv.no_email_column", ReadInvitations.Csv(File).Refusal?.Code);
        const string Csv = "\uFEFFemail,name,role\r\nsofia@almondbirch.example,\"Kallas, Sofia\",member\r\nmarek@almondbirch.example,,billing\r\n\r\ntomasz@almondbirch.example,,\r\njoao@almondbirch,,\r\nlena@almondbirch.example,,Captain\r\nSOFIA@almondbirch.example,,\r\n";
        var page = await (await admin.Open($"{crew.Page}/users/invite")).Upload("form#csv", "file", "new-people.csv", Csv, ("dry", "true"));
        Assert.Contains("2 invitations would go out", page.Text, StringComparison.Ordinal);
        Assert.Contains("There is no role “Captain” here.", page.Text, StringComparison.Ordinal);
        Assert.Empty(await app.Letters("sofia@almondbirch.example"));
        page = await page.Submit("form[action*=Checked]");
        Assert.Contains("2 invitations are on their way", page.Text, StringComparison.Ordinal);
        Assert.Single(await app.Letters("sofia@almondbirch.example"));
        Assert.Single(await app.Letters("marek@almondbirch.example"));
        Assert.Empty(await app.Letters("tomasz@almondbirch.example"));
        Assert.Equal(2, (await admin.Get($"{crew.Api}/invitations")).Json.GetProperty("invitations").GetArrayLength());
    }

    [Theory]
    [Engines]
    public async Task A_thousand_people_are_invited_from_one_file(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var csv = "email\n" + string.Join('\n', Enumerable.Range(0, 1000).Select(i => $"person{i}@almondbirch.example"));
        var page = await (await admin.Open($"{crew.Page}/users/invite")).Upload("form#csv", "file", "many.csv", csv, ("dry", ""));
        Assert.Contains("1000 invitations are on their way", page.Text, StringComparison.Ordinal);
        Assert.Equal(1000, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM invitations WHERE accepted_at IS NULL")));
    }

    [Fact]
    public async Task Where_accounts_are_made_by_hand_invitations_add_those_who_have_one()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["SignUp:Mode"] = "closed" });
        var crew = await Crew.Found(app);
        await Invite(await app.SignedIn(await crew.Add("admin")), crew, Email);
        var link = await app.LastLink(Email, "/invitation");
        Assert.Contains("New accounts are not made here", (await app.Visitor().Open($"/invitation?token={link}")).Text, StringComparison.Ordinal);
        (await app.Visitor().Post("/api/v1/invitations/accept", new { token = link, name = "Priya", password = TestApp.OtherPassword })).Expect(403, "invitation.no_new_accounts");
        var other = await app.SignedIn(await app.AddAccount("priya@home.example", "Priya Raman"));
        (await other.Post("/api/v1/invitations/join", new { token = link })).Expect(204);
    }

    [Theory]
    [InlineData("email\n", 0)]
    [InlineData("email\r\na@x.example", 1)]
    [InlineData("role;email\nadmin;a@x.example\n;b@x.example\n", 2)]
    [InlineData("email,name\n\"a@x.example\",\"A \"\"quoted\"\" name\nover two lines\"\nb@x.example,\n", 2)]
    public void Files_are_read_as_spreadsheets_write_them(string csv, int lines) => Assert.Equal(lines, ReadInvitations.Csv(csv).Value.Count);

    [Theory]
    [InlineData("", "csv.no_email_column")]
    [InlineData("name\nx", "csv.no_email_column")]
    [InlineData("email\n\"a@x.example", "csv.quotes")]
    [InlineData("email\na\0@x.example", "csv.characters")]
    public void What_cannot_be_read_is_said(string csv, string code) => Assert.Equal(code, ReadInvitations.Csv(csv).Refusal?.Code);

    internal static async Task<System.Text.Json.JsonElement> Invite(Visitor by, Crew crew, string email, string role = "member") =>
        (await by.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email, role } } })).Expect(200).Json.GetProperty("results")[0];
}
