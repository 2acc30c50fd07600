using System.Security.Cryptography;
using System.Text;
using Holdfast.Features.ApiKeys;
using Holdfast.Tests.Features;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Features.ApiKeyTests;

namespace Holdfast.Tests.Attacks;

public sealed class ApiKeyAttacksTests
{
    [Theory, Engines]
    public async Task A_key_opens_its_own_workspace_and_neither_accounts_nor_operators_nor_pages(string engine)
    {
        await using var app = await TestApp.Start(engine);
        // The maker runs the product, too: the key does not.
        var (greta, visitor) = await app.SetUp();
        var (crew, other) = (await Crew.Found(app), await Crew.Found(app, "Harbour Co-op"));
        await crew.Join(greta, "owner");
        await other.Join(greta, "owner");
        var program = Program(app, await Make(crew, visitor, [.. ApiScope.All]));
        (await program.Get($"{crew.Api}/users")).Expect(200);
        Assert.Equal("request.not_found", (await program.Get($"{other.Api}/users")).Expect(404).Code);
        Assert.Equal("request.not_found", (await program.Get("/api/v1/workspaces/nowhere/users")).Expect(404).Code);
        foreach (var path in new[] { "/api/v1/session", "/api/v1/sessions", "/api/v1/activity", "/api/v1/me/applications", "/api/v1/workspaces", crew.Api, $"{crew.Api}/two-factor", $"{crew.Api}/api-keys", "/api/v1/operator/cases", "/api/v1/operator/audit-log", "/account/security", "/operator", $"{crew.Page}/users" })
        {
            var answer = (await program.Get(path)).Expect(403);
            if (path.StartsWith("/api", StringComparison.Ordinal)) Assert.Equal("api_key.not_here", answer.Code);
        }
        var member = await crew.Add("member");
        (await program.Post($"{crew.Api}/api-keys", new { name = "Another", scopes = new[] { "users.read" }, days = 1 })).Expect(403);
        (await program.Patch($"{crew.Api}/users/{member.Id}", new { role = "owner" })).Expect(403);
        (await program.Post($"{crew.Api}/users/{member.Id}/suspend")).Expect(403);
        (await program.Delete($"{crew.Api}/users/{member.Id}")).Expect(403);
        (await program.Post("/api/v1/password", new { currentPassword = "x", newPassword = "y" })).Expect(403);
        // A cookie beside the key adds nothing, and the key adds nothing to the cookie.
        var both = visitor.Copy();
        both.Headers["Authorization"] = program.Headers["Authorization"];
        (await both.Get("/api/v1/operator/cases")).Expect(403);
        (await both.Get($"{other.Api}/users")).Expect(404);
        // To what is open to strangers it is nobody.
        Assert.Equal(401, (await program.Get("/forward-auth")).Status);
    }

    [Theory, Engines]
    public async Task A_key_counts_in_its_header_and_nowhere_else(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var key = await Make(crew, await app.SignedIn(await crew.Add("owner")), ApiScope.UsersRead);
        async Task<int> Try(Action<Visitor> show, string query = "")
        {
            var visitor = app.Visitor();
            show(visitor);
            return (await visitor.Get($"{crew.Api}/users{query}")).Status;
        }

        Assert.Equal(200, await Try(v => v.Headers["Authorization"] = $"bearer {key}"));
        Assert.Equal(401, await Try(v => v.Cookies[Visitor.SessionCookie] = key));
        Assert.Equal(401, await Try(v => v.Cookies[Visitor.SessionCookie] = key[7..50]));
        Assert.Equal(401, await Try(_ => { }, $"?access_token={key}&api_key={key}&key={key}"));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"key:{key}"))}"));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = key));
        Assert.Equal(401, await Try(v => v.Headers["X-Api-Key"] = key));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = $"Bearer {key}, Bearer {key}"));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = $"Bearer {key[..^1]}"));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = $"Bearer {key}0"));
        Assert.Equal(401, await Try(v => v.Headers["Authorization"] = $"Bearer {key.ToUpperInvariant()}"));
        // A page of another site that has the key is not let in either.
        var foreign = Program(app, key);
        foreign.Headers["Sec-Fetch-Site"] = "cross-site";
        (await foreign.Post($"{crew.Api}/invitations", new { invitations = Array.Empty<object>() })).Expect(403);
        var refused = await Program(app, Forged()).Get($"{crew.Api}/users");
        Assert.StartsWith("Bearer", refused.Expect(401).Header("WWW-Authenticate"));
    }

    [Theory, Engines]
    public async Task A_key_does_not_do_what_it_was_not_made_for(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, admin, member) = (await crew.Add("owner"), await crew.Add("admin"), await crew.Add("member"));
        var there = await app.SignedIn(owner);
        var reader = Program(app, await Make(crew, there, ApiScope.UsersRead));
        Assert.Equal("api_key.scope_missing", (await reader.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "a@b.example" } } })).Expect(403).Code);
        Assert.Equal("api_key.scope_missing", (await reader.Get($"{crew.Api}/audit-log")).Expect(403).Code);
        Assert.Equal("api_key.scope_missing", (await reader.Post($"{crew.Api}/users/{member.Id}/password-recovery")).Expect(403).Code);
        // However high its maker stands, it stands with members: it touches and makes nobody with power.
        var helper = Program(app, await Make(crew, there, ApiScope.UsersInvite, ApiScope.UsersRecover));
        foreach (var person in new[] { owner, admin }) Assert.Equal("role.above_yours", (await helper.Post($"{crew.Api}/users/{person.Id}/password-recovery")).Expect(403).Code);
        var acting = await crew.Role("Editors", "users.edit");
        foreach (var role in new[] { "owner", "admin", acting })
        {
            var result = (await helper.Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = "a@b.example", role } } })).Expect(200).Json.GetProperty("results")[0];
            Assert.Equal("refused", result.GetProperty("outcome").GetString());
        }
        // Nor is a key made with more than its maker has.
        var keeper = await app.SignedIn(await crew.Add(await crew.Role("Keepers", "apikeys.manage", "users.view")));
        (await keeper.Post($"{crew.Api}/api-keys", new { name = "Mine", scopes = new[] { "users.read" }, days = 1 })).Expect(201);
        Assert.Equal("api_key.more_than_yours", (await keeper.Post($"{crew.Api}/api-keys", new { name = "Mine", scopes = new[] { "users.read", "users.invite" }, days = 1 })).Expect(403).Json.GetProperty("errors")[0].GetProperty("code").GetString());
        (await (await app.SignedIn(member)).Post($"{crew.Api}/api-keys", new { name = "Mine", scopes = new[] { "users.read" }, days = 1 })).Expect(403);
        (await (await app.SignedIn(member)).Get($"{crew.Api}/api-keys")).Expect(403);
        // Making and revoking want a proof.
        var id = (await there.Get($"{crew.Api}/api-keys")).Json[0].GetProperty("id").GetString();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("step_up.required", (await there.Post($"{crew.Api}/api-keys", new { name = "Mine", scopes = new[] { "users.read" }, days = 1 })).Expect(403).Code);
        Assert.Equal("step_up.required", (await there.Delete($"{crew.Api}/api-keys/{id}")).Expect(403).Code);
        // Somebody of another workspace finds no key here.
        var other = await Crew.Found(app, "Harbour Co-op");
        var stranger = await app.SignedIn(await other.Add("owner"));
        (await stranger.Delete($"{crew.Api}/api-keys/{id}")).Expect(404);
        (await stranger.Delete($"{other.Api}/api-keys/{id}")).Expect(404);
        (await reader.Get($"{crew.Api}/users")).Expect(200);
    }

    [Theory, Engines]
    public async Task A_key_stops_with_its_end_and_when_its_maker_may_no_longer(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        await crew.Add("owner");
        var admin = await crew.Add("admin");
        var program = Program(app, await Make(crew, await app.SignedIn(admin), ApiScope.UsersRead));
        async Task<string> Say() => await program.Get($"{crew.Api}/users") is { Status: >= 400 } refused ? refused.Code! : "ok";
        Assert.Equal("ok", await Say());

        var who = new { w = crew.Id, a = admin.Id, now = app.Now.ToUnixTimeMilliseconds() };
        await Change(app, "UPDATE members SET role = 'member' WHERE workspace_id = @w AND account_id = @a", who);
        Assert.Equal("api_key.maker_gone", await Say());
        var halfway = await crew.Role("Keepers", "apikeys.manage");
        await Change(app, "UPDATE members SET role = @halfway WHERE workspace_id = @w AND account_id = @a", new { halfway, who.w, who.a });
        Assert.Equal("workspace.not_allowed", await Say());
        await Change(app, "UPDATE members SET role = 'admin' WHERE workspace_id = @w AND account_id = @a", who);
        Assert.Equal("ok", await Say());
        await Change(app, "UPDATE members SET suspended_at = @now WHERE workspace_id = @w AND account_id = @a", who);
        Assert.Equal("api_key.maker_gone", await Say());
        await Change(app, "UPDATE members SET suspended_at = NULL WHERE workspace_id = @w AND account_id = @a", who);
        await Change(app, "UPDATE accounts SET suspended_at = @now WHERE id = @a", who);
        Assert.Equal("api_key.maker_gone", await Say());
        await Change(app, "UPDATE accounts SET suspended_at = NULL WHERE id = @a", who);
        Assert.Equal("ok", await Say());

        // Whoever leaves and comes back begins without the keys of before.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        (await (await app.SignedIn(admin)).Post($"{crew.Api}/leave")).Expect(204);
        Assert.Equal("api_key.maker_gone", await Say());
        await crew.Join(admin, "admin");
        Assert.Equal("api_key.maker_gone", await Say());

        var fresh = Program(app, await Make(crew, await app.SignedIn(admin), ApiScope.UsersRead));
        app.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        (await fresh.Get($"{crew.Api}/users")).Expect(200);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("api_key.ended", (await fresh.Get($"{crew.Api}/users")).Expect(401).Code);
    }

    [Theory, Engines]
    public async Task Whoever_has_to_set_up_two_factor_first_has_no_program_that_does_more(string engine)
    {
        await using var database = await TestDatabase.Make(engine);
        (Crew Crew, string Key) made;
        await using (var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RequiredForRoles"] = "none" }, database: database))
        {
            var crew = await Crew.Found(app);
            made = (crew, await Make(crew, await app.SignedIn(await crew.Add("owner")), ApiScope.UsersRead));
            (await Program(app, made.Key).Get($"{crew.Api}/users")).Expect(200);
        }
        await using (var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["TwoFactor:RequiredForRoles"] = "owner", ["TwoFactor:GraceDays"] = "0" }, database: database))
        {
            Assert.Equal("api_key.maker_gone", (await Program(app, made.Key).Get($"{made.Crew.Api}/users")).Expect(401).Code);
        }
    }

    [Theory, Engines]
    public async Task A_key_that_is_revoked_while_it_works_does_nothing_afterwards_on_any_node(string engine)
    {
        await using var app = await TestApp.Start(engine);
        await using var second = app.Database.IsPostgres ? await TestApp.Start(engine, database: app.Database) : null;
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        for (var round = 0; round < 3; round++)
        {
            var key = await Make(crew, owner, ApiScope.UsersInvite);
            var id = (await owner.Get($"{crew.Api}/api-keys")).Json[0].GetProperty("id").GetString()!;
            Visitor[] programs = [Program(app, key), Program(second ?? app, key)];
            var calls = Enumerable.Range(0, 16).Select(i => programs[i % 2].Post($"{crew.Api}/invitations", new { invitations = new[] { new { email = $"p{round}-{i}@b.example" } } })).ToList();
            (await owner.Delete($"{crew.Api}/api-keys/{id}")).Expect(204);
            var sent = await Sent(app, crew);
            foreach (var program in programs) Assert.Equal("api_key.revoked", (await program.Get($"{crew.Api}/invitations")).Expect(401).Code);
            Assert.All(await Task.WhenAll(calls), answer => Assert.Contains(answer.Status, new[] { 200, 401 }));
            Assert.Equal(sent, await Sent(app, crew));
        }
    }

    [Theory, Engines]
    public async Task Guessing_keys_is_slowed_down_and_stops_nobody_elses_program(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["SignIn:NetworkLimit"] = "5" });
        var crew = await Crew.Found(app);
        var key = await Make(crew, await app.SignedIn(await crew.Add("owner")), ApiScope.UsersRead);
        // What is no key at all is told without a look.
        for (var i = 0; i < 10; i++) Assert.Equal("api_key.unknown", (await Program(app, $"hf_key_{i}").Get($"{crew.Api}/users")).Expect(401).Code);
        for (var i = 0; i < 5; i++) Assert.Equal("api_key.unknown", (await Program(app, Forged()).Get($"{crew.Api}/users")).Expect(401).Code);
        var stopped = (await Program(app, Forged()).Get($"{crew.Api}/users")).Expect(429);
        Assert.Equal("api_key.network_wait", stopped.Code);
        Assert.True(int.Parse(stopped.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        (await Program(app, key).Get($"{crew.Api}/users")).Expect(200);
    }

    [Theory, Engines]
    public async Task A_key_is_in_no_log_and_in_no_table(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        var key = await Make(crew, owner, ApiScope.UsersRead);
        var program = Program(app, key);
        (await program.Get($"{crew.Api}/users")).Expect(200);
        (await program.Get("/api/v1/sessions")).Expect(403);
        (await program.Get($"{crew.Api}/users?limit=x")).Expect(400);
        await app.Get<KeyUses>().Write();
        await app.Letters("nobody@b.example");
        var secret = key[7..50];
        Assert.DoesNotContain(secret, app.Logs.Everything, StringComparison.Ordinal);
        foreach (var (table, columns) in new[] { ("api_keys", "name || begins_with || scopes"), ("audit_personal", "details"), ("audit_entries", "data") })
        {
            Assert.DoesNotContain(secret, string.Join('\n', await app.Db.Read(tx => tx.Many<string>($"SELECT {columns} FROM {table}"))), StringComparison.Ordinal);
        }
        // Its plain hash is not there either: whoever has the table alone cannot even recognise one that was found elsewhere.
        var plain = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        Assert.Equal(0, await app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM api_keys WHERE secret_hash = @plain", new { plain })));
    }

    private static Task<long> Sent(TestApp app, Crew crew) => app.Db.Read(tx => tx.Count("SELECT COUNT(*) FROM invitations WHERE workspace_id = @Id", new { crew.Id }));

    /// <summary>A key that looks right, check sum and all.</summary>
    private static string Forged() => ApiKeyText.New();
}
