using System.Reflection;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Holdfast.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.RazorPages.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Every handler of every page of a workspace, as the framework itself finds them: whoever may not go through changes nothing behind it.</summary>
public sealed class WorkspaceDoorsTests
{
    /// <param name="Handler">Empty for the page's own.</param>
    private sealed record Door(string Pattern, HttpMethod Method, string Handler, string Permission)
    {
        /// <summary>What it acts on is named by the address, or by the form.</summary>
        public bool HasTarget => Pattern.Contains("{id}", StringComparison.Ordinal) || Pattern.Contains("{role}", StringComparison.Ordinal) || Handler is "Again" or "Withdraw";

        public string? IdOfForm(House target) => Pattern.Contains("{id}", StringComparison.Ordinal) ? null : target.Invitation;

        public string At(string slug, string person, string act, string role) =>
            "/" + Pattern.Replace("{workspace}", slug, StringComparison.Ordinal).Replace("{id}", person, StringComparison.Ordinal).Replace("{act}", act, StringComparison.Ordinal).Replace("{role}", role, StringComparison.Ordinal)
            + (Handler.Length > 0 ? $"?handler={Handler}" : "");
    }

    /// <summary>A workspace with all that can be taken from it.</summary>
    private sealed record House(Crew Crew, Person Owner, Person Admin, Person Member, Person Suspended, string Role, string Invitation);

    private static async Task<List<Door>> Doors(TestApp app)
    {
        var doors = new List<Door>();
        var seen = new HashSet<TypeInfo>();
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().DistinctBy(r => r.RoutePattern.RawText))
        {
            if (route.Metadata.GetMetadata<PageActionDescriptor>() is not { } page || !EnterWorkspace.IsOfWorkspace(route)) continue;
            var compiled = await app.Get<PageLoader>().LoadAsync(page, EndpointMetadataCollection.Empty);
            seen.Add(compiled.ModelTypeInfo!);
            var permission = compiled.ModelTypeInfo!.GetCustomAttribute<InWorkspaceAttribute>()!.Permission;
            doors.AddRange(compiled.HandlerMethods.Where(h => h.HttpMethod is "Get" or "Post").Select(h => new Door(route.RoutePattern.RawText!.TrimStart('/'), HttpMethod.Parse(h.HttpMethod), h.Name ?? "", permission)));
            // What is written is what the framework finds, besides what it takes for a handler of a method called PAGE.
            Assert.Equal(compiled.ModelTypeInfo!.GetMethods().Count(m => m.DeclaringType!.IsAssignableTo(typeof(WorkspacePage)) && (m.Name.StartsWith("OnGet", StringComparison.Ordinal) || m.Name.StartsWith("OnPost", StringComparison.Ordinal))), compiled.HandlerMethods.Count(h => h.HttpMethod is "Get" or "Post"));
        }
        Assert.Equal(typeof(WorkspacePage).Assembly.DefinedTypes.Count(t => !t.IsAbstract && t.IsAssignableTo(typeof(WorkspacePage))), seen.Count);
        Assert.True(doors.Count(d => d.Method == HttpMethod.Post) >= 17, $"{doors.Count} doors");
        Assert.Contains(doors, d => d is { Pattern: "w/{workspace}/users/invite", Handler: "Withdraw" });
        Assert.Contains(doors, d => d is { Pattern: "w/{workspace}/settings/roles/{role}", Handler: "Delete" });
        return doors;
    }

    /// <summary>One door for each act where the address names one.</summary>
    private static IEnumerable<string> Acts(Door door) => door.Pattern.Contains("{act}", StringComparison.Ordinal) ? UserAct.All : ["-"];

    /// <summary>Of this browser's session, and good for every form: none is refused for want of it.</summary>
    internal static async Task<string> FormToken(Visitor visitor) => (await visitor.Open("/account")).Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;

    /// <param name="id">What the form calls its target: the framework takes it before that of the address. Null where the address names it.</param>
    private static async Task<Answer> Try(Visitor visitor, HttpMethod method, string path, string token, House target, string? id = null)
    {
        if (method == HttpMethod.Get) return await visitor.Get(path);
        Assert.Equal(HttpMethod.Post, method);
        // All that any of the forms asks for.
        using var form = new FormUrlEncodedContent(
        [
            new("form_token", token), .. (KeyValuePair<string, string>[])(id is null ? [] : [new("id", id)]), new("name", "Taken over"), new("role", target.Role), new("permissions", Permission.UsersView), new("email", target.Member.Email), new("stay", "false"), new("to", target.Admin.Email), new("language", "en"),
            new("csv", $"email\n{target.Member.Email}\n"), new("lost", "phone"), new("reason", CaseSetup.Reason), new("reach", "+48 22 555 01 47"), new("known", "true"), new("rule", "admins"), new("grace", "0"), new("mail", "true"),
        ]);
        var answer = await visitor.Send(method, path, form);
        Assert.DoesNotContain("request.form_expired", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("request.method", answer.Body, StringComparison.Ordinal);
        Assert.True(answer.Status < 500, answer.ToString());
        return answer;
    }

    private static async Task<House> Build(TestApp app, string name, string domain)
    {
        var crew = await Crew.Found(app, name);
        var (owner, admin, suspended) = (await crew.Add("owner", $"owner@{domain}"), await crew.Add("admin", $"admin@{domain}"), await crew.Add("member", $"suspended@{domain}"));
        var role = await crew.Role("Helper", Permission.UsersView, Permission.UsersInvite);
        var (member, _, _) = await app.AddWithTwoFactor($"member@{domain}", "Priya Raman");
        await crew.Join(member, "member");
        var visitor = await app.SignedIn(admin);
        await InvitationTests.Invite(visitor, crew, $"invited@{domain}");
        (await visitor.Post($"{crew.Api}/users/{suspended.Id}/suspend")).Expect(204);
        (await visitor.Post($"{crew.Api}/users/{member.Id}/two-factor-reset", CaseSetup.Request)).Expect(201);
        var invitation = (await visitor.Get($"{crew.Api}/invitations")).Expect(200).Json.GetProperty("invitations")[0].GetProperty("id").GetString()!;
        await app.Letters("nobody");
        return new House(crew, owner, admin, member, suspended, role, invitation);
    }

    /// <summary>Every row about a workspace and its people, in words that are equal when the rows are.</summary>
    private static async Task<List<string>> Rows(TestApp app, House house)
    {
        string[] people = [house.Owner.Id, house.Admin.Id, house.Member.Id, house.Suspended.Id];
        var mine = string.Join(", ", people.Select(id => $"'{id}'"));
        var here = $"workspace_id = '{house.Crew.Id}'";
        (string Table, string Where)[] parts =
        [
            ("workspaces", $"id = '{house.Crew.Id}'"), ("members", $"{here} OR account_id IN ({mine})"), ("member_words", here), ("roles", here), ("invitations", here), ("reset_cases", here), ("reset_case_texts", $"account_id IN ({mine})"),
            ("accounts", $"id IN ({mine})"), ("passwords", $"account_id IN ({mine})"), ("two_factor", $"account_id IN ({mine}) AND (required_since IS NOT NULL OR codes_saved_at IS NOT NULL OR new_device_since IS NOT NULL)"), ("totp_apps", $"account_id IN ({mine})"), ("links", $"account_id IN ({mine})"),
            ("audit_entries", $"{here} OR account_id IN ({mine})"), ("outbox", $"account_id IN ({mine})"),
        ];
        return await app.Db.Read(async tx =>
        {
            var rows = new List<string>();
            foreach (var (table, where) in parts) rows.AddRange((await RowsOf(tx, app.Database.IsPostgres, table, where)).Order(StringComparer.Ordinal).Select(row => $"{table} {row}"));
            rows.Add($"live sessions {await tx.Count($"SELECT COUNT(*) FROM sessions WHERE ended_at IS NULL AND account_id IN ({mine})")}");
            return rows;
        });
    }

    private static async Task<List<string>> RowsOf(ReadTx tx, bool postgres, string table, string where)
    {
        if (postgres) return await tx.Many<string>($"SELECT CAST(t AS TEXT) FROM {table} AS t WHERE {where}");
        var columns = await tx.Many<string>($"SELECT name FROM pragma_table_info('{table}')");
        return await tx.Many<string>($"SELECT {string.Join(" || '|' || ", columns.Select(c => $"COALESCE(hex({c}), '')"))} FROM {table} WHERE {where}");
    }

    [Theory, Engines]
    public async Task A_member_without_permissions_gets_through_no_door_that_asks_for_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var house = await Build(app, "Almond & Birch", "almondbirch.example");
        var visitor = await app.SignedIn(await house.Crew.Add("member"));
        var (token, before) = (await FormToken(visitor), await Rows(app, house));
        var tried = 0;
        foreach (var door in await Doors(app))
        {
            foreach (var act in Acts(door))
            {
                // Everybody may look at their own place, and leave.
                if (door.Permission == Permission.None && !door.Pattern.EndsWith("hand-over", StringComparison.Ordinal)) continue;
                var answer = await Try(visitor, door.Method, door.At(house.Crew.Slug, house.Owner.Id, act, house.Role), token, house, door.IdOfForm(house));
                Assert.True(answer.Status == 403, $"{door}: {answer}");
                tried++;
            }
        }
        Assert.True(tried > 30);
        Assert.Equal(before, await Rows(app, house));
    }

    [Theory, Engines]
    public async Task An_owner_reaches_nothing_of_another_workspace_through_their_own_doors(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (ours, theirs) = (await Crew.Found(app, "Harbour Co-op"), await Build(app, "Almond & Birch", "almondbirch.example"));
        var me = await ours.Add("owner", "me@harbour.example");
        var visitor = await app.SignedIn(me);
        var (token, before) = (await FormToken(visitor), await Rows(app, theirs));
        Assert.Contains(before, row => row.StartsWith("reset_cases", StringComparison.Ordinal));
        var tried = 0;
        foreach (var door in await Doors(app))
        {
            foreach (var person in new[] { theirs.Owner, theirs.Member, theirs.Suspended })
            {
                if (person != theirs.Member && !door.Pattern.Contains("{id}", StringComparison.Ordinal)) continue;
                foreach (var act in Acts(door))
                {
                    var answer = await Try(visitor, door.Method, door.At(ours.Slug, person.Id, act, theirs.Role), token, theirs, door.IdOfForm(theirs));
                    if (door.HasTarget) Assert.True(answer.Status == 404, $"{door} {act}: {answer}");
                    foreach (var word in new[] { theirs.Owner.Id, "Priya Raman", "invited@almondbirch.example" }) Assert.DoesNotContain(word, person.Id == word ? "" : answer.Body, StringComparison.Ordinal);
                    tried++;
                }
            }
        }
        Assert.True(tried > 60);
        Assert.Equal(before, await Rows(app, theirs));
        Assert.Equal("owner", (await ours.Membership(me))!.Role);
        Assert.Single(await app.Db.Read(tx => tx.Many<string>("SELECT account_id FROM members WHERE workspace_id = @Id", new { ours.Id })));
        // A role of theirs is given to nobody of ours.
        var mate = await ours.Add("member", "mate@harbour.example");
        Assert.Equal(404, (await Try(visitor, HttpMethod.Post, $"{ours.Page}/users/{mate.Id}/edit", token, theirs)).Status);
        Assert.Equal("member", (await ours.Membership(mate))!.Role);
        // Nor does the form lead to somebody of theirs where the address names one of ours, or the other way round.
        foreach (var door in (await Doors(app)).Where(d => d.Method == HttpMethod.Post && d.Pattern.Contains("{id}", StringComparison.Ordinal)))
        {
            foreach (var act in Acts(door))
            {
                await Try(visitor, door.Method, door.At(ours.Slug, mate.Id, act, theirs.Role) + (door.Handler.Length > 0 ? "&" : "?") + $"id={theirs.Member.Id}&workspace={theirs.Crew.Slug}", token, theirs, theirs.Member.Id);
                await Try(visitor, door.Method, door.At(ours.Slug, theirs.Member.Id, act, theirs.Role), token, theirs, mate.Id);
            }
        }
        Assert.Equal(before, await Rows(app, theirs));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM invitations WHERE workspace_id = @Id AND role = @Role", new { ours.Id, theirs.Role })));
    }

    [Theory, Engines]
    public async Task An_admin_does_nothing_to_an_owner_through_any_door(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var house = await Build(app, "Almond & Birch", "almondbirch.example");
        var (second, phone, _) = await app.AddWithTwoFactor("second@almondbirch.example", "Second Owner");
        await house.Crew.Join(second, "owner");
        (await (await app.SignedIn(house.Owner)).Post($"{house.Crew.Api}/users/{second.Id}/suspend")).Expect(204);
        await app.Letters("nobody");
        Assert.NotEmpty(phone.Codes);
        var visitor = await app.SignedIn(house.Admin);
        // Built of the two owners: one who is at work, and one who is suspended and has two-factor.
        var both = house with { Suspended = second };
        var (token, before) = (await FormToken(visitor), await Rows(app, both));
        var tried = new List<string>();
        foreach (var door in (await Doors(app)).Where(d => d.Pattern.Contains("{id}", StringComparison.Ordinal)))
        {
            foreach (var act in Acts(door))
            {
                // Two acts have pages of their own: here there is none.
                foreach (var person in new[] { house.Owner, second })
                {
                    var answer = await Try(visitor, door.Method, door.At(house.Crew.Slug, person.Id, act, house.Role), token, house);
                    if (door.Method == HttpMethod.Get && door.Pattern.EndsWith("{id}", StringComparison.Ordinal)) continue;
                    // Nor is there an application of theirs to take away.
                    Assert.True(answer.Status == 403 || act == UserAct.Recover || door.Handler == "Withdraw" || door.Pattern.Contains("{grant}", StringComparison.Ordinal), $"{door} {act}: {answer}");
                    Assert.True(answer.Status is >= 400 and < 500, $"{door} {act}: {answer}");
                    if (door.Method == HttpMethod.Post) tried.Add($"{door.Pattern} {act}");
                }
            }
        }
        foreach (var act in new[] { "edit", "password-recovery", "reset-two-factor" }) Assert.Contains(tried, t => t.Contains($"/{act} ", StringComparison.Ordinal));
        foreach (var act in new[] { UserAct.Suspend, UserAct.Remove, UserAct.SignOut, UserAct.Reactivate }) Assert.Contains(tried, t => t.EndsWith($" {act}", StringComparison.Ordinal));
        // Nor does an admin become one by giving the role, or by taking the workspace.
        foreach (var (path, role) in new[] { ($"{house.Crew.Page}/users/{house.Admin.Id}/edit", "owner"), ($"{house.Crew.Page}/users/{house.Member.Id}/edit", "owner"), ($"{house.Crew.Page}/hand-over", "owner") })
        {
            using var form = new FormUrlEncodedContent([new("form_token", token), new("role", role), new("email", house.Admin.Email)]);
            Assert.Equal(403, (await visitor.Send(HttpMethod.Post, path, form)).Status);
        }
        Assert.Equal(before, await Rows(app, both));
    }
}
