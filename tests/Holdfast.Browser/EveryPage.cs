using Deque.AxeCore.Playwright;
using Holdfast.Browser.Support;
using Holdfast.Features.Setup;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

/// <summary>Every page, wide and narrow, light and dark: readable to everybody, nothing sticks out, nothing is blocked.</summary>
public sealed partial class EveryPage
{
    private static readonly string[] Signed = ["/account/security", "/account/sessions", "/account/activity", "/account", "/account/delete", "/account/export", "/account/policy", "/dev/mail", "/step-up", "/sign-out"];

    private static readonly string[] Open = ["/sign-in", "/forgot-password", "/account/policy", "/setup", "/not-me", "/reset-password", "/confirm-email", "/undo-email", "/invitation", "/keep-account", "/there-is-nothing-here"];

    private const string NewAddress = "maria.magdalena.brzeczyszczykiewicz@another-long-name-of-a-company.example";

    /// <summary>Each width and each scheme once; all of them when pictures are wanted.</summary>
    public static TheoryData<int, ColorScheme> Views => Onlooker.Album is null
        ? new() { { 1280, ColorScheme.Light }, { 390, ColorScheme.Dark }, { 320, ColorScheme.Light } }
        : new() { { 1280, ColorScheme.Light }, { 1280, ColorScheme.Dark }, { 390, ColorScheme.Light }, { 390, ColorScheme.Dark }, { 320, ColorScheme.Light } };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_and_no_page_scrolls_sideways(int width, ColorScheme scheme)
    {
        using var places = new TemporaryFile(new MmdbWriter().Add("127.0.0.0/8", MmdbWriter.City("Saint-Rémy-en-Bouzemont-Saint-Genest-et-Isson", "FR", "France", 48.63, 4.65)).Build());
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["GeoIp:DatabasePath"] = places.Path });
        await using var chromium = await Chromium.Start();
        var found = new List<string>();

        await using (var stranger = await chromium.Open(app, width: width, scheme: scheme))
        {
            var link = await app.Get<SetUp>().MakeLink();
            await Look(stranger, $"/setup?token={link!.Value.Reveal()}", "setup", width, scheme, found);
            await Send(stranger, ("name", ""), ("workspace", ""), ("email", "mara"), ("password", "password"));
            await Judge(stranger, "setup-refused", width, scheme, found);
        }
        var person = await app.AddAccount(name: "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz", email: "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example", workspace: "Almond & Birch");
        for (var other = 0; other < 3; other++) await app.SignedIn(person);
        await using (var stranger = await chromium.Open(app, width: width, scheme: scheme))
        {
            foreach (var path in Open) await Look(stranger, path, "open" + path.Replace('/', '-'), width, scheme, found);
            await stranger.Page.GotoAsync("/sign-in");
            await Send(stranger, ("email", person.Email), ("password", "not the password"));
            await Judge(stranger, "sign-in-refused", width, scheme, found);
            await LookAtRecovery(app, stranger, person.Email, width, scheme, found);
        }
        await using var member = await chromium.Open(app, width: width, scheme: scheme);
        await member.SignIn(person.Email, person.Password);
        await Expect(member.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        await Send(member, "form.card", ("currentPassword", "not the password"), ("newPassword", "short"), ("newPasswordAgain", "other"));
        await Judge(member, "security-refused", width, scheme, found);
        await member.Page.GotoAsync("/account/security");
        await Send(member, "form.card", ("currentPassword", person.Password), ("newPassword", TestApp.OtherPassword), ("newPasswordAgain", TestApp.OtherPassword));
        await Judge(member, "security-changed", width, scheme, found);
        await app.Letters(person.Email);
        await member.Page.GotoAsync("/account");
        await Send(member, "form[action*=Email]", ("email", "maria.magdalena"));
        await Judge(member, "account-mail-refused", width, scheme, found);
        await Send(member, "form[action*=Email]", ("email", NewAddress));
        await Judge(member, "account-mail-waiting", width, scheme, found);
        await Look(member, $"/confirm-email?token={await app.LastLink(NewAddress, "/confirm-email")}", "confirm-email", width, scheme, found);
        await Send(member, "form[action='/confirm-email']");
        await Look(member, $"/undo-email?token={await app.LastLink(person.Email, "/undo-email")}", "undo-email", width, scheme, found);
        foreach (var path in Signed) await Look(member, path, path.Trim('/').Replace('/', '-'), width, scheme, found);
        await member.Page.GotoAsync("/account/sessions");
        await Look(member, await member.Page.Locator(".row-title a").First.GetAttributeAsync("href") ?? "", "session", width, scheme, found);
        await Look(member, "/dev/mail?form=text", "mail-text", width, scheme, found);
        await member.Page.GotoAsync("/account/security");
        await member.Page.Locator(".profile summary").ClickAsync();
        await Judge(member, "menu", width, scheme, found);
        if (width < 960)
        {
            await member.Page.GotoAsync("/account/security");
            await member.Page.GetByRole(AriaRole.Button, new() { Name = "Open menu" }).ClickAsync();
            await Judge(member, "drawer", width, scheme, found);
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_two_factor_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["TwoFactor:RequiredForRoles"] = "member", ["TwoFactor:GraceDays"] = "14", ["TwoFactor:RememberDays"] = "30" });
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        Task See(Onlooker who, string path, string name) => Look(who, path, name, width, scheme, found);
        Task Here(Onlooker who, string name) => Judge(who, name, width, scheme, found);

        // Nobody asks for it.
        var person = await app.AddAccount(email: "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example");
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(person.Email, person.Password);
        await See(here, "/account/two-factor", "two-factor-off");
        await here.Page.Locator("form[action*=Begin] button").ClickAsync();
        await here.Page.Locator("details.disclose summary").ClickAsync();
        await Here(here, "two-factor-enrol");
        var phone = new Phone(app.Clock, string.Concat(await here.Page.Locator(".key-groups span").AllInnerTextsAsync()), "", []);
        await Send(here, "form.card", ("code", "20481"), ("name", ""));
        await Here(here, "two-factor-enrol-refused");
        await Send(here, "form.card", ("code", phone.Code()), ("name", "The phone that Maria-Magdalena carries with her every day"));
        await Here(here, "two-factor-codes");
        var codes = await here.Page.Locator("ol.codes li").AllInnerTextsAsync();
        await Send(here, "form[action*=Saved]");
        await Here(here, "two-factor-codes-refused");
        await See(here, "/account/two-factor", "two-factor-on-unsaved");
        await See(here, "/account/two-factor/codes", "two-factor-codes-new");
        await here.Page.GotoAsync("/account/two-factor");
        await Send(here, "form[action*=TurnOff]", ("code", "12"));
        await Here(here, "two-factor-off-refused");

        // The second step, both ways, and what comes after a recovery code.
        await using var there = await chromium.Open(app, width: width, scheme: scheme);
        await there.SignIn(person.Email, person.Password);
        await Here(there, "second-step");
        await Send(there, ("code", phone.WrongCode()));
        await Here(there, "second-step-refused");
        await there.Page.Locator("a[href*=recovery_code]").ClickAsync();
        await Here(there, "second-step-recovery");
        await Send(there, ("code", "no code"));
        await Here(there, "second-step-recovery-refused");
        await Send(there, ("code", codes[0]));
        await Here(there, "new-device");
        await there.Page.Locator("form[action*=Later] button").ClickAsync();
        await Here(there, "security-new-device");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await See(there, "/account/two-factor/enrol", "step-up-second");
        await See(there, "/step-up", "step-up-code");
        await See(there, "/step-up?with=recovery_code", "step-up-recovery");

        // A role asks for it: with days left, and without any.
        var member = await app.AddAccount("ines@quayside.example", "Inês Duarte", workspace: "Almond & Birch");
        await using var asked = await chromium.Open(app, width: width, scheme: scheme);
        await asked.SignIn(member.Email, member.Password);
        app.Clock.Advance(TimeSpan.FromDays(4));
        await asked.SignIn(member.Email, member.Password);
        await Here(asked, "two-factor-required");
        await See(asked, "/account/security", "security-asked");
        app.Clock.Advance(TimeSpan.FromDays(10));
        await asked.SignIn(member.Email, member.Password);
        await Here(asked, "two-factor-required-now");
        await asked.Page.Locator("form[action*=Begin] button").ClickAsync();
        await Here(asked, "two-factor-enrol-required");
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_passkeys_either(int width, ColorScheme scheme)
    {
        await using var app = await PasskeyStory.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var person = await app.AddAccount(email: "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example");
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        var keychain = await Keychain.Of(here.Page);
        await here.Page.GotoAsync("/sign-in");
        await Judge(here, "sign-in-passkey", width, scheme, found);
        await here.SignIn(person.Email, person.Password);
        await Look(here, "/account/two-factor", "two-factor-off-passkey", width, scheme, found);
        await Look(here, "/account/two-factor/passkey", "passkey-add", width, scheme, found);
        await PasskeyStory.Confirm(keychain, here.Page.Locator("[data-passkey] button"));
        await here.Page.Locator("ol.codes").WaitForAsync();
        await Judge(here, "passkey-codes", width, scheme, found);
        await here.Page.Locator("#saved").CheckAsync();
        await here.Page.Locator("form[action*=Saved] button").ClickAsync();
        await Judge(here, "two-factor-passkey", width, scheme, found);
        await here.Page.GotoAsync("/account/two-factor/passkey");
        await PasskeyStory.Confirm(keychain, here.Page.Locator("[data-passkey] button"));
        await here.Page.Locator("[role=alert]:visible").WaitForAsync();
        await Judge(here, "passkey-exists", width, scheme, found);
        // One that is paused and one that may be copied.
        var odd = new Authenticator { Origin = app.Settings.Server.PublicUrl.GetLeftPart(UriPartial.Authority) };
        var other = app.Visitor();
        foreach (var cookie in await here.Page.Context.CookiesAsync()) other.Cookies[cookie.Name] = cookie.Value;
        other.UserAgent = await here.Page.EvaluateAsync<string>("navigator.userAgent");
        (await other.AddPasskey(odd, "The security key that Maria-Magdalena keeps in a drawer")).Expect(200);
        await app.Db.Write(tx => tx.Execute("UPDATE passkeys SET copied_at = CASE WHEN sign_count = 0 THEN 1 END, paused_at = 1"));
        await here.Page.Context.AddCookiesAsync([new() { Name = Visitor.SessionCookie, Value = other.Token, Domain = "localhost", Path = "/", Secure = true }]);
        await Look(here, "/account/two-factor", "two-factor-passkey-odd", width, scheme, found);
        await Look(here, "/account/security", "security-passkey", width, scheme, found);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await Look(here, "/account/two-factor/passkey", "step-up-passkey", width, scheme, found);
        await using var there = await chromium.Open(app, width: width, scheme: scheme);
        await there.SignIn(person.Email, person.Password);
        await Judge(there, "second-step-passkey", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static async Task LookAtRecovery(TestApp app, Onlooker stranger, string email, int width, ColorScheme scheme, List<string> found)
    {
        await stranger.Page.GotoAsync("/forgot-password");
        await Send(stranger, ("email", "mara"));
        await Judge(stranger, "forgot-password-refused", width, scheme, found);
        await Send(stranger, ("email", email));
        await Judge(stranger, "forgot-password-sent", width, scheme, found);
        await Look(stranger, $"/reset-password?token={TestApp.TokenIn((await app.Letters(email))[^1], "/reset-password")}", "reset-password-form", width, scheme, found);
        await Send(stranger, ("newPassword", "quayside2026"), ("newPasswordAgain", "quayside2025"));
        await Judge(stranger, "reset-password-refused", width, scheme, found);
        await Look(stranger, "/dev/mail", "mail-reset-password", width, scheme, found);
    }

    private static async Task Look(Onlooker person, string path, string name, int width, ColorScheme scheme, List<string> found)
    {
        await person.Page.GotoAsync(path);
        await Judge(person, name, width, scheme, found);
    }

    private static async Task Judge(Onlooker person, string name, int width, ColorScheme scheme, List<string> found)
    {
        await person.Photograph($"{name}-{width}-{scheme.ToString().ToUpperInvariant()}");
        var wide = await person.Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        if (wide > width) found.Add($"{name} at {width}: {wide} px wide");
        found.AddRange(person.Complaints.Select(complaint => $"{name}: {complaint}"));
        // The narrowest shows what 390 px shows: only its width is looked at.
        if (width == 320) return;
        // A letter in its frame may run nothing, the examiner's script included; it would wait for ever. Letters are no pages.
        await person.Page.EvaluateAsync("document.querySelector('iframe')?.remove()");
        var axe = await person.Page.RunAxe();
        found.AddRange(axe.Violations.Select(v => $"{name} at {width} {scheme}: {v.Id}: {v.Help} {string.Join(' ', v.Nodes.Select(n => n.Html).Take(3))}"));
    }

    private static Task Send(Onlooker person, params (string Field, string Value)[] values) => Send(person, "main form", values);

    private static async Task Send(Onlooker person, string form, params (string Field, string Value)[] values)
    {
        var found = person.Page.Locator(form).First;
        foreach (var (field, value) in values) await found.Locator($"#{field}").FillAsync(value);
        // The browser's own checks are switched off: the server's are looked at.
        await found.EvaluateAsync("form => { document.documentElement.dataset.before = ''; form.noValidate = true; form.requestSubmit(); }");
        // Not by a function that the page would have to evaluate again and again: its policy forbids that.
        await person.Page.Locator("html:not([data-before])").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await person.Page.WaitForLoadStateAsync();
    }
}
