using Deque.AxeCore.Playwright;
using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>What a person does with passkeys, in a real browser with a keychain.</summary>
public sealed class PasskeyStory
{
    /// <summary>Passkeys belong to the address that people open, so here it is the one that the browser opens.</summary>
    public static Task<TestApp> Start(string engine, params (string Key, string Value)[] settings)
    {
        var port = FreePort();
        var all = new Dictionary<string, string?> { ["Port"] = $"{port}", ["PublicUrl"] = $"http://localhost:{port}" };
        foreach (var (key, value) in settings) all[key] = value;
        return TestApp.Start(engine, all);
    }

    private static int FreePort()
    {
        using var reserved = ReverseProxy.ReservePort();
        return ((System.Net.IPEndPoint)reserved.LocalEndPoint!).Port;
    }

    private static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Heading(IPage page, string name) => page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    private static async Task SignOut(IPage page)
    {
        await page.GotoAsync("/sign-out");
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
    }

    [Theory]
    [Engines]
    public async Task Add_one_sign_in_with_it_by_button_and_by_autofill_prove_with_it_and_remove_it(string engine)
    {
        await using var app = await Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var page = here.Page;
        var keychain = await Keychain.Of(page);
        await here.SignIn(person.Email, person.Password);
        await Expect(Heading(page, "Security")).ToBeVisibleAsync();

        // Added: the first factor, so that recovery codes come along.
        await page.GetByRole(AriaRole.Link, new() { Name = "Add a passkey" }).ClickAsync();
        await Expect(page.GetByText("What is a passkey?")).ToBeVisibleAsync();
        await Confirm(keychain, Button(page, "Make a passkey"));
        await Expect(Heading(page, "Save your recovery codes")).ToBeVisibleAsync();
        await keychain.Confirms(false);
        await page.GetByLabel("I have saved these codes").CheckAsync();
        await Button(page, "Finish").ClickAsync();
        await Expect(page.Locator("#passkeys .row")).ToHaveCountAsync(1);
        // The same keychain makes no second one.
        await page.GotoAsync("/account/two-factor/passkey");
        await Confirm(keychain, Button(page, "Make a passkey"));
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("This device, or its keychain, has a passkey for you already.");
        await keychain.Confirms(false);

        // By the button.
        await SignOut(page);
        await page.GotoAsync("/sign-in?return=/account/activity");
        await Confirm(keychain, Button(page, "Sign in with a passkey"));
        await Expect(Heading(page, "Activity")).ToBeVisibleAsync();
        await keychain.Confirms(false);

        // By the list of the e-mail field: chosen there, nothing pressed.
        await SignOut(page);
        await Expect(page.GetByLabel("E-mail address")).ToHaveAttributeAsync("autocomplete", "username webauthn");
        await keychain.Confirms(true);
        await page.GotoAsync("/sign-in?autofill");
        await Expect(Heading(page, "Security")).ToBeVisibleAsync();
        await keychain.Confirms(false);

        // The second step after the password.
        await SignOut(page);
        await here.SignIn(person.Email, person.Password);
        await Expect(Heading(page, "Use your passkey")).ToBeVisibleAsync();
        await Expect(Button(page, "Use a passkey")).ToBeFocusedAsync();
        await keychain.Confirms(true);
        await page.Keyboard.PressAsync("Enter");
        await Expect(Heading(page, "Security")).ToBeVisibleAsync();
        await keychain.Confirms(false);

        // A proof, in the middle of something else.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await page.GotoAsync("/account/two-factor/codes");
        await Button(page, "Make new codes").ClickAsync();
        await Expect(Heading(page, "Confirm it is you")).ToBeVisibleAsync();
        await Confirm(keychain, Button(page, "Use a passkey"));
        await Expect(Heading(page, "Save your recovery codes")).ToBeVisibleAsync();

        await keychain.Confirms(false);

        // Off with it: the passkey goes, and the keychain hears of it.
        Assert.Single(await keychain.Passkeys());
        await page.GotoAsync("/account/two-factor");
        await Confirm(keychain, Button(page, "Turn off with a passkey"));
        await Expect(page.GetByText("Two-factor is off. A letter confirms it.")).ToBeVisibleAsync();
        await Forgotten(keychain);
        Assert.Contains(await app.Letters(person.Email), letter => letter.Subject == "Two-factor was turned off");
        Assert.Empty(here.Complaints);
    }

    [Fact]
    public async Task One_that_was_removed_elsewhere_leaves_the_keychain_when_it_is_tried()
    {
        await using var app = await Start(TestDatabase.Sqlite);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var page = here.Page;
        var keychain = await Keychain.Of(page);
        await here.SignIn(person.Email, person.Password);
        await Expect(Heading(page, "Security")).ToBeVisibleAsync();
        await page.GotoAsync("/account/two-factor/passkey");
        await Confirm(keychain, Button(page, "Make a passkey"));
        await Expect(Heading(page, "Save your recovery codes")).ToBeVisibleAsync();
        await keychain.Confirms(false);
        await app.Db.Write(async tx => await tx.Execute("DELETE FROM passkeys"));
        await SignOut(page);
        await page.GotoAsync("/sign-in");
        await Confirm(keychain, Button(page, "Sign in with a passkey"));
        await Expect(page.GetByText("Nobody here has this passkey any more.")).ToBeVisibleAsync();
        await Forgotten(keychain);
        Assert.Empty(here.Complaints);
    }

    [Fact]
    public async Task What_goes_wrong_is_said_kindly_and_the_password_still_works()
    {
        await using var app = await Start(TestDatabase.Sqlite);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var page = here.Page;
        var keychain = await Keychain.Of(page);
        // A keychain that has nothing for us.
        await page.GotoAsync("/sign-in");
        await Confirm(keychain, Button(page, "Sign in with a passkey"));
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Nothing was confirmed: it was cancelled, or took too long. Try again whenever you like.");
        await here.Photograph("passkey-cancelled");
        Assert.Empty((await page.RunAxe()).Violations);
        // One that does not know its person.
        await keychain.Confirms(false);
        await here.SignIn(person.Email, person.Password);
        await Expect(Heading(page, "Security")).ToBeVisibleAsync();
        await page.GotoAsync("/account/two-factor/passkey");
        await keychain.Knows(false);
        await keychain.Confirms(true);
        await Button(page, "Make a passkey").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).Not.ToBeEmptyAsync();
        Assert.Empty(await keychain.Passkeys());
        // The proof has run out meanwhile: the page asks for it by itself.
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await Button(page, "Make a passkey").ClickAsync();
        await Expect(Heading(page, "Confirm it is you")).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    [Fact]
    public async Task Without_script_nothing_is_offered_that_would_not_work()
    {
        await using var app = await Start(TestDatabase.Sqlite);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script: false);
        await here.Page.GotoAsync("/sign-in");
        await Expect(Button(here.Page, "Sign in with a passkey")).ToBeHiddenAsync();
        await here.SignIn(person.Email, person.Password);
        await here.Page.GotoAsync("/account/two-factor/passkey");
        await Expect(Button(here.Page, "Make a passkey")).ToBeHiddenAsync();
        await Expect(here.Page.GetByText("scripts are switched off")).ToBeVisibleAsync();
        // By another name than ours it would not work either.
        await using var elsewhere = await chromium.Open(app, proxy: new Uri($"http://127.0.0.1:{app.Address.Port}"));
        await elsewhere.Page.GotoAsync("/sign-in");
        await Expect(Button(elsewhere.Page, "Sign in with a passkey")).ToBeHiddenAsync();
    }

    internal static async Task Confirm(Keychain keychain, ILocator button)
    {
        await keychain.Confirms(true);
        await button.ClickAsync();
    }

    private static async Task Forgotten(Keychain keychain)
    {
        for (var tries = 0; (await keychain.Passkeys()).Count > 0; tries++)
        {
            if (tries > 100) throw new TimeoutException("The keychain still has it");
            await Task.Delay(50);
        }
    }
}
