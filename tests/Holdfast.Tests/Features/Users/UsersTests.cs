using Holdfast.Features.Accounts;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features.Users;

public sealed class UsersTests
{
    private static async Task<IReadOnlyList<string>> Names(Visitor visitor, Crew crew, string query = "") =>
        [.. (await visitor.Get($"{crew.Api}/users{query}")).Expect(200).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("name").GetString()!)];

    [Theory, Engines]
    public async Task People_are_found_by_the_beginnings_of_names_and_addresses_without_case_and_accents(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", "zoe@almondbirch.example", "Zoë Zimmer"));
        await crew.Add("member", "l.zolc@harbour.example", "Łukasz Żółć");
        await crew.Add("member", "finn@almondbirch.example", "Finn O’Donoghue");
        await crew.Add("admin", "anna@almondbirch.example", "Anna Annaberg");
        // Somebody with the same name elsewhere is never found here.
        await (await Crew.Found(app, "Harbour Co-op")).Add("member", "lukasz@elsewhere.example", "Łukasz Elsewhere");

        Assert.Equal(["Anna Annaberg", "Finn O’Donoghue", "Łukasz Żółć", "Zoë Zimmer"], await Names(owner, crew));
        Assert.Equal(["Łukasz Żółć"], await Names(owner, crew, "?q=ZOLC"));
        Assert.Equal(["Łukasz Żółć"], await Names(owner, crew, "?q=%C5%BC%C3%B3%C5%82"));
        Assert.Equal(["Finn O’Donoghue"], await Names(owner, crew, "?q=o%27don+fi"));
        Assert.Equal(["Łukasz Żółć"], await Names(owner, crew, "?q=l.zolc@harb"));
        Assert.Equal(["Anna Annaberg"], await Names(owner, crew, "?q=ann"));
        Assert.Empty(await Names(owner, crew, "?q=nnaberg"));
        Assert.Empty(await Names(owner, crew, "?q=%40"));
        Assert.Equal(["Zoë Zimmer"], await Names(owner, crew, "?role=owner"));
        Assert.Equal(["Anna Annaberg"], await Names(owner, crew, "?role=admin&q=ann"));
        Assert.Empty(await Names(owner, crew, "?role=member&q=ann"));
        // Percent signs and underscores are nothing special, and neither is the end of a statement.
        foreach (var hostile in new[] { "%25", "_", "';--", "%F0%9F%98%80" }) await Names(owner, crew, $"?q={hostile}");
        // Without script the button does it.
        var page = await owner.Open($"{crew.Page}/users");
        page = await page.Submit("form[role=search]", ("q", "zim"), ("role", ""));
        Assert.Equal(["Zoë Zimmer"], page.Document.QuerySelectorAll("tbody .person-name a").Select(a => a.TextContent));
    }

    [Theory, Engines]
    public async Task Two_names_that_many_have_find_the_few_who_have_both(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", "zoe@almondbirch.example", "Zoë Zimmer"));
        await app.Db.Write(async tx =>
        {
            for (var i = 0; i < 2_100; i++)
            {
                var name = i % 700 == 0 ? $"Anna Jonas Both{i}" : i % 2 == 0 ? $"Anna Other{i}" : $"Jonas Other{i}";
                var account = new Account { Id = Ids.New(app.Now), Email = $"p{i}@almondbirch.example", Name = name, CreatedAt = app.Now };
                await AccountTable.Insert(tx, account);
                await WorkspaceTable.AddMember(tx, crew.Id, account.Id, i == 700 ? "admin" : "member", app.Now);
            }
            return 0;
        });
        Assert.Equal(["Anna Jonas Both0", "Anna Jonas Both1400", "Anna Jonas Both700"], await Names(owner, crew, "?q=anna+jonas"));
        Assert.Equal(["Anna Jonas Both0", "Anna Jonas Both1400", "Anna Jonas Both700"], await Names(owner, crew, "?q=jonas+anna"));
        Assert.Equal(["Anna Jonas Both700"], await Names(owner, crew, "?q=anna+jonas&role=admin"));
        Assert.Equal(["Anna Jonas Both1400"], await Names(owner, crew, "?q=anna+jonas+both1"));
        Assert.Empty(await Names(owner, crew, "?q=anna+jonas&only=suspended"));
        Assert.Empty(await Names(owner, crew, "?q=anna+jonas+zimmer"));
        // Many have both of these: the list goes on as ever.
        Assert.Equal(50, (await Names(owner, crew, "?q=anna+almondbirch")).Count);
        // Ranges that overlap: a word and another that begins with it.
        Assert.Equal(50, (await Names(owner, crew, "?q=a+anna")).Count);
    }

    [Theory, Engines]
    public async Task The_filters_follow_what_happens_to_people(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", name: "Zoë"));
        var person = await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        Assert.Equal(["Kenji Watanabe"], await Names(owner, crew, "?only=never-signed-in"));
        Assert.Equal(["Kenji Watanabe"], await Names(owner, crew, "?only=never-signed-in&q=wat"));
        var member = await app.SignedIn(person);
        Assert.Empty(await Names(owner, crew, "?only=never-signed-in"));
        Assert.Empty(await Names(owner, crew, "?only=never-signed-in&q=wat"));

        Assert.Equal(["Kenji Watanabe", "Zoë"], await Names(owner, crew, "?only=without-two-factor"));
        var phone = await app.Enrol(member);
        Assert.Equal(["Zoë"], await Names(owner, crew, "?only=without-two-factor"));
        Assert.Empty(await Names(owner, crew, "?only=without-two-factor&q=kenji"));
        app.NextCode();
        (await member.TurnOff(phone.Code())).Expect(204);
        Assert.Equal(["Kenji Watanabe"], await Names(owner, crew, "?only=without-two-factor&q=kenji"));

        (await member.Patch("/api/v1/account", new { name = "Aiko Watanabe" })).Expect(200);
        Assert.Equal(["Aiko Watanabe", "Zoë"], await Names(owner, crew));
        Assert.Empty(await Names(owner, crew, "?q=kenji+watanabe+aikoo"));
        Assert.Equal(["Aiko Watanabe"], await Names(owner, crew, "?q=aiko"));

        (await owner.Post($"{crew.Api}/users/{person.Id}/suspend")).Expect(204);
        Assert.Equal(["Aiko Watanabe"], await Names(owner, crew, "?only=suspended"));
        Assert.Equal(["Aiko Watanabe"], await Names(owner, crew, "?only=suspended&q=wat&role=member"));
        (await owner.Post($"{crew.Api}/users/{person.Id}/reactivate")).Expect(204);
        Assert.Empty(await Names(owner, crew, "?only=suspended"));
        (await owner.Delete($"{crew.Api}/users/{person.Id}")).Expect(204);
        Assert.Empty(await Names(owner, crew, "?q=wat"));
    }

    [Theory, Engines]
    public async Task Pages_follow_one_another_whoever_comes_and_goes_and_nobody_comes_twice(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", name: "Zzz"));
        for (var i = 0; i < 13; i++) await crew.Add("member", name: $"Ana Anderson {i:00}");
        foreach (var search in new[] { "", "q=an&", "q=an+almondbirch&", "q=almondbirch+ana+an&" })
        {
            var (seen, after, pages) = (new List<string>(), "", 0);
            do
            {
                var page = (await owner.Get($"{crew.Api}/users?{search}limit=5{after}")).Expect(200).Json;
                seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
                after = page.TryGetProperty("next", out var next) ? $"&after={next.GetString()}" : "";
                if (pages++ == 0) await crew.Add("member", name: "Aaa Early");
            }
            while (after.Length > 0);
            Assert.Equal(seen.Count, seen.Distinct().Count());
            Assert.True(seen.Count >= 13);
        }
        // A program that misspells is told; a page begins at the beginning.
        foreach (var wrong in new[] { "?after=nonsense", "?only=without-2fa", "?role=%27", $"?q={new string('a', 300)}" })
        {
            (await owner.Get($"{crew.Api}/users{wrong}")).Expect(400);
            Assert.Equal(200, (await owner.Open($"{crew.Page}/users{wrong}")).Answer.Status);
        }
    }

    [Theory, Engines]
    public async Task A_persons_page_shows_what_helps_and_edit_changes_name_and_role(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", name: "Mara Lindqvist"));
        var person = await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        var member = await app.SignedIn(person);
        await app.Enrol(member);
        var page = await owner.Open($"{crew.Page}/users/{person.Id}");
        Assert.Contains("1 app", page.Text, StringComparison.Ordinal);
        Assert.Contains("1, last active:", page.Text, StringComparison.Ordinal);
        Assert.Contains("Signed in", page.Text, StringComparison.Ordinal);
        Assert.Equal(["Password Recovery", "Sign out everywhere", "Request two-factor reset", "Suspend", "Remove"], page.Document.QuerySelectorAll("main .menu-item").Select(i => i.TextContent.Trim()));
        Assert.Empty(page.Document.QuerySelectorAll("main .page-head .menu[open]"));

        page = await (await owner.Open($"{crew.Page}/users/{person.Id}/edit")).Submit("form.card", ("name", "Ken"), ("role", "admin"));
        Assert.Contains("The changes are saved.", page.Text, StringComparison.Ordinal);
        Assert.Equal("Ken", page.Document.QuerySelector("h1")!.TextContent);
        Assert.Contains("Your role in Almond & Birch has changed", (await app.Letters(person.Email)).Select(l => l.Subject));
        Assert.Equal(["member.renamed", "member.role_changed"], (await member.Activity("?kind=workspaces")).Order(StringComparer.Ordinal));
        Assert.Equal(["Ken"], await Names(owner, crew, "?q=ken&role=admin"));
        Assert.Equal(["Ken"], await Names(owner, crew, "?q=kenji"));
        // What somebody else did was not done with this person's device, nor at their place.
        var entry = (await member.Get("/api/v1/activity?kind=workspaces")).Json.GetProperty("items").EnumerateArray().Single(i => i.GetProperty("kind").GetString() == "member.role_changed");
        Assert.Equal("Role in Almond & Birch changed to Admin, by Mara Lindqvist", entry.GetProperty("what").GetString());
        Assert.Equal("", entry.GetProperty("address").GetString());
        // Their own name is theirs.
        Assert.Equal("Kenji Watanabe", (await member.Get("/api/v1/account")).Json.GetProperty("name").GetString());
        (await owner.Patch($"{crew.Api}/users/{person.Id}", new { name = "" })).Expect(204);
        Assert.Contains("Kenji Watanabe", await Names(owner, crew));
    }

    [Theory, Engines]
    public async Task Suspend_reactivate_sign_out_and_remove_ask_first_then_say_what_happened_and_tell_the_person(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner", name: "Mara Lindqvist"));
        var person = await crew.Add("admin", "kenji@almondbirch.example", "Kenji Watanabe");
        foreach (var (act, said, letter, kind) in new[]
        {
            (UserAct.Suspend, "Kenji Watanabe is suspended.", "You are suspended in Almond & Birch", "member.suspended"), (UserAct.Reactivate, "Kenji Watanabe is active again.", "Almond & Birch is open to you again", "member.reactivated"),
            (UserAct.SignOut, "Kenji Watanabe is signed out everywhere.", "You were signed out everywhere", "member.signed_out"), (UserAct.Remove, "Kenji Watanabe is no longer in this workspace.", "You are no longer in Almond & Birch", "member.removed"),
        })
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            var member = await app.SignedIn(person);
            var page = await owner.Open($"{crew.Page}/users/{person.Id}/{act}");
            Assert.Equal(200, page.Answer.Status);
            page = await page.Submit("form.card");
            Assert.Contains(said, page.Document.QuerySelector(".flash")!.TextContent, StringComparison.Ordinal);
            Assert.Contains(letter, (await app.Letters(person.Email)).Select(l => l.Subject));
            Assert.Equal(act is UserAct.SignOut ? 401 : act == UserAct.Reactivate ? 200 : 404, (await member.Get(crew.Api)).Status);
            Assert.Equal(kind, (await (await app.SignedIn(person)).Activity("?kind=workspaces"))[0]);
        }
    }

    [Theory, Engines]
    public async Task Password_recovery_mails_the_person_the_same_letter_and_the_admin_never_sees_the_link(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var helper = await app.SignedIn(await crew.Add(await crew.Role("Help desk", Holdfast.Features.Workspaces.Permission.UsersView, Holdfast.Features.Workspaces.Permission.UsersRecover), name: "Hana Novotná"));
        var (person, admin) = (await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe"), await crew.Add("admin"));
        var page = await helper.Open($"{crew.Page}/users/{person.Id}");
        Assert.Equal(["Password Recovery", "Request two-factor reset"], page.Document.QuerySelectorAll("main .menu-item").Select(i => i.TextContent.Trim()));
        page = await (await helper.Open($"{crew.Page}/users/{person.Id}/password-recovery")).Submit("form.card");
        Assert.Contains("Kenji Watanabe gets a letter", page.Document.QuerySelector(".flash")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("token=", page.Answer.Body, StringComparison.Ordinal);
        Assert.Contains("Reset Password", (await app.Letters(person.Email)).Select(l => l.Subject));
        // At once again sends nothing new, and nobody helps somebody above themselves.
        (await helper.Post($"{crew.Api}/users/{person.Id}/password-recovery")).Expect(429, "recovery.just_sent");
        (await helper.Post($"{crew.Api}/users/{admin.Id}/password-recovery")).Expect(403, "role.above_yours");
        (await helper.Post($"{crew.Api}/users/{person.Id}/suspend")).Expect(403, "workspace.not_allowed");
    }

    [Theory, Engines]
    public async Task An_old_proof_leads_over_the_step_up_page_and_on(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var person = await crew.Add("member");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await owner.Delete($"{crew.Api}/users/{person.Id}")).Expect(403, "step_up.required");
        var page = await (await owner.Open($"{crew.Page}/users/{person.Id}/remove")).Submit("form.card");
        page = await page.Submit("form[action='/step-up']", ("password", TestApp.Password));
        page = await page.Submit("form[data-go-on]");
        Assert.Contains("is no longer in this workspace", page.Text, StringComparison.Ordinal);
        Assert.Null(await crew.Membership(person));
    }

    [Theory, Engines]
    public async Task Account_wide_acts_and_events_are_for_the_one_workspace_of_a_person(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var owner = await app.SignedIn(await crew.Add("owner"));
        var person = await crew.Add("member", "kenji@almondbirch.example", "Kenji Watanabe");
        await other.Join(person, "member");
        var member = await app.SignedIn(person);
        (await owner.Post($"{crew.Api}/users/{person.Id}/sign-out")).Expect(403, "user.not_only_here");
        Assert.Equal(403, (await owner.Get($"{crew.Page}/users/{person.Id}/sign-out")).Status);
        Assert.Empty((await owner.Get($"{crew.Api}/users/{person.Id}/events")).Expect(200).Json.GetProperty("items").EnumerateArray());
        (await member.Get("/api/v1/session")).Expect(200);
        // A suspended place there is still a place.
        var otherOwner = await app.SignedIn(await other.Add("owner"));
        (await otherOwner.Post($"{other.Api}/users/{person.Id}/suspend")).Expect(204);
        (await owner.Post($"{crew.Api}/users/{person.Id}/sign-out")).Expect(403, "user.not_only_here");
        (await otherOwner.Delete($"{other.Api}/users/{person.Id}")).Expect(204);
        // What happened elsewhere stays elsewhere.
        var kinds = (await owner.Get($"{crew.Api}/users/{person.Id}/events")).Expect(200).Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("kind").GetString()).ToList();
        Assert.Contains("sign_in.succeeded", kinds);
        Assert.DoesNotContain("member.suspended", kinds);
        Assert.DoesNotContain("member.removed", kinds);
        (await owner.Post($"{crew.Api}/users/{person.Id}/sign-out")).Expect(204);
        (await member.Get("/api/v1/session")).Expect(401);
    }
}
