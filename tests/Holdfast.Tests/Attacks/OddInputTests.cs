using Holdfast.Features.Accounts;
using Holdfast.Features.DevMail;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>What nobody types but whoever tries: where it is no address, nobody gets anything; where it is one, that one alone does; and never is it a fault of ours.</summary>
public sealed class OddInputTests
{
    private const string Victim = "mike@quayside.example";
    private const string Attacker = "attacker@elsewhere.example";
    private const string Change = "/api/v1/account/email-change";

    /// <summary>Two addresses, line breaks and the like: none of it is an address.</summary>
    private static readonly string[] NoAddresses =
    [
        $"{Victim},{Attacker}", $"{Victim};{Attacker}", $"{Victim} {Attacker}", $"{Victim}\r\nBcc: {Attacker}", $"{Victim}\nBcc:{Attacker}", $"{Victim}\r{Attacker}", $"{Victim}%0d%0aBcc:{Attacker}", $"{Victim}\0", $"{Victim}\0{Attacker}", $"\0{Victim}", "\0",
        $"<{Victim}>", $"\"Mike\" <{Attacker}>", $"({Attacker}){Victim}", $"{Victim}|{Attacker}", $"{Victim}&email={Attacker}", $"{Victim}\u2028{Attacker}", $"{Victim}\u200b", "m\u00adike@quayside.example", $"{Victim}.", "mike.@quayside.example", "mike@.quayside.example",
        "mike@quayside..example", "mike＠quayside.example", "mike@[127.0.0.1]", "mike@\uFFFEquayside.example", "\u202emike@quayside.example", "mike", "@", "@quayside.example", new string('a', 300) + "@quayside.example",
    ];

    /// <summary>Other spellings of <see cref="Victim"/>, and addresses that look like it.</summary>
    private static readonly string[] LookAlikes =
    [
        "MIKE@QUAYSIDE.EXAMPLE", "ＭＩＫＥ@quayside.example", "ｍike@quayside.example", "mike@ｑuayside.example", "mi\u212Ae@quayside.example", "m\u0456ke@quayside.example", "mıke@quayside.example", "mike@quaysidе.example", "mike@quays\u0131de.example",
        "mike\u0301@quayside.example", "mike@quayside。example", "mike@xn--quaysde-wfb.example", "MİKE@quayside.example", "mike+x@quayside.example",
    ];

    private static async Task<IReadOnlyList<(string To, string Text)>> Everything(TestApp app)
    {
        await app.Letters("nobody");
        return [.. (await app.Get<Mailbox>().List()).Select(pair => (pair.Letter.To, pair.Letter.Text))];
    }

    private static void NoFault(TestApp app) => Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));

    private static FormUrlEncodedContent Form(string token, params (string Name, string Value)[] fields) => new([new("form_token", token), .. fields.Select(f => new KeyValuePair<string, string>(f.Name, f.Value))]);

    private static string Text(string value) => System.Text.Json.JsonSerializer.Serialize(value);

    [Theory, Engines]
    public async Task What_is_no_address_becomes_nobodys_new_address(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await app.AddAccount(Victim, "Mike Quayside");
        var visitor = await app.SignedIn(await app.AddAccount());
        var token = await WorkspaceDoorsTests.FormToken(visitor);
        foreach (var email in NoAddresses)
        {
            (await visitor.Post(Change, new { email })).Expect(400, "form.email");
            using var form = Form(token, ("email", email));
            Assert.Equal(400, (await visitor.Send(HttpMethod.Post, "/account?handler=Email", form)).Status);
        }
        string[] bodies =
        [
            $$"""{"email":["{{Victim}}","{{Attacker}}"]}""", $$"""{"email":{"to":"{{Victim}}"} }""", $$"""{"email":"{{Victim}}","email":"{{Attacker}}"}""", $$"""{"email":"{{Victim}}","Email":"{{Attacker}}"}""", $$"""{"email":"{{Victim}}","cc":"{{Attacker}}"}""",
            $$"""["{{Attacker}}"]""", """{"email":null}""", """{"email":true}""", "{}", "null", $$"""{"email":"\ud800{{Attacker}}"}""", $$"""{"email":"{{Attacker}}\udc00"}""",
        ];
        foreach (var body in bodies) (await visitor.Send(HttpMethod.Post, Change, Visitor.Raw(body))).Expect(400);
        foreach (var name in new[] { "email[0]", "email.to", "email[to]" })
        {
            using var form = Form(token, (name, Attacker), (name, Victim));
            Assert.Equal(400, (await visitor.Send(HttpMethod.Post, "/account?handler=Email", form)).Status);
        }
        (await visitor.Get(Change)).Expect(404, "email_change.nothing_waits");
        Assert.Empty(await Everything(app));
        NoFault(app);
    }

    [Theory, Engines]
    public async Task Of_two_fields_with_a_new_address_one_counts(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await app.AddAccount(Victim, "Mike Quayside");
        foreach (var (name, first, second, query) in new[]
        {
            ("email", "first@elsewhere.example", "second@elsewhere.example", ""), ("email", "third@elsewhere.example", Victim, ""), ("email", "fourth@elsewhere.example", "fifth@elsewhere.example", "&email=sixth@elsewhere.example"),
            // A spelling of lists that the framework takes for the plain name.
            ("email[]", "seventh@elsewhere.example", "eighth@elsewhere.example", ""), ("EMAIL", "ninth@elsewhere.example", Victim, "&email[]=sixth@elsewhere.example"),
        })
        {
            var person = await app.AddAccount($"owner-of-{first}", "Owner");
            var visitor = await app.SignedIn(person);
            using var form = Form(await WorkspaceDoorsTests.FormToken(visitor), (name, first), (name, second));
            var answer = await visitor.Send(HttpMethod.Post, $"/account?handler=Email{query}", form);
            Assert.True(answer.Status is 302 or 400, answer.ToString());
            var sent = (await Everything(app)).Where(l => new[] { first, second, "sixth@elsewhere.example" }.Contains(l.To)).ToList();
            Assert.Equal(answer.Status == 302 ? 1 : 0, sent.Count);
            // What the page says that it asked is what the letter went to.
            if (answer.Status == 302) Assert.Equal(sent[0].To, (await visitor.Get(Change)).Expect(200).Json.GetProperty("email").GetString());
        }
        NoFault(app);
    }

    [Theory, Engines]
    public async Task A_new_address_that_looks_like_somebody_elses_takes_nothing_from_them(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var victim = await app.AddAccount(Victim, "Mike Quayside");
        var number = 0;
        foreach (var email in LookAlikes)
        {
            var thief = await app.SignedIn(await app.AddAccount($"thief{++number}@elsewhere.example", "Thief"));
            var answer = await thief.Post(Change, new { email });
            Assert.True(answer.Status == 202 || answer.Code is "form.email", answer.ToString());
            // The link goes to exactly what was typed, or nowhere; the owner of the real address gets none.
            var links = (await Everything(app)).Where(l => l.Text.Contains("/confirm-email?token=", StringComparison.Ordinal)).ToList();
            Assert.All(links, l => Assert.Contains(l.To, LookAlikes));
            Assert.All(await app.Letters(Victim), l => Assert.DoesNotContain("token=", l.Text, StringComparison.Ordinal));
            if (links.LastOrDefault(l => l.To == email) is { To: not null }) (await thief.Post($"{Change}/confirm", new { token = await app.LastLink(email, "/confirm-email") })).Expect(204);
            Assert.Equal(Victim, (await app.Db.Read(tx => AccountTable.ById(tx, victim.Id)))!.Email);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        (await app.Visitor().SignIn(Victim, victim.Password)).Expect(204);
        Assert.Equal(1, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM accounts WHERE email_canonical = @Victim", new { Victim })));
        NoFault(app);
    }

    [Theory, Engines]
    public async Task What_is_no_address_is_invited_by_no_program_and_no_form(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var results = (await admin.Post($"{crew.Api}/invitations", new { invitations = NoAddresses.Select(email => new { email }) })).Expect(200).Json.GetProperty("results");
        Assert.Equal(NoAddresses.Length, results.GetArrayLength());
        Assert.All(results.EnumerateArray(), r => Assert.Equal(("refused", "form.email"), (r.GetProperty("outcome").GetString(), r.GetProperty("code").GetString())));
        string[] bodies =
        [
            $$"""{"invitations":[{"email":["{{Victim}}","{{Attacker}}"]}]}""", $$"""{"invitations":[{"email":"{{Victim}}","email":"{{Attacker}}"}]}""", $$"""{"invitations":[{"email":"{{Victim}}","Email":"{{Attacker}}"}]}""",
            $$"""{"invitations":[{"email":"{{Victim}}","cc":"{{Attacker}}"}]}""", $$"""{"invitations":["{{Victim}}"]}""", $$"""{"invitations":"{{Victim}}"}""", $$"""{"invitations":{"email":"{{Victim}}"} }""", """{"invitations":null}""",
            """{"invitations":[{"email":null}]}""", """{"invitations":[]}""", "{}", "[]", $$"""{"invitations":[{"email":"{{Victim}}"}],"invitations":[{"email":"{{Attacker}}"}]}""", $$"""{"invitations":[{"email":"\ud800{{Attacker}}"}]}""",
            $$"""{"invitations":[{"email":"{{Victim}}","role":["member","admin"]}]}""",
        ];
        foreach (var body in bodies) (await admin.Send(HttpMethod.Post, $"{crew.Api}/invitations", Visitor.Raw(body))).Expect(400);
        var token = await WorkspaceDoorsTests.FormToken(admin);
        foreach (var name in new[] { "to[0]", "to.email", "to[email]" })
        {
            using var form = Form(token, (name, Attacker), (name, Victim));
            Assert.Equal(400, (await admin.Send(HttpMethod.Post, $"{crew.Page}/users/invite", form)).Status);
        }
        Assert.Empty(await Everything(app));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM invitations")));
        NoFault(app);
    }

    [Theory, Engines]
    public async Task A_line_of_a_file_invites_one_address_or_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        string Cell(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        string[] files =
        [
            .. NoAddresses.Where(email => email.Trim().Length > 0).Select(email => $"email,name\n{Cell(email)},Mike\n"),
            $"email,name\n{Victim},{Cell($"Mike\r\nBcc: {Attacker}")}\n", $"email,role\n{Victim},{Cell("member\nadmin")}\n", $"email,name\n{Victim},Mi\0ke\n", $"email,name\n\"{Victim}\n{Attacker},Mike\n", $"email;name\n{Cell($"{Victim};{Attacker}")};Mike\n",
            $"email,name\n{Victim}:{Attacker},Mike\n", $"name\n{Victim}\n",
        ];
        foreach (var file in files)
        {
            var page = await Upload(file);
            Assert.True(page.Answer.Status is 200 or 400, $"{file}: {page.Answer}");
            Assert.DoesNotContain("on its way", page.Text, StringComparison.Ordinal);
            Assert.Empty(await Everything(app));
        }
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM invitations")));
        // Two columns of one name, and a line break around an address: one address, the one that is shown.
        foreach (var (file, shown, other) in new[] { ($"email,email\n{Victim},{Attacker}\n", Victim, Attacker), ($"email,name\n{Cell("\r\nanna@quayside.example\r\n")},Anna\n", "anna@quayside.example", Attacker) })
        {
            var page = await Upload(file);
            Assert.Contains(shown, page.Text, StringComparison.Ordinal);
            Assert.Single(await app.Letters(shown));
            Assert.Empty(await app.Letters(other));
        }
        NoFault(app);

        async Task<VisitedPage> Upload(string file) => await (await admin.Open($"{crew.Page}/users/invite")).Upload("form[action*='handler=File']", "file", "people.csv", file, ("dry", ""));
    }

    [Theory, Engines]
    public async Task An_invitation_to_a_look_alike_reaches_nobody_but_the_look_alike(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var admin = await app.SignedIn(await crew.Add("admin"));
        var victim = await crew.Add("member", Victim, "Mike Quayside");
        foreach (var email in LookAlikes)
        {
            var outcome = (await InvitationTests.Invite(admin, crew, email)).GetProperty("outcome").GetString();
            Assert.Contains(outcome, new[] { "invited", "here_already", "refused", "sent_again" });
            // Another spelling of an address that is here already is here already.
            if (Configuration(email) == Victim) Assert.Equal("here_already", outcome);
            app.Clock.Advance(TimeSpan.FromSeconds(61));
            await admin.StepUp(TestApp.Password);
        }
        Assert.Empty(await app.Letters(Victim));
        foreach (var (to, text) in await Everything(app))
        {
            Assert.Contains(to, LookAlikes);
            var made = await app.Visitor().Post("/api/v1/invitations/accept", new { token = text.Split("/invitation?token=")[1][..43], name = "Look Alike", password = TestApp.OtherPassword });
            Assert.True(made.Status == 204 || made.Code is "invitation.over" or "invitation.has_account", made.ToString());
        }
        (await app.Visitor().SignIn(Victim, victim.Password)).Expect(204);
        (await app.Visitor().SignIn(Victim, TestApp.OtherPassword)).Expect(401, "sign_in.wrong");
        NoFault(app);
    }

    private static string Configuration(string email) => Holdfast.Configuration.MailAddressShape.IsPlain(email) ? Holdfast.Configuration.MailAddressShape.Canonical(email) : "";

    [Theory, Engines]
    public async Task A_workspace_is_handed_to_one_member_by_the_address_or_to_nobody(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, thief) = (await crew.Add("owner"), await crew.Add("member", Attacker, "Thief"));
        var victim = await crew.Add("member", Victim, "Mike Quayside");
        // Members whose addresses look like the other's; none of them is meant.
        var looks = await crew.Add("member", "m\u0456ke@quayside.example", "Mike");
        var visitor = await app.SignedIn(owner);
        var token = await WorkspaceDoorsTests.FormToken(visitor);
        foreach (var email in NoAddresses.Append(""))
        {
            (await visitor.Post($"{crew.Api}/hand-over", new { email, stay = true })).Expect(404, "ownership.member_unknown");
            using var form = Form(token, ("email", email), ("stay", "true"));
            var page = await visitor.Send(HttpMethod.Post, $"{crew.Page}/hand-over", form);
            Assert.True(page.Status is 400 or 404, page.ToString());
        }
        foreach (var body in new[]
        {
            $$"""{"email":["{{Victim}}","{{Attacker}}"]}""", $$"""{"email":"{{Victim}}","email":"{{Attacker}}"}""", $$"""{"email":"{{Victim}}","Email":"{{Attacker}}"}""", $$"""{"email":"{{Victim}}","to":"{{Attacker}}"}""", """{"email":null}""", """{"email":{}}""", "{}", "null", $$"""{"email":"{{Victim}}","stay":"yes"}""",
            $$"""{"email":"\ud800{{Attacker}}"}""", $$"""["{{Attacker}}"]""",
        }) (await visitor.Send(HttpMethod.Post, $"{crew.Api}/hand-over", Visitor.Raw(body))).Expect(400);
        foreach (var name in new[] { "email[0]", "email.to", "email[to]" })
        {
            using var form = Form(token, (name, Attacker), (name, Victim));
            Assert.Equal(404, (await visitor.Send(HttpMethod.Post, $"{crew.Page}/hand-over", form)).Status);
        }
        Assert.Equal(["owner", "member", "member", "member"], [await Role(owner), await Role(thief), await Role(victim), await Role(looks)]);
        Assert.Empty(await Everything(app));
        // An address that looks like a member's is that member's where it is another spelling of it, and else nobody's.
        foreach (var email in LookAlikes)
        {
            var answer = await visitor.Post($"{crew.Api}/hand-over", new { email, stay = true });
            Assert.True(answer.Status == 204 || answer.Code is "ownership.member_unknown" or "ownership.owner_already", answer.ToString());
            var meant = Configuration(email) == Victim ? victim : Configuration(email) == looks.Email ? looks : null;
            Assert.Equal(meant is not null, answer.Code != "ownership.member_unknown");
            foreach (var person in new[] { victim, looks }) Assert.Equal(person == meant ? "owner" : "member", await Role(person));
            Assert.Equal("member", await Role(thief));
            await app.Db.Write(tx => tx.Execute("UPDATE members SET role = 'member' WHERE account_id IN (@a, @b)", new { a = victim.Id, b = looks.Id }));
        }
        // Of two fields one counts.
        foreach (var name in new[] { "email", "email[]" })
        {
            using var doubled = Form(token, (name, Victim), (name, Attacker), ("stay", "true"));
            await visitor.Send(HttpMethod.Post, $"{crew.Page}/hand-over", doubled);
            Assert.True(await Role(victim) != "owner" || await Role(thief) != "owner");
        }
        NoFault(app);

        async Task<string> Role(Person person) => (await crew.Membership(person))!.Role;
    }
}
