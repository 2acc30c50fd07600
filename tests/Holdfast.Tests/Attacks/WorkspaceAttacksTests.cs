using System.Text.RegularExpressions;
using Holdfast.Features.Workspaces;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Attacks;

/// <summary>Attempts to get into a workspace, or higher in it, than one's role goes.</summary>
public sealed class WorkspaceAttacksTests
{
    private const string NobodysId = "01900000-0000-7000-8000-000000000000";

    /// <summary>Every route of a workspace with every method it knows, by the route table itself: one that is added later is attacked as well.</summary>
    private static IEnumerable<(HttpMethod Method, string Path, string Permission)> Routes(TestApp app, string slug, string target)
    {
        foreach (var route in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<InWorkspaceAttribute>() is not { } needs) continue;
            var path = "/" + route.RoutePattern.RawText!.TrimStart('/');
            path = path.Replace("{workspace}", slug, StringComparison.Ordinal).Replace("{id}", target, StringComparison.Ordinal).Replace("{act}", "remove", StringComparison.Ordinal).Replace("{role}", NobodysId, StringComparison.Ordinal).Replace("{grant}", NobodysId, StringComparison.Ordinal).Replace("{key}", NobodysId, StringComparison.Ordinal).Replace("{unusual}", NobodysId, StringComparison.Ordinal).Replace("{table}", Holdfast.Features.Reporting.ReportFiles.Days, StringComparison.Ordinal);
            Assert.DoesNotMatch(new Regex("[{}]", RegexOptions.None, TimeSpan.FromSeconds(1)), path);
            var methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"];
            foreach (var method in methods) yield return (HttpMethod.Parse(method), path, needs.Permission);
        }
    }

    private static async Task<Answer> Try(Visitor visitor, HttpMethod method, string path)
    {
        using var body = method == HttpMethod.Get ? null : path.StartsWith("/api/", StringComparison.Ordinal) ? Visitor.Json(new { }) : new FormUrlEncodedContent([]);
        return await visitor.Send(method, path, body);
    }

    [Theory, Engines]
    public async Task An_owner_of_one_workspace_finds_nothing_of_another_on_any_route(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (mine, theirs) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        var me = await mine.Add("owner");
        var target = await theirs.Add("member");
        var visitor = await app.SignedIn(me);
        var tried = 0;
        foreach (var (method, path, _) in Routes(app, theirs.Slug, target.Id))
        {
            var (there, nowhere) = (await Try(visitor, method, path), await Try(visitor, method, path.Replace(theirs.Slug, "no-such-workspace", StringComparison.Ordinal)));
            Assert.True(there.Status == 404, there.ToString());
            // Nothing tells a workspace that is there from one that is not.
            Assert.Equal(nowhere.Status, there.Status);
            tried++;
        }
        Assert.True(tried > 25);
        // Through the own workspace's door somebody of another is nobody.
        foreach (var (method, path, _) in Routes(app, mine.Slug, target.Id).Where(r => r.Path.Contains(target.Id, StringComparison.Ordinal)))
        {
            var answer = path.StartsWith("/w/", StringComparison.Ordinal) && method == HttpMethod.Post ? null : await Try(visitor, method, path);
            if (answer is not null) Assert.True(answer.Status == 404, answer.ToString());
        }
        (await visitor.Post($"{mine.Api}/hand-over", new { email = target.Email })).Expect(404, "ownership.member_unknown");
        Assert.Equal("member", (await theirs.Membership(target))!.Role);
        Assert.Null((await theirs.Membership(target))!.SuspendedAt);
    }

    [Theory, Engines]
    public async Task A_member_opens_nothing_that_asks_for_a_permission(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner");
        var person = await crew.Add("member");
        var visitor = await app.SignedIn(person);
        foreach (var (method, path, permission) in Routes(app, crew.Slug, owner.Id).Where(r => r.Permission != Permission.None))
        {
            var answer = await Try(visitor, method, path);
            Assert.True(answer.Status == 403, $"{permission}: {answer}");
            if (path.StartsWith("/api/", StringComparison.Ordinal)) Assert.Equal("workspace.not_allowed", answer.Code);
        }
        Assert.Equal("owner", (await crew.Membership(owner))!.Role);
    }

    [Theory, Engines]
    public async Task A_role_opens_its_own_routes_and_no_others(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var visitor = await app.SignedIn(await crew.Add(await crew.Role("Looks", Permission.UsersView)));
        var target = await crew.Add("member");
        foreach (var (method, path, permission) in Routes(app, crew.Slug, target.Id).Where(r => r.Permission != Permission.None))
        {
            var answer = await Try(visitor, method, path);
            Assert.True(permission == Permission.UsersView ? answer.Status != 403 : answer.Status == 403, $"{permission}: {answer}");
        }
    }

    [Theory, Engines]
    public async Task A_suspended_member_and_a_removed_one_open_nothing_from_their_very_next_request(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        foreach (var act in new[] { "suspend", "remove" })
        {
            var person = await crew.Add("admin");
            var visitor = await app.SignedIn(person);
            (await visitor.Get($"{crew.Api}/users")).Expect(200);
            (act == "suspend" ? await owner.Post($"{crew.Api}/users/{person.Id}/suspend") : await owner.Delete($"{crew.Api}/users/{person.Id}")).Expect(204);
            foreach (var (method, path, _) in Routes(app, crew.Slug, person.Id)) Assert.Equal(404, (await Try(visitor, method, path)).Status);
            // The account itself is not touched, and no product hears of the workspace.
            Assert.Empty((await visitor.Get("/api/v1/session")).Expect(200).Json.GetProperty("workspaces").EnumerateArray());
            Assert.Equal("none", (await visitor.Get("/forward-auth")).Header("Holdfast-Workspaces"));
            (await visitor.Post($"{crew.Api}/users/{person.Id}/reactivate")).Expect(404);
        }
    }

    [Theory, Engines]
    public async Task An_admin_cannot_touch_an_owner_nor_become_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, admin, member) = (await crew.Add("owner"), await crew.Add("admin"), await crew.Add("member"));
        var visitor = await app.SignedIn(admin);
        (await visitor.Post($"{crew.Api}/users/{owner.Id}/suspend")).Expect(403, "role.above_yours");
        (await visitor.Post($"{crew.Api}/users/{owner.Id}/sign-out")).Expect(403, "role.above_yours");
        (await visitor.Delete($"{crew.Api}/users/{owner.Id}")).Expect(403, "role.above_yours");
        (await visitor.Patch($"{crew.Api}/users/{owner.Id}", new { role = "member" })).Expect(403, "role.above_yours");
        (await visitor.Patch($"{crew.Api}/users/{owner.Id}", new { name = "Somebody" })).Expect(403, "role.above_yours");
        (await visitor.Patch($"{crew.Api}/users/{admin.Id}", new { role = "owner" })).Expect(403, "role.owner_is_handed_over");
        (await visitor.Patch($"{crew.Api}/users/{member.Id}", new { role = "owner" })).Expect(403, "role.owner_is_handed_over");
        (await visitor.Post($"{crew.Api}/hand-over", new { email = admin.Email })).Expect(403, "ownership.owners_only");
        (await visitor.Post($"{crew.Api}/roles", new { name = "All", permissions = Permission.All })).Expect(403, "workspace.not_allowed");
        foreach (var act in new[] { "edit", "suspend", "remove", "sign-out" }) Assert.Equal(403, (await visitor.Get($"{crew.Page}/users/{owner.Id}/{act}")).Status);
        Assert.Equal("owner", (await crew.Membership(owner))!.Role);
        Assert.Equal("admin", (await crew.Membership(admin))!.Role);
        // Not even an owner gives ownership away without handing over.
        (await (await app.SignedIn(owner)).Patch($"{crew.Api}/users/{member.Id}", new { role = "owner" })).Expect(403, "role.owner_is_handed_over");
    }

    [Theory, Engines]
    public async Task Nobody_grants_more_than_they_have(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        await crew.Add("owner");
        var (small, keys) = (await crew.Role("Small", Permission.UsersView, Permission.UsersEdit, Permission.SettingsEdit), await crew.Role("Keys", Permission.ApiKeysManage));
        var (me, member, keeper) = (await crew.Add(small), await crew.Add("member"), await crew.Add(keys));
        var visitor = await app.SignedIn(me);
        Task<Answer> Put(string role, params string[] permissions) => visitor.Send(HttpMethod.Put, $"{crew.Api}/roles/{role}", Visitor.Json(new { name = "Other", permissions }));
        (await visitor.Post($"{crew.Api}/roles", new { name = "Bigger", permissions = new[] { Permission.UsersView, Permission.ApiKeysManage } })).Expect(403, "role.more_than_yours");
        // One's own role grows no more than others' do, and nobody takes away what they do not have.
        (await Put(small, Permission.UsersView, Permission.UsersEdit, Permission.SettingsEdit, Permission.UsersRecover)).Expect(403, "role.more_than_yours");
        (await Put(keys, Permission.UsersView)).Expect(403, "role.more_than_yours");
        (await visitor.Delete($"{crew.Api}/roles/{keys}")).Expect(403, "role.more_than_yours");
        (await visitor.Patch($"{crew.Api}/users/{me.Id}", new { role = keys })).Expect(403, "role.more_than_yours");
        (await visitor.Patch($"{crew.Api}/users/{member.Id}", new { role = "admin" })).Expect(403, "role.above_yours");
        (await visitor.Delete($"{crew.Api}/users/{keeper.Id}")).Expect(403, "role.above_yours");
        // A role of another workspace is none here.
        var foreign = await (await Crew.Found(app, "Harbour Co-op")).Role("Small", Permission.UsersView);
        (await visitor.Patch($"{crew.Api}/users/{member.Id}", new { role = foreign })).Expect(404, "role.unknown");
        (await visitor.Patch($"{crew.Api}/users/{member.Id}", new { role = small })).Expect(204);
    }

    [Theory, Engines]
    public async Task Of_two_owners_who_demote_each_other_at_once_one_stays(string engine)
    {
        await using var app = await TestApp.Start(engine);
        for (var round = 0; round < 4; round++)
        {
            var crew = await Crew.Found(app, $"Workspace {round}");
            var (a, b) = (await crew.Add("owner"), await crew.Add("owner"));
            var (first, second) = (await app.SignedIn(a), await app.SignedIn(b));
            // Each demotes the other and itself, and leaves: whatever comes first, an owner has to be left.
            await Task.WhenAll(
                first.Patch($"{crew.Api}/users/{b.Id}", new { role = "member" }), second.Patch($"{crew.Api}/users/{a.Id}", new { role = "member" }),
                first.Patch($"{crew.Api}/users/{a.Id}", new { role = "admin" }), second.Patch($"{crew.Api}/users/{b.Id}", new { role = "admin" }),
                first.Post($"{crew.Api}/leave"), second.Post($"{crew.Api}/leave"), first.Delete($"{crew.Api}/users/{b.Id}"), second.Post($"{crew.Api}/users/{a.Id}/suspend"));
            var left = new[] { await crew.Membership(a), await crew.Membership(b) };
            Assert.Contains(left, m => m is { Role: "owner", SuspendedAt: null });
        }
    }

    [Theory, Engines]
    public async Task The_last_owner_is_neither_demoted_nor_removed_nor_leaves(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (a, b) = (await crew.Add("owner"), await crew.Add("owner"));
        var (first, second) = (await app.SignedIn(a), await app.SignedIn(b));
        // An owner who is suspended does not count.
        (await first.Post($"{crew.Api}/users/{b.Id}/suspend")).Expect(204);
        (await first.Patch($"{crew.Api}/users/{a.Id}", new { role = "admin" })).Expect(409, "role.last_owner");
        (await first.Post($"{crew.Api}/leave")).Expect(409, "role.last_owner");
        (await second.Post($"{crew.Api}/leave")).Expect(404);
        (await first.Delete($"{crew.Api}/users/{b.Id}")).Expect(204);
        (await first.Delete($"{crew.Api}/users/{a.Id}")).Expect(409, "user.yourself");
        Assert.Equal("owner", (await crew.Membership(a))!.Role);
    }

    [Theory, Engines]
    public async Task A_demotion_that_waits_behind_another_looks_again_at_who_asks(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, admin, member) = (await crew.Add("owner"), await crew.Add("admin"), await crew.Add("member"));
        var visitor = await app.SignedIn(admin);
        await visitor.Get("/api/v1/session");
        var (held, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        // The admin is being demoted; the transaction is not through yet, and no memory knows of it.
        var demotion = app.Db.Write(async tx =>
        {
            await WorkspaceTable.Hold(tx, crew.Id);
            await MemberTable.SetRole(tx, crew.Id, admin.Id, "member");
            held.TrySetResult();
            await goOn.Task;
            return 0;
        });
        await held.Task;
        var late = visitor.Delete($"{crew.Api}/users/{member.Id}");
        await Task.Delay(200);
        goOn.SetResult();
        await demotion;
        (await late).Expect(403, "workspace.not_allowed");
        Assert.NotNull(await crew.Membership(member));
        Assert.NotNull(await crew.Membership(owner));
    }

    [Theory, Engines]
    public async Task An_admin_cannot_sign_out_who_runs_the_server(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (admin, person) = (await crew.Add("admin"), await crew.Add("member"));
        await app.Db.Write(tx => Holdfast.Features.Accounts.AccountTable.MakeOperator(tx, person.Id, app.Now));
        (await (await app.SignedIn(admin)).Post($"{crew.Api}/users/{person.Id}/sign-out")).Expect(403, "user.of_operator");
    }
}
