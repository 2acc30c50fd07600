using System.IO.Compression;
using System.Text.Json;
using Holdfast.Features.Export;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Deletion;

public sealed class ExportTests
{
    private const string Api = "/api/v1/account/export";

    private static async Task<string> Ready(TestApp app, Person person, Visitor visitor)
    {
        (await visitor.Post(Api)).Expect(202);
        await Leaving.Run(app);
        await ErasureTests.Until(async () => (await visitor.Get(Api)).Json.GetProperty("state").GetString() == "ready");
        return await app.LastLink(person.Email, "/account/export");
    }

    [Theory, Engines]
    public async Task The_file_holds_everything_but_secrets_and_is_fetched_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        await (await Crew.Found(app)).Join(person, "member");
        var token = await Ready(app, person, visitor);
        var answer = (await visitor.Post($"{Api}/fetch", new { token })).Expect(200);
        Assert.Equal("application/zip", answer.ContentType);
        using var zip = new ZipArchive(new MemoryStream(answer.Bytes));
        Assert.Equal(["activity.json", "applications.json", "cases.json", "devices.json", "letters.json", "profile.json", "read-me.txt", "sign-in.json", "workspaces.json"], zip.Entries.Select(e => e.FullName).Order());
        var all = "";
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            var text = await reader.ReadToEndAsync();
            if (entry.FullName.EndsWith(".json", StringComparison.Ordinal)) _ = JsonDocument.Parse(text);
            all += text;
        }
        foreach (var held in new[] { person.Email, person.Name, "Almond & Birch", "My phone", "sign_in.succeeded", "Firefox", "127.0.0.1" }) Assert.Contains(held, all, StringComparison.Ordinal);
        foreach (var secret in new[] { phone.Codes[0], "$argon2", "phc", "token_hash", "sealed", visitor.Token, token }) Assert.DoesNotContain(secret, all, StringComparison.Ordinal);
        (await visitor.Post($"{Api}/fetch", new { token })).Expect(404, "link.over");
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM exports WHERE sealed IS NOT NULL")));
    }

    [Theory, Engines]
    public async Task The_link_opens_only_to_its_owner_signed_in_and_after_a_proof(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, phone, visitor) = await app.AddWithTwoFactor();
        var token = await Ready(app, person, visitor);
        (await app.Visitor().Post($"{Api}/fetch", new { token })).Expect(401);
        var other = await app.SignedIn(await app.AddAccount("other@almondbirch.example"));
        (await other.Post($"{Api}/fetch", new { token })).Expect(404, "link.over");
        // From the mail: first out of the address bar, then to the sign-in.
        var page = await app.Visitor().Open($"/account/export?token={token}");
        Assert.Equal("/sign-in?return=%2Faccount%2Fexport%3Fletter%3D1", page.Path);
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        page = await visitor.Open($"/account/export?token={token}");
        page = await page.Submit("form[action='/account/export?handler=Download']");
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        (await visitor.StepUpBy(phone.Code())).Expect(200);
        page = await visitor.Open("/account/export");
        Assert.NotNull(page.Document.QuerySelector("form[action='/account/export?handler=Download']"));
        (await visitor.Post($"{Api}/fetch", new { token })).Expect(200);
        // Now it is over, and the page says so to whoever comes from the letter; the link of another letter says nothing about exports.
        Assert.Contains("This link has ended", (await visitor.Open($"/account/export?token={token}")).Text, StringComparison.Ordinal);
        await visitor.Open($"/keep-account?token={token}");
        Assert.DoesNotContain("This link has ended", (await visitor.Open("/account/export")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task It_is_gone_after_a_day_and_when_it_is_stopped(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var token = await Ready(app, person, visitor);
        (await visitor.Delete(Api)).Expect(204);
        (await visitor.Post($"{Api}/fetch", new { token })).Expect(404, "link.over");
        token = await Ready(app, person, visitor);
        app.Clock.Advance(DataExport.Lifetime);
        visitor = await app.SignedIn(person);
        (await visitor.Post($"{Api}/fetch", new { token })).Expect(404, "link.over");
        await app.Db.Write(tx => ExportTable.WipeEnded(tx, app.Now, 100));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM exports WHERE sealed IS NOT NULL")));
    }

    [Theory, Engines]
    public async Task It_can_be_had_during_grace_and_asked_for_only_so_often(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await Leaving.Ask(await app.SignedIn(person));
        var visitor = await app.SignedIn(person);
        var page = await visitor.Open("/account/closing");
        page = await visitor.Open("/account/export");
        page = await page.Submit("form[action='/account/export']");
        await Leaving.Run(app);
        await ErasureTests.Until(async () => (await visitor.Get(Api)).Json.GetProperty("state").GetString() == "ready");
        (await visitor.Post($"{Api}/fetch", new { token = await app.LastLink(person.Email, "/account/export") })).Expect(200);
        for (var i = 1; i < DataExport.MostInWindow; i++) await Ready(app, person, visitor);
        (await visitor.Post(Api)).Expect(429, "export.too_often");
    }

    [Theory, Engines]
    public async Task Two_who_fetch_at_once_get_one_file(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        var visitor = await app.SignedIn(person);
        var token = await Ready(app, person, visitor);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => visitor.Copy().Post($"{Api}/fetch", new { token })));
        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers, a => Assert.Contains(a.Status, new[] { 200, 404 }));
    }
}
