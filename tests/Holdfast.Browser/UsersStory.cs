using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed class UsersStory
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_owner_finds_somebody_and_suspends_them_with_or_without_script(bool script)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner", name: "Mara Lindqvist");
        await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        await crew.Add("member", name: "Samir Haddad");
        await using var here = await chromium.Open(app, script: script);
        await here.SignIn(owner.Email, owner.Password);
        await here.Page.GotoAsync($"{crew.Page}/users");
        var names = here.Page.Locator("tbody .person-name a");
        await Expect(names).ToHaveCountAsync(3);
        await here.Page.GetByRole(AriaRole.Searchbox).FillAsync("wat");
        // As one types where there is script, by the button where there is none.
        if (!script) await here.Page.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await Expect(names).ToHaveTextAsync(["Kenji Watanabe"]);
        await here.Page.GetByLabel("More for Kenji Watanabe").ClickAsync();
        await here.Page.GetByRole(AriaRole.Link, new() { Name = "Suspend", Exact = true }).ClickAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Suspend" }).ClickAsync();
        await Expect(here.Page.Locator(".flash")).ToContainTextAsync("Kenji Watanabe is suspended.");
        await here.Page.GetByLabel("More for Kenji Watanabe").PressAsync("Enter");
        await Expect(here.Page.GetByRole(AriaRole.Link, new() { Name = "Reactivate" })).ToBeVisibleAsync();
    }
}
