using Holdfast.Browser.Support;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace Holdfast.Browser;

/// <summary>The pages of the sample product. Without script: it has none.</summary>
public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_the_sample_product(int width, ColorScheme scheme)
    {
        using ReservedPort holdfast = new(), product = new();
        await using var app = await TestApp.Start(TestDatabase.Sqlite, FrontdeskSample.Registration(holdfast, product));
        await using var frontdesk = await FrontdeskSample.Start(app, product);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        var crew = await Crew.Found(app, "Maria-Magdalena & Daughters, makers of stairs since 1911");
        var owner = await crew.Add("owner", "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example", "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz");
        var member = await crew.Add("member");
        await using var person = await chromium.Open(app, width: width, scheme: scheme);
        Task See(string path, string name) => Look(person, frontdesk.Address + path, "frontdesk-" + name, width, scheme, found);

        await See("/", "nobody");
        await person.SignIn(owner.Email, owner.Password);
        await person.Page.GotoAsync(frontdesk.Address + "/holdfast/sign-in");
        var desk = $"/d/{crew.Slug}";
        await See(desk, "overview-without-number");
        await See($"{desk}/receptionist", "numbers");
        await person.Page.GetByRole(AriaRole.Radio).First.CheckAsync();
        await person.Page.GetByRole(AriaRole.Button, new() { Name = "Take this number" }).ClickAsync();
        await Judge(person, "frontdesk-receptionist", width, scheme, found);
        foreach (var name in new[] { "", "calls", "leads", "appointments", "knowledge" }) await See($"{desk}/{name}".TrimEnd('/'), name.Length == 0 ? "overview" : name);
        await person.Page.Locator(".who summary").ClickAsync();
        await Judge(person, "frontdesk-menu", width, scheme, found);
        foreach (var (list, name) in new[] { ("calls", "call"), ("leads", "lead") })
        {
            await person.Page.GotoAsync($"{frontdesk.Address}{desk}/{list}");
            await person.Page.Locator("a.row").First.ClickAsync();
            await Judge(person, "frontdesk-" + name, width, scheme, found);
        }
        await using var reader = await chromium.Open(app, width: width, scheme: scheme);
        await reader.SignIn(member.Email, member.Password);
        await reader.Page.GotoAsync(frontdesk.Address + "/holdfast/sign-in");
        await Look(reader, $"{frontdesk.Address}{desk}/receptionist", "frontdesk-receptionist-member", width, scheme, found);
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
