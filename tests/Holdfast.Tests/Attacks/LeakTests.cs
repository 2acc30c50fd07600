using System.Text;
using Holdfast.Features.Setup;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class LeakTests
{
    [Theory, Engines]
    public async Task No_secret_reaches_the_log_or_the_database(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        var setupLink = (await app.Get<SetUp>().MakeLink())!.Value.Reveal();
        secrets["set-up link"] = setupLink;
        var visitor = app.Visitor();
        (await visitor.Open($"/setup?token={setupLink}")).Answer.Expect(200);
        (await visitor.Post("/api/v1/setup", new { link = setupLink, name = "Greta Lindqvist", workspace = "Northwind", email = "greta@quayside.example", password = TestApp.Password })).Expect(204);
        Note("set-up");
        secrets["password"] = TestApp.Password;
        secrets["wrong password"] = "wröng guess 4711";
        secrets["new password"] = TestApp.OtherPassword;
        secrets["reset password"] = "zwölf boxkämpfer jagen";
        (await visitor.SignIn("greta@quayside.example", "wröng guess 4711")).Expect(401);
        await (await app.Visitor().Open("/sign-in")).Submit("form[action='/sign-in']", ("email", "greta@quayside.example"), ("password", "wröng guess 4711"));
        (await visitor.StepUp("wröng guess 4711")).Expect(400);
        (await visitor.StepUp(TestApp.Password)).Expect(200);
        Note("step-up");
        (await visitor.ChangePassword(TestApp.Password, TestApp.OtherPassword)).Expect(200);
        Note("change");
        var notMe = TestApp.TokenIn((await app.Letters("greta@quayside.example"))[^1], "/not-me");
        secrets["link of the letter"] = notMe;
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await app.Visitor().Open($"/not-me?token={notMe}")).Submit("form[action='/not-me']");
        var reset = TestApp.TokenIn((await app.Letters("greta@quayside.example"))[^1], "/reset-password");
        secrets["reset link"] = reset;
        await (await app.Visitor().Open($"/reset-password?token={reset}")).Submit("form[action='/reset-password']", ("newPassword", secrets["reset password"]), ("newPasswordAgain", secrets["reset password"]));
        visitor = app.Visitor();
        (await visitor.SignIn("greta@quayside.example", secrets["reset password"])).Expect(204);
        Note("sign-in");
        // Faults quote things too.
        await visitor.Send(HttpMethod.Post, "/api/v1/sign-in", Visitor.Raw("{\"email\":\"greta@quayside.example\",\"password\":\"wröng guess 4711\",\"x\":1}"));
        await app.Letters("greta@quayside.example");

        Assert.True(secrets.Count > 10);
        Assert.NotEmpty(app.Logs.Lines);
        var log = app.Logs.Everything;
        Assert.All(secrets, secret => Assert.False(log.Contains(secret.Value, StringComparison.Ordinal), $"{secret.Key} is in the log"));
        Assert.DoesNotContain("token=", log, StringComparison.Ordinal);

        var stored = await Everything(app);
        Assert.All(secrets, secret => Assert.False(Holds(stored, Encoding.UTF8.GetBytes(secret.Value)), $"{secret.Key} is in the database"));
        foreach (var (name, value) in secrets.Where(s => s.Value.Length == 43)) Assert.False(Holds(stored, System.Buffers.Text.Base64Url.DecodeFromChars(value)), $"the bytes of {name} are in the database");
        foreach (var text in new[] { "token=", "/not-me?", "Hello Greta", "Your password was changed" }) Assert.False(Holds(stored, Encoding.UTF8.GetBytes(text)), $"{text} is in the database");
        // What may be there is there: the search finds things.
        Assert.True(Holds(stored, "greta@quayside.example"u8.ToArray()));

        void Note(string when)
        {
            foreach (var (name, value) in visitor.Cookies.Where(c => c.Value.Length >= 43)) secrets[$"{name} after {when}"] = value;
        }
    }

    [Theory, Engines]
    public async Task No_key_of_an_app_and_no_code_reaches_the_log_or_the_database(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var codes = new List<string>(phone.Codes) { phone.Code() };
        var page = await visitor.Open("/account/two-factor");
        page = await page.Submit("form[action*='Begin']");
        var second = string.Concat(page.Document.QuerySelectorAll(".key-groups span").Select(g => g.TextContent));
        Assert.Equal(32, second.Length);
        app.NextCode();
        codes.AddRange([phone.Code(), phone.WrongCode()]);
        var there = app.Visitor();
        (await there.SignIn(person.Email, person.Password)).Expect(202);
        var pending = there.Cookies[Visitor.PendingCookie];
        (await there.Verify(phone.WrongCode())).Expect(400);
        (await there.Verify(phone.Code())).Expect(200);
        (await visitor.StepUpBy(phone.Codes[0].ToLowerInvariant(), "recovery_code")).Expect(200);
        await (await visitor.Open("/account/two-factor/codes")).Submit("form[action*='Make']");
        // Faults quote things too.
        await there.Send(HttpMethod.Post, "/api/v1/sign-in/verify", Visitor.Raw($"{{\"code\":\"{phone.Codes[1]}\",\"x\":1}}"));
        await app.Letters(person.Email);

        string[] secrets = [phone.Key, second, pending, .. codes, .. phone.Codes.Select(code => code.Replace("-", "", StringComparison.Ordinal))];
        var (log, stored) = (app.Logs.Everything, await Everything(app));
        // Six digits may be part of some number; in a line of their own they may not stand either way.
        Assert.All(secrets.Where(s => s.Length > 6), secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
        Assert.All(secrets.Where(s => s.Length > 6), secret => Assert.False(Holds(stored, Encoding.UTF8.GetBytes(secret)), "a secret of two-factor is in the database"));
        Assert.All(new[] { phone.Key, second }, key => Assert.False(Holds(stored, Phone.Decode(key)), "the bytes of a key are in the database"));
        Assert.DoesNotContain("otpauth", log, StringComparison.Ordinal);
        Assert.False(Holds(stored, "otpauth"u8.ToArray()));
    }

    internal static bool Holds(byte[] everything, byte[] part) => everything.AsSpan().IndexOf(part) >= 0;

    /// <summary>All bytes of the SQLite files, or every row of every table of PostgreSQL with binary columns as they are.</summary>
    internal static async Task<byte[]> Everything(TestApp app)
    {
        var all = new MemoryStream();
        if (!app.Database.IsPostgres)
        {
            foreach (var file in Directory.GetFiles(app.Database.Folder, "holdfast.db*"))
            {
                await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                await stream.CopyToAsync(all);
            }
            return all.ToArray();
        }
        var tables = await app.Db.Read(tx => tx.Many<string>("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"));
        foreach (var table in tables)
        {
            foreach (var row in await app.Db.Read(tx => tx.Many<string>($"SELECT CAST(t AS TEXT) FROM {table} AS t"))) all.Write(Encoding.UTF8.GetBytes(row));
            var binary = await app.Db.Read(tx => tx.Many<string>($"SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' AND data_type = 'bytea'"));
            foreach (var column in binary)
            {
                foreach (var bytes in await app.Db.Read(tx => tx.Many<byte[]>($"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"))) all.Write(bytes);
            }
        }
        return all.ToArray();
    }

    [Theory, Engines("attacker.example", "attacker.example:8080", "localhost:8080@attacker.example")]
    public async Task A_forged_host_changes_no_mailed_link_and_no_redirect(string engine, string host)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        visitor.Headers["Host"] = host;
        visitor.Headers["X-Forwarded-Host"] = host;
        visitor.Headers["X-Forwarded-Proto"] = "https";
        var changed = await visitor.ChangePassword(person.Password, TestApp.OtherPassword);
        if (changed.Status == 400 && changed.Code is null) return; // Not even read: the server refuses a host of that form.
        changed.Expect(200);
        var letter = Assert.Single(await app.Letters(person.Email));
        Assert.DoesNotContain("attacker", letter.Text + letter.Html, StringComparison.Ordinal);
        Assert.Equal(43, TestApp.TokenIn(letter, "/not-me").Length);
        visitor.Cookies.Clear();
        Assert.StartsWith("/sign-in", (await visitor.Get("/account/security")).Expect(302).Location, StringComparison.Ordinal);
        Assert.Null((await visitor.Get("/sign-in")).Header("Strict-Transport-Security"));
    }

    [Theory, Engines]
    public async Task What_a_browser_calls_itself_is_cut_cleaned_and_shown_as_text(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        foreach (var agent in new[] { "<script>alert(1)</script> Firefox/1", new string('x', 20_000), "", "=HYPERLINK(\"http://attacker.example\")", "%0d%0aSet-Cookie:%20a=b", "{0}{1:x}" })
        {
            var visitor = await app.SignedIn(person, userAgent: agent);
            var page = await visitor.Open("/account/security");
            Assert.Equal(200, page.Answer.Status);
            Assert.DoesNotContain("<script>alert", page.Answer.Body, StringComparison.Ordinal);
            (await visitor.Get("/account/activity.csv")).Expect(200);
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal(512, await app.Db.Read(tx => tx.Count("SELECT MAX(LENGTH(user_agent)) FROM sessions")));
        Assert.DoesNotContain(app.Logs.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }
}
