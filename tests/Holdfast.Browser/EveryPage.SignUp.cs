using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace Holdfast.Browser;

/// <summary>The pages by which people make their account themselves.</summary>
public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_sign_up_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?>
        {
            ["SignUp:Mode"] = "open", ["Product:TermsUrl"] = "https://quayside.example/terms", ["Product:PrivacyUrl"] = "https://quayside.example/privacy",
        });
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        const string Email = "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example";
        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await Look(here, "/sign-in", "sign-in-open", width, scheme, found);
        await here.Page.Locator("a[href='/sign-up']").ClickAsync();
        await Judge(here, "sign-up", width, scheme, found);
        await Send(here, ("name", "Maria-Magdalena"), ("email", "maria@example"), ("password", "maria1999"));
        await Judge(here, "sign-up-refused", width, scheme, found);
        await Send(here, ("name", "Maria-Magdalena"), ("email", Email), ("password", TestApp.Password));
        await Judge(here, "sign-up-sent", width, scheme, found);
        await Send(here);
        await Judge(here, "sign-up-again", width, scheme, found);
        var link = await app.LastLink(Email, "/confirm-email");
        await Look(here, $"/confirm-email?token={link}", "confirm-sign-up", width, scheme, found);
        await Send(here, ("password", "not the password"));
        await Judge(here, "confirm-sign-up-refused", width, scheme, found);
        await Send(here, ("password", TestApp.Password));
        await Judge(here, "confirm-sign-up-done", width, scheme, found);
        await Look(here, "/account/policy", "policy-open", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
