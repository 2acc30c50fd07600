using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>What a person does with two-factor, in a real browser, with an app that is not ours.</summary>
public sealed class TwoFactorStory
{
    [Theory]
    [Engines]
    public Task Set_it_up_save_the_codes_sign_out_and_in_again(string engine) => Tell(engine, script: true);

    [Theory]
    [Engines]
    public Task The_same_without_JavaScript(string engine) => Tell(engine, script: false);

    private static async Task Tell(string engine, bool script)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app, script);
        var page = here.Page;
        await here.SignIn(person.Email, person.Password);
        await page.Locator("#two-factor").GetByRole(AriaRole.Link, new() { Name = "Set up now" }).ClickAsync();
        await Expect(page.GetByText("What is an authenticator app?")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up now" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Set up an authenticator app" })).ToBeVisibleAsync();

        // A camera reads what the page shows; the key for typing is the same.
        var picture = Path.Combine(Directory.CreateTempSubdirectory("holdfast-qr-").FullName, "qr.png");
        await page.Locator(".qr").ScreenshotAsync(new() { Path = picture });
        var uri = await Phone.ReadQr(picture);
        Directory.Delete(Path.GetDirectoryName(picture)!, recursive: true);
        var key = string.Concat(await page.Locator(".key-groups span").AllInnerTextsAsync());
        Assert.Equal($"otpauth://totp/Quayside:tomasz%40almondbirch.example?secret={key}&issuer=Quayside&algorithm=SHA1&digits=6&period=30", uri);
        // Looking again shows the same key.
        await page.ReloadAsync();
        Assert.Equal(key, string.Concat(await page.Locator(".key-groups span").AllInnerTextsAsync()));

        await page.GetByLabel("6-digit code").FillAsync(await Phone.Oathtool(key, app.Now));
        await page.GetByLabel("Name").FillAsync("My phone");
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Save your recovery codes" })).ToBeVisibleAsync();
        var codes = await page.Locator("ol.codes li").AllInnerTextsAsync();
        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());

        // Kept as a file; copying and printing are for script.
        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());
        Assert.Equal("recovery-codes.txt", file.SuggestedFilename);
        await using (var stream = await file.CreateReadStreamAsync())
        {
            using var reader = new StreamReader(stream);
            var text = await reader.ReadToEndAsync();
            Assert.All(codes, code => Assert.Contains(code, text, StringComparison.Ordinal));
        }
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Print" })).ToBeVisibleAsync(new() { Visible = script });
        // On paper there are the codes, whose they are, and nothing to press.
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Expect(page.GetByText("recovery codes for tomasz@almondbirch.example")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Finish" })).ToBeHiddenAsync();
        await here.Photograph($"two-factor-codes-paper-{script}");
        await page.EmulateMediaAsync(new() { Media = Media.Screen });

        // Without the tick there is no going on.
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Save your recovery codes" })).ToBeVisibleAsync();
        await page.GetByLabel("I have saved these codes").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
        await Expect(page.GetByText("10 of 10 left")).ToBeVisibleAsync();

        await page.GotoAsync("/sign-out");
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await here.SignIn(person.Email, person.Password);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Enter your code" })).ToBeVisibleAsync();
        // The code of the set-up is burnt.
        await page.GetByLabel("6-digit code").FillAsync(Phone.At(key, app.Now));
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.Locator("#code-error")).ToContainTextAsync("This code was used already.");
        app.NextCode();
        var code = await Phone.Oathtool(key, app.Now);
        await page.GetByLabel("6-digit code").FillAsync($"{code[..3]} {code[3..]}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        Assert.Contains(await app.Letters(person.Email), letter => letter.Subject == "Two-factor was turned on");
        Assert.Empty(here.Complaints);
    }

    [Theory]
    [Engines]
    public async Task The_phone_is_lost_a_recovery_code_lets_in_and_the_new_phone_takes_its_place(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (person, lost, _) = await app.AddWithTwoFactor();
        await using var chromium = await Chromium.Start();
        foreach (var script in (bool[])[true, false])
        {
            await using var here = await chromium.Open(app, script, width: 390);
            var page = here.Page;
            await here.SignIn(person.Email, person.Password);
            await page.GetByRole(AriaRole.Link, new() { Name = "Use a recovery code" }).ClickAsync();
            await page.GetByLabel("Recovery code").FillAsync(lost.Codes[0].ToLowerInvariant());
            await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
            await Expect(page.GetByText("9 of 10 codes are left.")).ToBeVisibleAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Set up now" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Set up your new device" })).ToBeVisibleAsync();
            var key = string.Concat(await page.Locator(".key-groups span").AllInnerTextsAsync());
            await page.GetByLabel("6-digit code").FillAsync(Phone.At(key, app.Now));
            await page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
            var codes = await page.Locator("ol.codes li").AllInnerTextsAsync();
            Assert.Empty(codes.Intersect(lost.Codes));
            await page.GetByLabel("I have saved these codes").CheckAsync();
            await page.GetByRole(AriaRole.Button, new() { Name = "Finish" }).ClickAsync();
            await Expect(page.Locator("#apps .row")).ToHaveCountAsync(1);
            lost = new Phone(app.Clock, key, "", [.. codes]);
            Assert.Empty(here.Complaints);
        }
        Assert.Equal(2, (await app.Letters(person.Email)).Count(letter => letter.Subject == "A recovery code was used"));
    }

    [Theory]
    [Engines]
    public async Task All_of_it_by_keyboard(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount();
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var page = here.Page;
        await here.SignIn(person.Email, person.Password);
        await page.GotoAsync("/account/two-factor");
        await Press(page, "Set up now");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Set up an authenticator app" })).ToBeVisibleAsync();
        var key = string.Concat(await page.Locator(".key-groups span").AllInnerTextsAsync());
        await To(page, "#code");
        await page.Keyboard.TypeAsync(Phone.At(key, app.Now));
        await To(page, "#name");
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync("Phone by keyboard");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Save your recovery codes" })).ToBeVisibleAsync();
        await To(page, "#saved");
        await page.Keyboard.PressAsync("Space");
        await Press(page, "Finish");
        await Expect(page.GetByText("Phone by keyboard")).ToBeVisibleAsync();

        // The second step has the focus in its field; Enter sends it.
        await page.GotoAsync("/sign-out");
        await Press(page, "Sign out");
        await Expect(page.GetByText("You are signed out")).ToBeVisibleAsync();
        await here.SignIn(person.Email, person.Password);
        await Expect(page.Locator("#code")).ToBeFocusedAsync();
        app.NextCode();
        await page.Keyboard.TypeAsync(Phone.At(key, app.Now));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        Assert.Empty(here.Complaints);
    }

    /// <summary>Walks with Tab, as people without a mouse do, until the thing has the focus.</summary>
    private static async Task To(IPage page, string selector)
    {
        for (var steps = 0; steps < 60; steps++)
        {
            if (await page.Locator(selector).EvaluateAsync<bool>("thing => thing === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"Tab does not reach {selector}");
    }

    private static async Task Press(IPage page, string button)
    {
        for (var steps = 0; steps < 60; steps++)
        {
            if (await page.EvaluateAsync<string>("() => document.activeElement?.closest('main') ? document.activeElement.textContent.trim() : ''") == button)
            {
                await page.Keyboard.PressAsync("Enter");
                return;
            }
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"Tab does not reach {button}");
    }
}
