using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>Somebody who forgot the password, in a real browser.</summary>
public sealed class RecoveryStory
{
    private const string Next = "seven quiet herons at dusk";

    [Theory]
    [Engines]
    public Task Ask_for_a_link_choose_a_new_password_and_sign_in(string engine) => Tell(engine, script: true);

    [Theory]
    [Engines]
    public Task The_same_without_JavaScript(string engine) => Tell(engine, script: false);

    private static async Task Tell(string engine, bool script)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        await using var elsewhere = await chromium.Open(app, script);
        await elsewhere.SignIn(person.Email, person.Password);
        var page = here.Page;

        // By keyboard alone.
        await page.GotoAsync("/sign-in");
        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot password?" }).PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Recover Password" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("E-mail address")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(person.Email);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your mail" })).ToBeVisibleAsync();
        await Expect(page.GetByText($"If {person.Email} has an account")).ToBeVisibleAsync();

        // A link that has ended says so, and a new one is asked for from there.
        var old = TestApp.TokenIn((await app.Letters(person.Email)).Single(), "/reset-password");
        app.Clock.Advance(TimeSpan.FromMinutes(30));
        await page.GotoAsync($"/reset-password?token={old}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link has ended" })).ToBeVisibleAsync();
        await page.GetByLabel("E-mail address").FillAsync(person.Email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Recover Password" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Check your mail" })).ToBeVisibleAsync();
        var link = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/reset-password");

        await page.GotoAsync($"/reset-password?token={link}");
        await Expect(page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/reset-password");
        await Expect(page.GetByText($"For {person.Email}.")).ToBeVisibleAsync();
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync(Next);
        if (script) await Expect(page.Locator("#newPassword-strength")).ToContainTextAsync("Strong");
        await page.GetByLabel("New password, once more").FillAsync("seven loud herons at dusk");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(page.Locator("#newPasswordAgain-error")).ToBeVisibleAsync();
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync(Next);
        await page.GetByLabel("New password, once more").FillAsync(Next);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(page.GetByText("Your new password is set. Sign in with it.")).ToBeVisibleAsync();
        await Expect(page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/sign-in");

        // Every other page of the person's is signed out, and says why.
        if (!script) await elsewhere.Page.GotoAsync("/account/security");
        await Expect(elsewhere.Page.GetByText("A new password was chosen, which signed out every device")).ToBeVisibleAsync();
        await here.SignIn(person.Email, Next);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }
}
