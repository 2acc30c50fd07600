using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Workspaces;

public sealed class WorkspaceSettingsTests
{
    [Theory, Engines]
    public async Task An_owner_renames_the_workspace_and_everybody_sees_it_on_the_next_page(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var member = await app.SignedIn(await crew.Add("member"));
        var page = await owner.Open($"{crew.Page}/settings");
        page = await page.Submit("form[action$='/settings']", ("name", "Almond & Beech"));
        Assert.Contains("The name is saved.", page.Text, StringComparison.Ordinal);
        Assert.Contains("Almond & Beech", (await member.Open("/account")).Text, StringComparison.Ordinal);
        Assert.Equal("Almond & Beech", (await member.Get("/api/v1/session")).Json.GetProperty("workspaces")[0].GetProperty("name").GetString());
        Assert.Contains("workspace.renamed", await owner.Activity());
    }

    [Theory, Engines]
    public async Task A_role_of_ones_own_is_made_changed_and_deleted_when_nobody_has_it(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var page = await owner.Open($"{crew.Page}/settings/roles/new");
        page = await page.Submit("form.card", ("name", "Billing"), ("permissions", "users.view"), ("permissions", "reporting.view"));
        Assert.Contains("The role Billing is there", page.Text, StringComparison.Ordinal);
        var role = (await owner.Get($"{crew.Api}/roles")).Expect(200).Json.EnumerateArray().Single(r => r.GetProperty("custom").GetBoolean());
        var id = role.GetProperty("id").GetString()!;
        Assert.Equal(["users.view", "reporting.view"], role.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));

        (await owner.Post($"{crew.Api}/roles", new { name = "BILLING", permissions = new[] { "users.view" } })).Expect(409, "role.name_taken");
        (await owner.Post($"{crew.Api}/roles", new { name = "Admin", permissions = new[] { "users.view" } })).Expect(409, "role.name_taken");
        (await owner.Post($"{crew.Api}/roles", new { name = "Nothing", permissions = Array.Empty<string>() })).Expect(400, "role.empty");
        (await owner.Post($"{crew.Api}/roles", new { name = "All", permissions = new[] { "users.everything" } })).Expect(400, "role.permission_unknown");

        var holder = await crew.Add(id);
        var visitor = await app.SignedIn(holder);
        (await visitor.Get($"{crew.Api}/roles")).Expect(200);
        (await owner.Send(HttpMethod.Put, $"{crew.Api}/roles/{id}", Visitor.Json(new { name = "Figures", permissions = new[] { "reporting.view" } }))).Expect(200);
        // From the next request on.
        (await visitor.Get($"{crew.Api}/roles")).Expect(403, "workspace.not_allowed");
        (await owner.Delete($"{crew.Api}/roles/{id}")).Expect(409, "role.in_use");
        (await owner.Delete($"{crew.Api}/roles/admin")).Expect(409, "role.built_in");
        (await visitor.Post($"{crew.Api}/leave")).Expect(204);
        (await owner.Delete($"{crew.Api}/roles/{id}")).Expect(204);
        (await owner.Delete($"{crew.Api}/roles/{id}")).Expect(404, "role.unknown");
        Assert.Equal(["role.changed", "role.deleted", "role.made"], (await owner.Activity("?kind=workspaces")).Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task Everyone_needs_two_factor_once_the_owner_says_so_and_sessions_learn_of_it_at_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, person) = (await crew.Add("owner"), await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe"));
        var (there, member) = (await app.SignedIn(owner), await app.SignedIn(person));
        (await there.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = true, graceDays = 3 }))).Expect(403, "workspace.two_factor_first");
        var phone = await app.Enrol(there);

        var page = await there.Open($"{crew.Page}/settings");
        page = await page.Submit("form[action*='TwoFactor']", ("rule", "all"), ("grace", "3"));
        Assert.Contains("Kenji Watanabe", page.Text, StringComparison.Ordinal);
        page = await page.Submit("form[action$='/settings/two-factor']");
        Assert.Contains("1 letter is on its way", page.Text, StringComparison.Ordinal);
        Assert.Contains("Set up two-factor for Almond & Birch", (await app.Letters(person.Email)).Select(l => l.Subject));

        // Asked, with days left; then nothing else opens.
        var asked = (await member.Get("/api/v1/session")).Expect(200).Json.GetProperty("twoFactor");
        Assert.True(asked.GetProperty("required").GetBoolean());
        Assert.False(asked.GetProperty("mustEnrol").GetBoolean());
        app.Clock.Advance(TimeSpan.FromDays(3));
        var late = await app.SignedIn(person);
        (await late.Get("/api/v1/sessions")).Expect(403, "two_factor.enrol_required");
        await app.Enrol(late);
        (await late.Get("/api/v1/sessions")).Expect(200);
        app.NextCode();
        (await late.TurnOff(phone.Code())).Expect(403, "two_factor.required_by_role");
    }

    [Theory, Engines]
    public async Task However_often_the_rule_is_sent_nobody_hears_of_it_more_than_twice_a_day(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var person = await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        await app.Enrol(owner);
        var told = new List<int>();
        for (var days = 1; days <= 4; days++)
        {
            told.Add((await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = true, graceDays = days, letters = true }))).Expect(200).Json.GetProperty("sent").GetInt32());
            (await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = false }))).Expect(200);
        }
        Assert.Equal([1, 1, 0, 0], told);
        Assert.Equal(2, (await app.Letters(person.Email)).Count(letter => letter.Subject.StartsWith("Set up two-factor", StringComparison.Ordinal)));
    }

    [Theory, Engines]
    public async Task Turning_the_rule_on_and_off_asks_for_the_second_factor(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var phone = await app.Enrol(owner);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await owner.StepUp(TestApp.Password)).Expect(200);
        var on = Visitor.Json(new { everyone = true, graceDays = 0 });
        (await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", on)).Expect(403, "step_up.second_factor_required");
        (await owner.StepUpBy(phone.Code())).Expect(200);
        (await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = true, graceDays = 91 }))).Expect(400, "request.range");
        (await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = true, graceDays = 0 }))).Expect(200);
        (await (await app.SignedIn(await crew.Add("member"))).Get("/api/v1/sessions")).Expect(403, "two_factor.enrol_required");
        (await owner.Send(HttpMethod.Put, $"{crew.Api}/two-factor", Visitor.Json(new { everyone = false }))).Expect(200);
        Assert.False((await owner.Get($"{crew.Api}/two-factor")).Json.GetProperty("everyone").GetBoolean());
    }

    [Theory, Engines]
    public async Task A_member_leaves_and_still_has_an_account_page(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        await crew.Add("owner");
        var person = await crew.Add("member");
        var member = await app.SignedIn(person);
        Assert.Contains("Your role here: Member.", (await member.Open(crew.Page)).Text, StringComparison.Ordinal);
        var page = await member.Open($"{crew.Page}/leave");
        page = await page.Submit("form[action$='/leave']");
        Assert.Contains("You have left Almond & Birch.", page.Text, StringComparison.Ordinal);
        Assert.Contains("You are in no workspace.", page.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await member.Get(crew.Page)).Status);
        Assert.Equal("member.left", (await member.Activity("?kind=workspaces"))[0]);
    }

    [Theory, Engines]
    public async Task An_owner_hands_over_with_a_fresh_proof_and_both_get_a_letter(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, heir) = (await crew.Add("owner", "mara@almondbirch.example", "Mara Lindqvist"), await crew.Add("member", "jonas@almondbirch.example", "Jonas Weidner"));
        var visitor = await app.SignedIn(owner);
        (await visitor.Post($"{crew.Api}/leave")).Expect(409, "role.last_owner");
        (await visitor.Post($"{crew.Api}/hand-over", new { email = "nobody@almondbirch.example" })).Expect(404, "ownership.member_unknown");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post($"{crew.Api}/hand-over", new { email = heir.Email })).Expect(403, "step_up.required");
        (await visitor.StepUp(TestApp.Password)).Expect(200);
        var page = await visitor.Open($"{crew.Page}/hand-over");
        page = await page.Submit("form.card", ("email", heir.Email));
        Assert.Contains("now belongs to Jonas Weidner", page.Text, StringComparison.Ordinal);
        Assert.Equal("admin", (await crew.Membership(owner))!.Role);
        Assert.Equal("owner", (await crew.Membership(heir))!.Role);
        Assert.Contains("You handed Almond & Birch over", (await app.Letters(owner.Email)).Select(l => l.Subject));
        Assert.Contains("You are now owner of Almond & Birch", (await app.Letters(heir.Email)).Select(l => l.Subject));
        (await visitor.Post($"{crew.Api}/hand-over", new { email = heir.Email })).Expect(403, "ownership.owners_only");
        Assert.Equal("ownership.received", (await (await app.SignedIn(heir)).Activity("?kind=workspaces"))[0]);
    }

    [Theory, Engines]
    public async Task The_layout_shows_one_workspace_and_leads_to_the_others(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (one, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var person = await one.Add("owner");
        await other.Join(person, "admin");
        var visitor = await app.SignedIn(person);
        Assert.Equal("Almond & Birch", (await visitor.Open("/account")).Document.QuerySelector("#nav-ws")!.TextContent);
        await visitor.Open($"{other.Page}");
        var page = await visitor.Open("/account");
        Assert.Equal("Harbour Co-op", page.Document.QuerySelector("#nav-ws")!.TextContent);
        Assert.Equal(["/w/almond-birch/users", "/w/harbour-co-op/users"], page.Document.QuerySelectorAll(".switcher .menu-item").Select(a => a.GetAttribute("href")));
        Assert.Null(page.Document.QuerySelector("a[href='/w/harbour-co-op/settings']"));
    }
}
