using System.Text.Json;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Features;

public sealed class ApiKeyTests
{
    [Theory, Engines]
    public async Task A_key_does_what_it_was_made_for_and_says_when_it_was_last_used(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, member) = (await crew.Add("owner"), await crew.Add("member", name: "Rosa Delgado"));
        var there = await app.SignedIn(owner);
        var made = (await there.Post($"{crew.Api}/api-keys", new { name = "Night export", scopes = ApiScope.All, days = 30 })).Expect(201).Json;
        var text = made.GetProperty("key").GetString()!;
        Assert.Matches("^hf_key_[A-Za-z0-9_-]{43}[0-9a-f]{6}$", text);
        var program = Program(app, text);

        var current = (await program.Get($"{crew.Api}/api-keys/current")).Expect(200).Json;
        Assert.Equal(("Night export", crew.Id), (current.GetProperty("name").GetString(), current.GetProperty("workspaceId").GetString()));
        Assert.Equal(["users.view", "users.invite", "users.recover", "reporting.view"], current.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));
        Assert.Contains("Rosa Delgado", (await program.Get($"{crew.Api}/users")).Expect(200).Body, StringComparison.Ordinal);
        (await program.Get($"{crew.Api}/users/{member.Id}")).Expect(200);
        (await program.Get($"{crew.Api}/users/{member.Id}/events")).Expect(200);
        (await program.Get($"{crew.Api}/roles")).Expect(200);
        (await program.Get($"{crew.Api}/audit-log")).Expect(200);
        (await program.Get($"{crew.Api}/reporting")).Expect(200);
        (await program.Post($"{crew.Api}/users/{member.Id}/password-recovery")).Expect(204);
        // Without the header against forgery: there is no cookie that a foreign page could lean on.
        var invited = (await program.Send(HttpMethod.Post, $"{crew.Api}/invitations", Visitor.Json(new { invitations = new[] { new { email = "new@almondbirch.example" } } }), request => request.Headers.Remove("X-Holdfast-Request"))).Expect(200);
        Assert.Equal("invited", invited.Json.GetProperty("results")[0].GetProperty("outcome").GetString());
        Assert.Contains("Reset Password", (await app.Letters(member.Email)).Select(letter => letter.Subject));

        await app.Get<KeyUses>().Write();
        Assert.Empty((await there.Get("/api/v1/me/unusual")).Expect(200).Json.EnumerateArray());
        var listed = (await there.Get($"{crew.Api}/api-keys")).Expect(200);
        var only = listed.Json.EnumerateArray().Single();
        Assert.Equal((text[..11], true), (only.GetProperty("beginsWith").GetString(), only.GetProperty("works").GetBoolean()));
        Assert.Equal(app.Now, only.GetProperty("lastUsedAt").GetDateTimeOffset());
        Assert.Equal("127.0.0.1", only.GetProperty("lastUsedFrom").GetString());
        Assert.DoesNotContain(text[11..], listed.Body, StringComparison.Ordinal);

        // What it did stands in the log under its maker and with its id.
        var id = made.GetProperty("id").GetString()!;
        foreach (var kind in new[] { AuditKind.InvitationSent, AuditKind.RecoveryStarted })
        {
            var (actor, data) = await app.Db.Read(async tx => (await tx.One<string>("SELECT actor_id FROM audit_entries WHERE kind = @kind", new { kind }), await tx.One<string>("SELECT data FROM audit_entries WHERE kind = @kind", new { kind })));
            Assert.Equal(owner.Id, actor);
            Assert.Contains($"\"apiKey\":\"{id}\"", data, StringComparison.Ordinal);
        }
        (await there.Delete($"{crew.Api}/api-keys/{id}")).Expect(204);
        Assert.Equal("api_key.revoked", (await program.Get($"{crew.Api}/users")).Expect(401).Code);
        (await there.Delete($"{crew.Api}/api-keys/{id}")).Expect(404);
        Assert.Equal([AuditKind.ApiKeyMade, AuditKind.ApiKeyRevoked], (await there.Activity()).Where(kind => kind.StartsWith("api_key", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory, Engines]
    public async Task A_key_from_a_network_that_is_new_to_it_is_shown_to_its_maker_and_the_admins_once_a_day(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Proxy:Addresses"] = "127.0.0.1" });
        var crew = await Crew.Found(app);
        var maker = await crew.Add("owner");
        var elsewhere = await Crew.Found(app, "Harbour Co-op");
        await elsewhere.Join(maker, "member");
        var stranger = await elsewhere.Add("owner");
        var (owner, admin) = (await app.SignedIn(maker, keep: true), await app.SignedIn(await crew.Add("admin"), keep: true));
        var text = (await owner.Post($"{crew.Api}/api-keys", new { name = "Night export", scopes = ApiScope.All, days = 300 })).Expect(201).Json.GetProperty("key").GetString()!;
        async Task<int> Use(string address)
        {
            var program = Program(app, text);
            program.ForwardedFor = address;
            (await program.Get($"{crew.Api}/users")).Expect(200);
            await app.Get<KeyUses>().Write();
            return (await owner.Get("/api/v1/me/unusual")).Expect(200).Json.GetArrayLength();
        }
        Assert.Equal(0, await Use("203.0.113.7"));
        // The same network, another machine.
        Assert.Equal(0, await Use("203.0.113.200"));
        Assert.Equal(1, await Use("198.51.100.4"));
        Assert.Equal(1, await Use("198.51.100.9"));
        // Another new one on the same day waits for the next.
        Assert.Equal(1, await Use("192.0.2.1"));
        app.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, await Use("192.0.2.1"));
        app.Clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(3, await Use("2001:db8:1::5"));
        Assert.Equal(3, await Use("2001:db8:1:ffff::5"));

        var found = (await owner.Get("/api/v1/me/unusual")).Json.EnumerateArray().ToList();
        Assert.All(found, e => Assert.Equal("key_network", e.GetProperty("kind").GetString()));
        Assert.Contains("“Night export” was used from a network that is new to it", (await owner.Open("/account/unusual")).Text, StringComparison.Ordinal);
        Assert.Contains("An API key was used from a new network", (await admin.Open($"{crew.Page}/unusual")).Text, StringComparison.Ordinal);
        // Another workspace of the maker's has nothing to do with it.
        Assert.Empty((await (await app.SignedIn(stranger)).Get($"{elsewhere.Api}/unusual")).Expect(200).Json.GetProperty("items").EnumerateArray());
        // What is kept of a network names none.
        Assert.DoesNotContain("203.0.113", await app.Db.Read(tx => tx.One<string>("SELECT networks FROM api_keys")) ?? "", StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Its_maker_hears_a_week_before_it_ends_and_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (owner, gone) = (await crew.Add("owner"), await crew.Add("admin"));
        foreach (var (person, days) in new[] { (owner, 300), (owner, 10), (gone, 300) })
        {
            (await (await app.SignedIn(person)).Post($"{crew.Api}/api-keys", new { name = $"For {days} days", scopes = ApiScope.All, days })).Expect(201);
        }
        (await (await app.SignedIn(gone)).Post($"{crew.Api}/leave")).Expect(204);
        var remind = app.Get<RemindOfKeys>();
        foreach (var days in new[] { 0, 8, 284, 1, 0, 3 })
        {
            app.Clock.Advance(TimeSpan.FromDays(days));
            await remind.RunDue(CancellationToken.None);
        }
        var letter = Assert.Single(await app.Letters(owner.Email), l => l.Subject == "Your API key in Almond & Birch ends soon");
        Assert.Contains("“For 300 days”", letter.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await app.Letters(gone.Email), l => l.Subject.Contains("ends soon", StringComparison.Ordinal));
    }

    [Theory, Engines]
    public async Task A_program_that_runs_wild_is_told_to_wait_and_what_is_left_to_it(string engine)
    {
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["ApiKeys:PerMinute"] = "10" });
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        async Task<string> Make(string name) => (await owner.Post($"{crew.Api}/api-keys", new { name, scopes = ApiScope.All, days = 1 })).Expect(201).Json.GetProperty("key").GetString()!;
        var (wild, calm) = (await Make("Wild"), await Make("Calm"));
        Task<Answer> Ask(string key, string path)
        {
            var program = app.Visitor();
            program.Headers["Authorization"] = $"Bearer {key}";
            return program.Get(path);
        }
        // At the first second of a minute.
        app.Clock.Advance(TimeSpan.FromSeconds(60 - app.Now.ToUnixTimeSeconds() % 60));
        var first = (await Ask(wild, $"{crew.Api}/api-keys/current")).Expect(200);
        Assert.Equal(("\"api-key\";q=10;w=60", "\"api-key\";r=9;t=60"), (first.Header("RateLimit-Policy"), first.Header("RateLimit")));
        // What is refused is work as well.
        Assert.Equal("\"api-key\";r=8;t=60", (await Ask(wild, "/api/v1/workspaces/elsewhere/users")).Expect(404).Header("RateLimit"));
        app.Clock.Advance(TimeSpan.FromSeconds(19));
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Ask(wild, $"{crew.Api}/users")));
        Assert.Equal(8, answers.Count(answer => answer.Status == 200));
        foreach (var answer in answers.Where(answer => answer.Status != 200))
        {
            answer.Expect(429, "request.too_many");
            Assert.Equal(("41", "\"api-key\";r=0;t=41"), (answer.Header("Retry-After"), answer.Header("RateLimit")));
        }
        (await Ask(calm, $"{crew.Api}/users")).Expect(200);
        (await owner.Get($"{crew.Api}/users")).Expect(200);
        app.Clock.Advance(TimeSpan.FromSeconds(41));
        (await Ask(wild, $"{crew.Api}/users")).Expect(200);
        // Nothing to learn for somebody who has none.
        Assert.Null((await Ask(wild[..^1] + (wild[^1] == '0' ? '1' : '0'), $"{crew.Api}/users")).Expect(401).Header("RateLimit"));
    }

    [Theory, Engines]
    public async Task What_ended_after_the_first_look_ends_in_the_transaction(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var owner = await crew.Add("owner");
        var text = (await (await app.SignedIn(owner)).Post($"{crew.Api}/api-keys", new { name = "Short", scopes = ApiScope.All, days = 1 })).Expect(201).Json.GetProperty("key").GetString()!;
        var actor = (await app.Get<CheckApiKey>().Run(text, crew.Slug, ApiScope.UsersRead, Holdfast.Web.Client.Server)).Actor.Value;
        Assert.True((await app.Db.Write(tx => actor.Again(tx, Holdfast.Features.Workspaces.Permission.UsersView))).Ok);
        app.Clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal("api_key.ended", (await app.Db.Write(tx => actor.Again(tx, Holdfast.Features.Workspaces.Permission.UsersView))).Refusal!.Code);
    }

    [Theory, Engines]
    public async Task The_page_asks_for_a_proof_keeps_what_was_typed_and_shows_the_key_once(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var crew = await Crew.Found(app);
        var (admin, owner) = (await crew.Add("admin", name: "Jonas Weidner"), await crew.Add("owner"));
        var visitor = await app.SignedIn(admin);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var page = await visitor.Open($"{crew.Page}/api-keys/new");
        using var form = new FormUrlEncodedContent([new("name", "Night export"), new("scopes", "users.read"), new("days", "90"), new("form_token", page.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!)]);
        var asked = (await visitor.Send(HttpMethod.Post, $"{crew.Page}/api-keys/new", form)).Expect(302);
        Assert.StartsWith("/step-up", asked.Location);
        (await visitor.StepUp(admin.Password)).Expect(200);
        page = await visitor.Open($"{crew.Page}/api-keys/new");
        using var again = new FormUrlEncodedContent([new("name", "Night export"), new("scopes", "users.read"), new("days", "90"), new("form_token", page.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!)]);
        var shown = (await visitor.Send(HttpMethod.Post, $"{crew.Page}/api-keys/new", again)).Expect(200);
        var text = System.Text.RegularExpressions.Regex.Match(shown.Body, "hf_key_[A-Za-z0-9_-]{43}[0-9a-f]{6}", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(1)).Value;
        Assert.NotEmpty(text);
        Assert.Contains("no-store", shown.Header("Cache-Control"), StringComparison.Ordinal);
        (await Program(app, text).Get($"{crew.Api}/users")).Expect(200);
        var list = await visitor.Get($"{crew.Page}/api-keys");
        Assert.Contains(text[..11], list.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(text[..15], list.Body, StringComparison.Ordinal);
        // Whoever may manage keys hears of it, the maker too.
        foreach (var to in new[] { admin.Email, owner.Email }) Assert.Contains("A new API key in Almond & Birch", (await app.Letters(to)).Select(letter => letter.Subject));
        Assert.DoesNotContain(text, string.Join('\n', (await app.Letters(owner.Email)).Select(letter => letter.Text)), StringComparison.Ordinal);

        var id = (await visitor.Get($"{crew.Api}/api-keys")).Json[0].GetProperty("id").GetString();
        var revoker = await app.SignedIn(owner);
        var confirm = await revoker.Open($"{crew.Page}/api-keys/{id}/revoke");
        using var yes = new FormUrlEncodedContent([new("form_token", confirm.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!)]);
        (await revoker.Send(HttpMethod.Post, $"{crew.Page}/api-keys/{id}/revoke", yes)).Expect(302);
        (await Program(app, text).Get($"{crew.Api}/users")).Expect(401);
        Assert.Contains("Your API key in Almond & Birch was revoked", (await app.Letters(admin.Email)).Select(letter => letter.Subject));
    }

    [Fact]
    public async Task The_settings_say_how_long_a_key_may_live_and_what_is_asked_for_is_looked_at()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["ApiKeys:LongestDays"] = "60" });
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        async Task<string?> Make(object body) => (await owner.Post($"{crew.Api}/api-keys", body)) is { Status: >= 400 } refused ? refused.Json.GetProperty("code").GetString() == "request.invalid" ? refused.Json.GetProperty("errors")[0].GetProperty("code").GetString() : refused.Code : null;
        Assert.Null(await Make(new { name = "One", scopes = new[] { "users.read" }, days = 60 }));
        foreach (var days in new int?[] { 61, 0, -1, null }) Assert.Equal("request.range", await Make(new { name = "One", scopes = new[] { "users.read" }, days }));
        Assert.Equal("api_key.scope_unknown", await Make(new { name = "One", scopes = new[] { "users.edit" }, days = 1 }));
        Assert.Equal("api_key.scope_empty", await Make(new { name = "One", scopes = Array.Empty<string>(), days = 1 }));
        Assert.Equal("form.required", await Make(new { name = " ", scopes = new[] { "users.read" }, days = 1 }));
        for (var i = 1; i < ApiKey.Most; i++) Assert.Null(await Make(new { name = $"{i}", scopes = new[] { "users.read" }, days = 1 }));
        Assert.Equal("api_key.too_many", await Make(new { name = "More", scopes = new[] { "users.read" }, days = 1 }));
    }

    [Fact]
    public async Task Routes_that_keys_may_use_are_these_and_no_others()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite, new Dictionary<string, string?> { ["ApiKeys:LongestDays"] = "0" });
        var open = app.Get<Microsoft.AspNetCore.Routing.EndpointDataSource>().Endpoints.OfType<Microsoft.AspNetCore.Routing.RouteEndpoint>()
            .Select(e => (Route: $"{e.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()?.HttpMethods[0]} {e.RoutePattern.RawText!.TrimStart('/')}", e.Metadata.GetMetadata<OpenToKeysAttribute>()?.Scope)).Where(e => e.Scope is not null).Select(e => $"{e.Route} {e.Scope}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        const string Base = "api/v1/workspaces/{workspace}";
        string[] expected =
        [
            $"DELETE {Base}/invitations/{{id}} users.invite", $"GET {Base}/api-keys/current ", $"GET {Base}/audit-log audit.read", $"GET {Base}/invitations/ users.invite", $"GET {Base}/roles users.read", $"GET {Base}/users/ users.read",
            $"GET {Base}/users/{{id}} users.read", $"GET {Base}/users/{{id}}/events users.read", $"POST {Base}/invitations/ users.invite", $"POST {Base}/users/{{id}}/password-recovery users.recover",
            .. new[] { "", "without-two-factor", "new-devices", "api-keys", "applications", "{table}.csv" }.Select(path => $"GET {Base}/reporting/{path} reporting.read"),
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), open);
        // Where the settings allow it a key may have no end.
        var crew = await Crew.Found(app);
        var owner = await app.SignedIn(await crew.Add("owner"));
        Assert.False((await owner.Post($"{crew.Api}/api-keys", new { name = "For good", scopes = new[] { "users.read" } })).Expect(201).Json.TryGetProperty("endsAt", out var end) && end.ValueKind != JsonValueKind.Null);
    }

    /// <summary>A program with a key, without a cookie.</summary>
    internal static Visitor Program(TestApp app, string key)
    {
        var program = app.Visitor("night-export/1.0");
        program.Headers["Authorization"] = $"Bearer {key}";
        return program;
    }

    internal static async Task<string> Make(Crew crew, Visitor maker, params string[] scopes) =>
        (await maker.Post($"{crew.Api}/api-keys", new { name = "Night export", scopes, days = 30 })).Expect(201).Json.GetProperty("key").GetString()!;

    internal static Task<int> Change(TestApp app, string sql, object args) => app.Db.Write(tx => tx.Execute(sql, args));
}
