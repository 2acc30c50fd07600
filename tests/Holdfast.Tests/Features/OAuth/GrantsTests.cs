using Holdfast.Features.Audit;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>What people allowed applications: seen and taken back by themselves, and by admins as far as it reaches into their workspace.</summary>
public sealed class GrantsTests
{
    private static async Task<string> Allow(TestApp app, Visitor visitor, string scope = "openid profile workspaces offline_access", string? workspace = null)
    {
        var tide = Tide(app);
        var page = await visitor.Open(tide.Authorize(("scope", scope)));
        var back = tide.Back((workspace is null ? await page.Submit("button[value=allow]") : await page.Submit("button[value=allow]", ("workspace", workspace))).Answer);
        return Text((await tide.Exchange(back["code"])).Expect(200).Json, "access_token");
    }

    [Theory, Engines]
    public async Task A_person_sees_what_they_allowed_and_takes_it_back(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var person = await app.AddAccount(workspace: "Almond & Birch");
        var visitor = await app.SignedIn(person);
        var access = await Allow(app, visitor);
        await Shop(app).Tokens(visitor);
        var page = await visitor.Open("/account/apps");
        foreach (var words in new[] { "Tide calendar", "By Tidewater Tools", "tidecalendar.example", "Sees your name", "Sees Almond & Birch", "Quayside shop", "This device" }) Assert.Contains(words, page.Text, StringComparison.OrdinalIgnoreCase);
        var ask = await visitor.Open(page.Document.QuerySelector("#granted a.button-danger")!.GetAttribute("href")!);
        Assert.Contains("Revoke Tide calendar?", ask.Text, StringComparison.Ordinal);
        var done = await ask.Submit("main form");
        Assert.Equal("/account/apps", done.Path);
        Assert.Contains("Tide calendar can use your account no longer", done.Text, StringComparison.Ordinal);
        Assert.False(await Tide(app).IsActive(access));
        Assert.Contains(AuditKind.ApplicationRevoked, await visitor.Activity("?group=applications"));
        // To use it again it asks again.
        Assert.StartsWith("/oauth/consent", (await visitor.Get(Tide(app).Authorize(("scope", "openid")))).Expect(302).Location, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Programs_do_the_same_and_nobody_elses_grant_is_touched(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (visitor, other) = (await app.SignedIn(await app.AddAccount()), await app.SignedIn(await app.AddAccount("other@almondbirch.example")));
        var access = await Allow(app, visitor, "openid");
        var id = Text((await visitor.Get("/api/v1/me/applications")).Expect(200).Json.GetProperty("allowed")[0], "id");
        Assert.Equal(0, (await other.Get("/api/v1/me/applications")).Expect(200).Json.GetProperty("allowed").GetArrayLength());
        (await other.Delete($"/api/v1/me/applications/{id}")).Expect(404, "grant.not_found");
        (await other.Get($"/account/apps/{id}/revoke")).Expect(404);
        Assert.True(await Tide(app).IsActive(access));
        (await visitor.Delete($"/api/v1/me/applications/{id}")).Expect(204);
        (await visitor.Delete($"/api/v1/me/applications/{id}")).Expect(404, "grant.not_found");
        Assert.False(await Tide(app).IsActive(access));
    }

    [Theory, Engines]
    public async Task An_admin_sees_and_revokes_what_reaches_into_the_workspace_and_nothing_else(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (here, there) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var member = await here.Add("member", "mara@almondbirch.example", "Mara Lindqvist");
        await there.Join(member, "member");
        var (admin, stranger) = (await app.SignedIn(await here.Add("admin")), await app.SignedIn(await there.Add("admin")));
        var access = await Allow(app, await app.SignedIn(member), workspace: here.Id);
        Assert.Contains("Tide calendar", (await admin.Open($"{here.Page}/apps")).Text, StringComparison.Ordinal);
        var grant = (await admin.Get($"{here.Api}/applications")).Expect(200).Json.GetProperty("items")[0];
        Assert.Equal((member.Id, "Mara Lindqvist", "tide"), (Text(grant, "userId"), Text(grant, "person"), Text(grant, "clientId")));
        // The other workspace of the same person knows nothing of it.
        Assert.Equal(0, (await stranger.Get($"{there.Api}/applications")).Expect(200).Json.GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await stranger.Get($"{there.Api}/users/{member.Id}/applications")).Expect(200).Json.GetArrayLength());
        Assert.DoesNotContain("Tide calendar", (await stranger.Open($"{there.Page}/users/{member.Id}")).Text, StringComparison.Ordinal);
        (await stranger.Delete($"{there.Api}/users/{member.Id}/applications/{Text(grant, "id")}")).Expect(404, "grant.not_found");
        (await stranger.Get($"{there.Page}/users/{member.Id}/apps/{Text(grant, "id")}")).Expect(404);
        Assert.True(await Tide(app).IsActive(access));

        var page = await admin.Open($"{here.Page}/users/{member.Id}");
        var ask = await admin.Open(page.Document.QuerySelector("section[aria-labelledby=h-apps] a.button-danger")!.GetAttribute("href")!);
        var done = await ask.Submit("main form");
        Assert.Contains("Tide calendar can use the account of Mara Lindqvist no longer", done.Text, StringComparison.Ordinal);
        Assert.False(await Tide(app).IsActive(access));
        Assert.Contains(AuditKind.MemberApplicationRevoked, await (await app.SignedIn(member)).Activity());
    }

    [Theory, Engines]
    public async Task What_reaches_into_no_workspace_is_an_admins_only_where_there_is_no_other(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (here, there) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var (only, both) = (await here.Add("member"), await here.Add("member"));
        await there.Join(both, "member");
        var admin = await app.SignedIn(await here.Add("admin"));
        foreach (var person in new[] { only, both }) await Allow(app, await app.SignedIn(person), "openid");
        async Task<int> Seen(Person person) => (await admin.Get($"{here.Api}/users/{person.Id}/applications")).Expect(200).Json.GetArrayLength();
        Assert.Equal((1, 0), (await Seen(only), await Seen(both)));
        var hidden = (await app.Db.Read(tx => Holdfast.Features.OAuth.GrantTable.Live(tx, both.Id, "tide")))!.Id;
        (await admin.Delete($"{here.Api}/users/{both.Id}/applications/{hidden}")).Expect(404, "grant.not_found");
        var seen = (await app.Db.Read(tx => Holdfast.Features.OAuth.GrantTable.Live(tx, only.Id, "tide")))!.Id;
        (await admin.Delete($"{here.Api}/users/{only.Id}/applications/{seen}")).Expect(204);
    }

    [Theory, Engines]
    public async Task Revoking_for_others_asks_for_the_permission_the_rank_and_a_proof(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner"), await crew.Add("member"));
        await Allow(app, await app.SignedIn(owner));
        var grant = (await app.Db.Read(tx => Holdfast.Features.OAuth.GrantTable.Live(tx, owner.Id, "tide")))!.Id;
        var address = $"{crew.Api}/users/{owner.Id}/applications/{grant}";
        (await (await app.SignedIn(member)).Delete(address)).Expect(403, "workspace.not_allowed");
        var admin = await app.SignedIn(await crew.Add("admin"));
        (await admin.Delete(address)).Expect(403, "role.above_yours");
        var other = await app.SignedIn(await crew.Add("owner"));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await other.Delete(address)).Expect(403, "step_up.required");
        (await other.StepUp(TestApp.Password)).Expect(200);
        (await other.Delete(address)).Expect(204);
    }
}
