using System.Text.RegularExpressions;
using Holdfast.Browser.Support;
using Holdfast.Features.Deletion;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>The whole life of an account, in a real browser, with a product beside it: from the sign-up to the receipt. Only the clock is moved.</summary>
public sealed class WholeLifeStory
{
    private const string Email = "nora@example.com";
    private const string First = "correct-lantern-otter-rowing";
    private const string Second = "seven quiet herons at dusk";

    [Theory]
    [Engines]
    public async Task From_sign_up_to_the_receipt(string engine)
    {
        using ReservedPort holdfast = new(), product = new();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?>(FrontdeskSample.Registration(holdfast, product)) { ["SignUp:Mode"] = "open" });
        await using var frontdesk = await FrontdeskSample.Start(app, product);
        await using var chromium = await Chromium.Start();
        await using var here = await chromium.Open(app);
        var life = new Life(app, frontdesk, here);
        await life.SignUp();
        await life.SetUpTwoFactor();
        var number = await life.UseTheProduct();
        await life.ChangePassword();
        var files = frontdesk.Recordings;
        Assert.Equal(6, files.Count);

        // Deleted, and thought better of.
        await life.Delete();
        await life.SignInWhileClosing();
        await life.Page.GetByRole(AriaRole.Button, new() { Name = "Keep my account" }).ClickAsync();
        await Expect(life.Page.GetByText("Your account stays.")).ToBeVisibleAsync();
        Assert.Equal(files, frontdesk.Recordings);
        await life.SeeTheProduct(number);

        // And deleted for good: reminders on the 23rd day and the last but one, and then the due moment.
        await life.Delete();
        var person = (await app.Db.Read(tx => Holdfast.Features.Accounts.AccountTable.ByEmail(tx, Email)))!;
        var open = (await app.Db.Read(tx => DeletionTable.OpenOf(tx, person.Id)))!;
        Assert.Equal(2, await life.Warnings());
        app.Clock.Advance(TimeSpan.FromDays(23));
        await Leaving.Run(app);
        Assert.Equal(3, await life.Warnings());
        app.Clock.Advance(TimeSpan.FromDays(6));
        await Leaving.Run(app);
        Assert.Equal(4, await life.Warnings());
        Assert.Equal((files.Count, 1), (frontdesk.Recordings.Count, frontdesk.Count("numbers WHERE number = @number AND desk_id IS NOT NULL", new { number })));
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(DeletionState.Done, (await Leaving.Finish(app, open.Id)).State);

        // The product has let go: the number is in the pool, no recording is on the disk, nobody is known.
        Assert.Empty(frontdesk.Recordings);
        foreach (var what in new[] { "numbers WHERE desk_id IS NOT NULL", "desks", "calls", "leads", "notes", "appointments", "articles", "people" }) Assert.Equal(0, frontdesk.Count(what));
        await life.ReadTheReceipt(number);
        Assert.Empty(here.Complaints);
    }

    /// <summary>One person's doings, in order.</summary>
    private sealed class Life(TestApp app, FrontdeskSample frontdesk, Onlooker here)
    {
        private string _key = "";

        public IPage Page => here.Page;

        private Task Press(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

        private Task Fill(string label, string text) => Page.GetByLabel(label, new() { Exact = true }).FillAsync(text);

        public async Task SignUp()
        {
            await Page.GotoAsync(frontdesk.Address + "/");
            await here.Photograph("frontdesk-welcome");
            await Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
            await Page.Locator("a[href='/sign-up']").ClickAsync();
            await Fill("Your name", "Nora Blum");
            await Fill("E-mail address", Email);
            await Fill("Password", First);
            await Press("Make my account");
            await Expect(Page.GetByText(Email)).ToBeVisibleAsync();
            await Page.GotoAsync(await Link("/confirm-email"));
            await Fill("Password", First);
            await Press("Confirm this address");
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Security", Exact = true })).ToBeVisibleAsync();
        }

        public async Task SetUpTwoFactor()
        {
            await Page.GotoAsync("/account/two-factor");
            await Press("Set up now");
            _key = string.Concat(await Page.Locator(".key-groups span").AllInnerTextsAsync());
            await Page.GetByLabel("6-digit code").FillAsync(Phone.At(_key, app.Now));
            await Page.GetByLabel("Name").FillAsync("My phone");
            await Press("Confirm");
            await Page.GetByLabel("I have saved these codes").CheckAsync();
            await Press("Finish");
            await Expect(Page.GetByText("10 of 10 left")).ToBeVisibleAsync();
        }

        /// <returns>The phone number that they took.</returns>
        public async Task<string> UseTheProduct()
        {
            // Signed in at Holdfast: one press, and nothing is asked.
            await Page.GotoAsync(frontdesk.Address + "/");
            await Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "My own desk" })).ToBeVisibleAsync();
            await Page.GetByRole(AriaRole.Link, new() { Name = "Choose a number" }).ClickAsync();
            var choice = Page.GetByRole(AriaRole.Radio).First;
            var number = await choice.GetAttributeAsync("value") ?? "";
            await choice.CheckAsync();
            await Press("Take this number");
            await Expect(Page.GetByText("The number is yours.")).ToBeVisibleAsync();
            await Tab("Calls");
            await Page.GetByRole(AriaRole.Link, new() { Name = "Harriet Okonjo" }).ClickAsync();
            await Expect(Page.GetByText("I need a staircase for a loft.")).ToBeVisibleAsync();
            // The recording is one that a browser plays.
            await Page.Locator("audio").EvaluateAsync("sound => { sound.muted = true; return sound.play(); }");
            Assert.InRange(await Page.Locator("audio").EvaluateAsync<double>("sound => sound.duration"), 8.9, 9.1);
            await Tab("Leads");
            await Page.GetByRole(AriaRole.Link, new() { Name = "Graham Pell" }).ClickAsync();
            await Page.GetByLabel("A note").FillAsync("Rang back at four: both panes are 40 × 60.");
            await Press("Add the note");
            await Expect(Page.GetByText("both panes are 40 × 60")).ToBeVisibleAsync();
            await Tab("Knowledge");
            await Page.GetByLabel("What people ask").FillAsync("Do you deliver?");
            await Page.GetByLabel("What she says").FillAsync("Within ten miles, on Fridays.");
            await Press("Save the answer");
            await Expect(Page.GetByText("Do you deliver?")).ToBeVisibleAsync();
            await Tab("Receptionist");
            await Page.GetByLabel("Her name").FillAsync("Robin");
            await Press("Save");
            await SeeTheProduct(number);
            return number;
        }

        public async Task SeeTheProduct(string number)
        {
            await Page.GotoAsync(frontdesk.Address + "/d/mine");
            await Expect(Page.GetByText("Robin answers from 08:30 to 17:30.")).ToBeVisibleAsync();
            await Expect(Page.GetByText(number)).ToBeVisibleAsync();
        }

        /// <summary>It signs out everywhere else, the product included; and back they come with code and new password.</summary>
        public async Task ChangePassword()
        {
            await Page.GotoAsync("/account/security");
            await Fill("Current password", First);
            await Fill("New password", Second);
            await Fill("New password, once more", Second);
            await Press("Change Password");
            await Expect(Page.GetByText("Your password was changed")).ToBeVisibleAsync();
            await Page.GotoAsync(frontdesk.Address + "/d/mine");
            await Page.Locator(".who summary").ClickAsync();
            await Press("Sign out");
            await Expect(Page.GetByText("Somebody answers.")).ToBeVisibleAsync();
            await Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
            await SignIn();
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "My own desk" })).ToBeVisibleAsync();
        }

        public async Task Delete()
        {
            await Page.GotoAsync("/account/delete");
            await Expect(Page.GetByText("Your phone number, which goes back to the pool")).ToBeVisibleAsync();
            await Expect(Page.GetByText("Copies of leads in your CRM")).ToBeVisibleAsync();
            await Page.Locator("#confirm").FillAsync("delete");
            await Press("Delete my account");
            await Expect(Page.Locator("#confirm-error")).ToBeVisibleAsync();
            await Page.Locator("#confirm").FillAsync("DELETE");
            await Press("Delete my account");
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Your account is closed" })).ToBeVisibleAsync();
            // The product knows as well.
            await Page.GotoAsync(frontdesk.Address + "/d/mine");
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in to Quayside" })).ToBeVisibleAsync();
        }

        /// <summary>Signing in opens four things, whatever one was going to: keep, export, delete now, sign out.</summary>
        public async Task SignInWhileClosing()
        {
            await SignIn();
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Your account will be deleted in 30 days" })).ToBeVisibleAsync();
            Assert.Equal(["Keep my account", "Sign out"], (await Page.GetByRole(AriaRole.Button).AllInnerTextsAsync()).Select(text => text.Trim()).Order(StringComparer.Ordinal));
            Assert.Equal(["/account/delete/now", "/account/export"], (await Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link).EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href')).sort()")));
            await here.Photograph("whole-life-closing");
            await Page.GotoAsync(frontdesk.Address + "/d/mine");
            await Expect(Page).Not.ToHaveURLAsync(new Regex("^" + Regex.Escape(frontdesk.Address), RegexOptions.None, TimeSpan.FromSeconds(1)));
            await Page.GotoAsync("/account/security");
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Your account will be deleted in 30 days" })).ToBeVisibleAsync();
        }

        public async Task ReadTheReceipt(string number)
        {
            var letter = (await app.Letters(Email)).Single(l => l.Subject == "Your account has been deleted");
            // Its lines are broken anywhere.
            Assert.Contains("1 phone number back in the pool.", string.Join(' ', letter.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            await Page.GotoAsync(letter.Text.Split('\n').Select(line => line.Trim()).Single(line => line.Contains("/receipts/rc_", StringComparison.Ordinal)));
            await Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Receipt of erasure" })).ToBeVisibleAsync();
            await Expect(Page.GetByText("1 desk erased: 9 calls, 6 recordings and transcripts, 8 leads, 6 appointments, with notes and answers. 1 phone number back in the pool.")).ToBeVisibleAsync();
            foreach (var kept in new[] { "5 e-mails already sent", "4 copies of leads in the CRM", "5 calendar entries" }) await Expect(Page.GetByText(kept)).ToBeVisibleAsync();
            Assert.DoesNotContain(Email, await Page.ContentAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain("Nora", await Page.ContentAsync(), StringComparison.Ordinal);
            await here.Photograph("whole-life-receipt");
            // Nobody is there any more, and somebody else may have the number.
            await here.SignIn(Email, Second);
            await Expect(Page.GetByText("The e-mail address or the password is wrong.")).ToBeVisibleAsync();
            Assert.Equal(1, frontdesk.Count("numbers WHERE number = @number AND desk_id IS NULL", new { number }));
        }

        /// <summary>Letters so far that say when the account will be deleted, and how to keep it.</summary>
        public async Task<int> Warnings() => (await app.Letters(Email)).Count(l => l.Subject.StartsWith("Your account will be deleted on", StringComparison.Ordinal) && l.Text.Contains("/keep-account?token=", StringComparison.Ordinal));

        private async Task SignIn()
        {
            await Fill("E-mail address", Email);
            await Fill("Password", Second);
            await Press("Sign in");
            await Expect(Page.GetByLabel("6-digit code")).ToBeVisibleAsync();
            app.NextCode();
            await Page.GetByLabel("6-digit code").FillAsync(Phone.At(_key, app.Now));
            await Press("Continue");
        }

        private Task Tab(string name) => Page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();

        /// <summary>The address in the newest letter that has one to this path.</summary>
        private async Task<string> Link(string path) =>
            Regex.Match((await app.Letters(Email)).Last(l => l.Text.Contains(path + "?token=", StringComparison.Ordinal)).Text, @"\S+" + Regex.Escape(path) + @"\?token=\S+", RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
    }
}
