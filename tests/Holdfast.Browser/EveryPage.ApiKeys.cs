using Holdfast.Browser.Support;
using Holdfast.Features.ApiKeys;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_API_keys_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist");
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(owner.Email, owner.Password);
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        await Look(here, $"{crew.Page}/api-keys", "api-keys-none", width, scheme, found);
        await Look(here, $"{crew.Page}/api-keys/new", "api-key-new", width, scheme, found);
        await Send(here, "form.card", ("name", "Night export"));
        await Judge(here, "api-key-refused", width, scheme, found);
        await here.Page.GetByText("Fetch the security log").ClickAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Make the key" }).ClickAsync();
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "Copy your key now" })).ToBeVisibleAsync();
        await Judge(here, "api-key-done", width, scheme, found);

        var maker = await app.SignedIn(owner);
        foreach (var (name, scopes, days) in new[] { ("Rota sync", new[] { ApiScope.UsersRead, ApiScope.UsersInvite }, 9), ("Help desk robot", [ApiScope.UsersRead, ApiScope.UsersRecover], 300) })
        {
            var made = (await maker.Post($"{crew.Api}/api-keys", new { name, scopes, days })).Expect(201).Json;
            var program = app.Visitor("robot/1.0");
            program.Headers["Authorization"] = $"Bearer {made.GetProperty("key").GetString()}";
            if (days < 20) (await program.Get($"{crew.Api}/users")).Expect(200);
        }
        await app.Get<KeyUses>().Write();
        var gone = await crew.Add("admin", name: "Jonas Weidner");
        (await (await app.SignedIn(gone)).Post($"{crew.Api}/api-keys", new { name = "Old phone list", scopes = new[] { ApiScope.UsersRead }, days = 100 })).Expect(201);
        (await maker.Post($"{crew.Api}/users/{gone.Id}/suspend")).Expect(204);
        await Look(here, $"{crew.Page}/api-keys", "api-keys", width, scheme, found);
        await Look(here, await here.Page.GetByRole(AriaRole.Link, new() { Name = "Revoke Rota sync" }).GetAttributeAsync("href") ?? "", "api-key-revoke", width, scheme, found);
        Assert.Empty(found);
        Assert.Empty(here.Complaints);
    }
}
