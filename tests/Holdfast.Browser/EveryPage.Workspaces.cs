using Holdfast.Browser.Support;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace Holdfast.Browser;

public sealed partial class EveryPage
{
    [Theory]
    [MemberData(nameof(Views))]
    public async Task Axe_finds_nothing_on_the_pages_of_workspaces_either(int width, ColorScheme scheme)
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        await using var chromium = await Chromium.Start();
        var found = new List<string>();
        Task See(Onlooker who, string path, string name) => Look(who, path, name, width, scheme, found);
        Task Here(Onlooker who, string name) => Judge(who, name, width, scheme, found);

        var crew = await Crew.Found(app);
        var billing = await crew.Role("Billing", Permission.UsersView, Permission.ReportingView);
        var owner = await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist");
        var kenji = await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        var samir = await crew.Add("member", "samir@almondbirch.example", "Samir Haddad");
        await crew.Add(billing, "ines@almondbirch.example", "Inês Duarte");
        await crew.Add("admin", "maria.magdalena.wisniewska-brzeczyszczykiewicz@a-long-name-of-a-company.example", "Maria-Magdalena Wiśniewska-Brzęczyszczykiewicz");
        for (var i = 0; i < 50; i++) await crew.Add("member", name: $"Person {i:00}");
        await (await Crew.Found(app, "Harbour Co-op")).Join(owner, "admin");
        await app.SignedIn(kenji);
        await app.Enrol(await app.SignedIn(samir));

        await using var member = await chromium.Open(app, width: width, scheme: scheme);
        await member.SignIn(kenji.Email, kenji.Password);
        await See(member, crew.Page, "workspace-place");
        await See(member, $"{crew.Page}/leave", "workspace-leave");
        await See(member, $"{crew.Page}/settings", "workspace-not-allowed");

        await using var here = await chromium.Open(app, width: width, scheme: scheme);
        await here.SignIn(owner.Email, owner.Password);
        await See(here, $"{crew.Page}/users", "users");
        await here.Page.Locator("tbody .menu summary").Nth(1).ClickAsync();
        await Here(here, "users-menu");
        await See(here, $"{crew.Page}/users?q=nobody-has-this-name", "users-none");
        await See(here, $"{crew.Page}/users/{kenji.Id}", "user");
        await here.Page.Locator(".page-head .menu summary").ClickAsync();
        await Here(here, "user-menu");
        await See(here, $"{crew.Page}/users/{kenji.Id}/edit", "user-edit");
        foreach (var act in UserAct.All.Where(act => act != UserAct.Reactivate)) await See(here, $"{crew.Page}/users/{kenji.Id}/{act}", $"user-{act}");
        await here.Page.GotoAsync($"{crew.Page}/users/{kenji.Id}/suspend");
        await Send(here, "form.card");
        await Here(here, "user-suspended");
        await See(here, $"{crew.Page}/users/invite", "invite");
        await here.Page.Locator("#to").FillAsync("priya.raman@almondbirch.example\nkenji@almondbirch.example\njoao@almondbirch");
        await here.Page.GetByRole(AriaRole.Button, new() { Name = "Send invitations" }).ClickAsync();
        await Here(here, "invite-result");
        await See(here, $"{crew.Page}/users/invite", "invite-open");
        var link = await app.LastLink("priya.raman@almondbirch.example", "/invitation");
        await See(here, $"/invitation?token={link}", "invitation-here");
        await using (var priya = await chromium.Open(app, width: width, scheme: scheme))
        {
            await See(priya, $"/invitation?token={link}", "invitation");
            await Send(priya, ("name", ""), ("password", "quayside"));
            await Here(priya, "invitation-refused");
        }
        await See(here, $"{crew.Page}/settings", "workspace-settings");
        await See(here, $"{crew.Page}/settings/two-factor?grace=14", "workspace-everyone");
        await See(here, $"{crew.Page}/settings/roles/{billing}", "workspace-role");
        await See(here, $"{crew.Page}/settings/roles/new", "workspace-role-new");
        await Send(here, "form.card", ("name", "Admin"));
        await Here(here, "workspace-role-refused");
        await See(here, $"{crew.Page}/hand-over", "workspace-hand-over");
        await Send(here, "form.card", ("email", "nobody@almondbirch.example"));
        await Here(here, "workspace-hand-over-refused");
        if (width >= 960)
        {
            await here.Page.Locator(".switcher summary").ClickAsync();
            await Here(here, "workspace-switch");
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
