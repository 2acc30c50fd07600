using Holdfast.Browser.Support;
using Holdfast.Features.Setup;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>What a person does with Holdfast on the first day, in a real browser.</summary>
public sealed class MainStory
{
    private const string Email = "mara@almondbirch.example";
    private const string First = "correct-lantern-otter-rowing";
    private const string Second = "seven quiet herons at dusk";

    [Theory]
    [Engines]
    public Task Set_up_sign_in_twice_sign_the_other_out_and_change_the_password(string engine) => Tell(engine, script: true);

    [Theory]
    [Engines]
    public Task The_same_without_JavaScript(string engine) => Tell(engine, script: false);

    private static async Task Tell(string engine, bool script)
    {
        await using var app = await TestApp.Start(engine);
        await using var chromium = await Chromium.Start();
        await using var laptop = await chromium.Open(app, script);
        await using var phone = await chromium.Open(app, script, width: 390);

        // Set up: the link's secret is gone from the address bar.
        var link = await app.Get<SetUp>().MakeLink();
        await laptop.Page.GotoAsync($"/setup?token={link!.Value.Reveal()}");
        await Expect(laptop.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/setup");
        await laptop.Page.GetByLabel("Your name").FillAsync("Mara Lindqvist");
        await laptop.Page.GetByLabel("Workspace").FillAsync("Almond & Birch");
        await laptop.Page.GetByLabel("E-mail address").FillAsync(Email);
        await laptop.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(First);
        if (script) await Expect(laptop.Page.Locator("#password-strength")).ToContainTextAsync("Strong");
        await laptop.Page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await Expect(laptop.Page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();

        // Sign in with a second browser; both are listed.
        await phone.SignIn(Email, First, keep: true);
        await Expect(phone.Page.Locator("#sessions .row")).ToHaveCountAsync(2);
        await laptop.Page.ReloadAsync();
        await Expect(laptop.Page.Locator("#sessions .row")).ToHaveCountAsync(2);
        await Expect(laptop.Page.Locator("#sessions .row-here")).ToContainTextAsync("This device");

        // Sign the other one out: its page goes to the sign-in page by itself, with the reason; without script at its very next request.
        await laptop.Page.Locator("#sessions").GetByRole(AriaRole.Button, new() { Name = "Sign out Headless Chrome on Linux" }).ClickAsync();
        await Expect(laptop.Page.GetByText("Headless Chrome on Linux was signed out.")).ToBeVisibleAsync();
        if (!script) await phone.Page.GotoAsync("/account/security");
        await Expect(phone.Page.GetByText("This device was signed out from another one")).ToBeVisibleAsync();

        // Change the password.
        await phone.SignIn(Email, First);
        await Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        await laptop.Page.GotoAsync("/account/security");
        await laptop.Page.GetByLabel("Current password").FillAsync(First);
        await laptop.Page.GetByLabel("New password", new() { Exact = true }).FillAsync(Second);
        await laptop.Page.GetByLabel("New password, once more").FillAsync(Second);
        await laptop.Page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(laptop.Page.GetByText("Your password was changed, and one other device was signed out.")).ToBeVisibleAsync();
        if (script) await Expect(phone.Page.GetByText("The password was changed on another device")).ToBeVisibleAsync();

        // The letter arrives, and the mailbox shows it.
        Assert.Contains(await app.Letters(Email), letter => letter.Subject == "Your password was changed");
        await laptop.Page.GotoAsync("/dev/mail");
        await Expect(laptop.Page.GetByRole(AriaRole.Heading, new() { Name = "Your password was changed" })).ToBeVisibleAsync();
        await Expect(laptop.Page.FrameLocator("iframe").GetByText("One other device was signed out.")).ToBeVisibleAsync();

        // The old password is refused, what was typed is not lost, and the new one works.
        await phone.SignIn(Email, First);
        await Expect(phone.Page.GetByText("The e-mail address or the password is wrong.")).ToBeVisibleAsync();
        await Expect(phone.Page.GetByLabel("E-mail address")).ToHaveValueAsync(Email);
        await Expect(phone.Page.GetByLabel("Password", new() { Exact = true })).ToHaveValueAsync("");
        await phone.SignIn(Email, Second);
        await Expect(phone.Page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        Assert.Empty(laptop.Complaints);
        Assert.Empty(phone.Complaints);
    }

    [Theory]
    [Engines]
    public async Task An_old_proof_is_renewed_on_the_way_and_the_person_ends_where_they_were_going(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        foreach (var script in (bool[])[true, false])
        {
            await using var here = await chromium.Open(app, script);
            await app.SignedIn(person);
            await here.SignIn(person.Email, person.Password);
            app.Clock.Advance(TimeSpan.FromMinutes(11));
            await here.Page.GotoAsync("/account/sessions");
            await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out all others" }).ClickAsync();
            await Expect(here.Page.GetByText("You are about to sign out your other devices.")).ToBeVisibleAsync();
            await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync("not the password");
            await here.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
            await Expect(here.Page.Locator("#password-error")).ToContainTextAsync("This is not your current password.");
            await here.Page.GetByLabel("Password", new() { Exact = true }).FillAsync(person.Password);
            await here.Page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
            if (!script) await here.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out all others" }).ClickAsync();
            await Expect(here.Page.Locator(".flash")).ToContainTextAsync("signed out.");
            await Expect(here.Page.Locator("#sessions .row")).ToHaveCountAsync(1);
        }
    }

    [Theory]
    [Engines]
    public async Task This_was_not_me_closes_the_account_and_a_letter_opens_it_again(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        await here.SignIn(person.Email, person.Password);
        await here.Page.GetByLabel("Current password").FillAsync(person.Password);
        await here.Page.GetByLabel("New password", new() { Exact = true }).FillAsync(Second);
        await here.Page.GetByLabel("New password, once more").FillAsync(Second);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(here.Page.GetByText("Your password was changed.")).ToBeVisibleAsync();

        var notMe = TestApp.TokenIn((await app.Letters(person.Email))[^1], "/not-me");
        await here.Page.GotoAsync($"/not-me?token={notMe}");
        await Expect(here.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/not-me");
        await here.Photograph("not-me");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Close my account to everybody" }).ClickAsync();
        await Expect(here.Page.GetByText("Your account is closed to everybody")).ToBeVisibleAsync();
        await here.SignIn(person.Email, Second);
        await Expect(here.Page.GetByText("The e-mail address or the password is wrong.")).ToBeVisibleAsync();

        var reset = TestApp.TokenIn((await app.Letters(person.Email)).Single(letter => letter.Subject == "Reset Password"), "/reset-password");
        await here.Page.GotoAsync($"/reset-password?token={reset}");
        await here.Photograph("reset-password");
        await here.Page.GetByLabel("New password", new() { Exact = true }).FillAsync(First);
        await here.Page.GetByLabel("New password, once more").FillAsync(First);
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Change Password" }).ClickAsync();
        await Expect(here.Page.GetByText("Your new password is set.")).ToBeVisibleAsync();
        await here.SignIn(person.Email, First);
        // Two of the three steps are done: the sign-in goes on with the last.
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "Secure my account" })).ToBeVisibleAsync();
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Finish without two-factor" }).ClickAsync();
        await Expect(here.Page.GetByRole(AriaRole.Heading, new() { Name = "Your account is secure" })).ToBeVisibleAsync();
    }
}
