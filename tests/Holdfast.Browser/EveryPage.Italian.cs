using Holdfast.Browser.Support;
using Holdfast.Features.Demo;
using Holdfast.Features.Users;
using Holdfast.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    /// <summary>The widest language on the narrowest screen, over the example's many rows; with pictures, on others as well.</summary>
    public static TheoryData<int, ColorScheme> ItalianViews => Onlooker.Album is null ? new() { { 320, ColorScheme.Light } } : new() { { 320, ColorScheme.Light }, { 390, ColorScheme.Light }, { 1280, ColorScheme.Light } };

    [Theory]
    [MemberData(nameof(ItalianViews))]
    public async Task In_Italian_no_page_scrolls_sideways_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var demo = (await ActivatorUtilities.CreateInstance<FillDemo>(app.Services).Run()).Value;
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        Task See(Onlooker who, string path) => Look(who, path, "it" + path.Split('?')[0].Replace('/', '-'), width, scheme, found);
        await using (var stranger = await chromium.Open(app, width: width, scheme: scheme, locale: "it-IT"))
        {
            foreach (var path in Open) await See(stranger, path);
            await stranger.Page.GotoAsync("/sign-in");
            await Send(stranger, ("email", "mara@almondbirch.example"), ("password", "not the password"));
            await Judge(stranger, "it-sign-in-refused", width, scheme, found);
        }
        await using var mara = await chromium.Open(app, width: width, scheme: scheme, locale: "it-IT");
        await mara.Page.GotoAsync("/sign-in");
        await Send(mara, ("email", "mara@almondbirch.example"), ("password", demo.Password));
        await Expect(mara.Page).ToHaveURLAsync($"http://localhost:{app.Address.Port}/account/security");
        Assert.Equal("it", await mara.Page.Locator("html").GetAttributeAsync("lang"));
        foreach (var path in Signed.Where(path => path != "/step-up")) await See(mara, path);
        foreach (var path in new[] { "/account/two-factor", "/account/apps", "/account/unusual", "/w/almond-birch", "/w/almond-birch/leave", "/w/almond-birch/hand-over", "/w/almond-birch/users", "/w/almond-birch/users/invite", "/w/almond-birch/settings", "/w/almond-birch/settings/two-factor", "/w/almond-birch/settings/roles/new", "/w/almond-birch/apps", "/w/almond-birch/api-keys", "/w/almond-birch/api-keys/new", "/w/almond-birch/unusual", "/operator", "/operator/clients", "/operator/clients/new" }) await See(mara, path);
        // One of each kind that bears an id, as the lists lead to it.
        foreach (var (list, kind) in new[] { ("/w/almond-birch/users", "/w/almond-birch/users/0"), ("/operator", "/operator/cases/"), ("/operator", "/operator/erasures/"), ("/account/sessions", "/account/sessions/"), ("/operator/clients", "/operator/clients/") })
        {
            await mara.Page.GotoAsync(list);
            var links = mara.Page.Locator($"main a[href^='{kind}']:not([href$='/new'])");
            Assert.True(await links.CountAsync() > 0, $"{list} leads to no {kind}");
            await Look(mara, (await links.First.GetAttributeAsync("href"))!, "it" + kind.Replace('/', '-') + "one", width, scheme, found);
        }
        await mara.Page.GotoAsync("/w/almond-birch/users?q=giulia");
        var giulia = (await mara.Page.Locator("main a[href^='/w/almond-birch/users/0']").First.GetAttributeAsync("href"))!;
        await Look(mara, $"{giulia}/edit", "it-user-edit", width, scheme, found);
        foreach (var act in UserAct.All.Where(act => act != UserAct.Reactivate)) await Look(mara, $"{giulia}/{act}", $"it-user-{act}", width, scheme, found);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await See(mara, "/step-up");
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
