extern alias HoldfastClient;

using Holdfast.Features.Audit;
using Holdfast.Features.Webhooks;
using Holdfast.Tests.Support;
using HoldfastClient::Holdfast.Client;
using Xunit;

namespace Holdfast.Tests.Features.Webhooks;

/// <summary>What operators do with addresses that are told of events, and what these are told.</summary>
public sealed class WebhookPagesTests
{
    [Theory, Engines]
    public async Task An_operator_adds_an_address_sees_its_key_once_and_it_is_told_of_what_happens_without_names(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        Assert.Contains("No system is told", (await boss.Open("/operator/webhooks")).Text, StringComparison.Ordinal);
        var made = await (await boss.Open("/operator/webhooks/new")).Submit("main form", ("name", "Night watch"), ("address", new Uri(system.Address, "/hooks?a=1").ToString()), ("which", "all"));
        Assert.Equal(200, made.Answer.Status);
        Assert.Contains("no-store", made.Answer.Header("Cache-Control"), StringComparison.Ordinal);
        var secret = made.Document.QuerySelector("#wsecret")!.TextContent;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        var page = await made.Submit("main form", ("saved", "true"));
        Assert.Equal(200, page.Answer.Status);
        Assert.DoesNotContain(secret, page.Answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        Assert.Contains(AuditKind.WebhookMade, await boss.Activity());
        // In the database it is sealed.
        foreach (var row in await app.Db.Read(tx => tx.Many<byte[]>("SELECT sealed FROM webhook_secrets"))) Assert.DoesNotContain("whsec", System.Text.Encoding.Latin1.GetString(row), StringComparison.Ordinal);

        var person = await app.AddAccount();
        await app.SignedIn(person);
        (await app.Visitor().SignIn("nobody@almondbirch.example", "wrong")).Expect(401);
        await Hooks.Send(app);
        Assert.Equal([AuditKind.SignInFailed, AuditKind.SignedIn, AuditKind.WebhookMade], Hooks.Types(system).Order(StringComparer.Ordinal));
        foreach (var call in system.Received)
        {
            Assert.Equal(("POST", "/hooks?a=1", "application/json"), (call.Method, call.PathAndQuery, call.Header("Content-Type")));
            Assert.Equal(WebhookFault.None, Hooks.Read(app, call, secret, out _));
            foreach (var trace in new[] { person.Email, "Tomasz", "greta", "Night watch", "127.0.0.1", "Firefox", "almondbirch" }) Assert.DoesNotContain(trace, call.Body, StringComparison.OrdinalIgnoreCase);
        }
        Hooks.Read(app, system.Received.Single(c => Hooks.Type(c) == AuditKind.SignedIn), secret, out var webhook);
        var told = HoldfastEvent.From(webhook!)!;
        Assert.Equal(("evt_" + told.Id, person.Id, person.Id, null, "success", "password", "new"), (webhook!.Id, told.Account, told.Actor, told.Workspace, told.Outcome, told.Method, told.Facts["device"]));
        Hooks.Read(app, system.Received.Single(c => Hooks.Type(c) == AuditKind.SignInFailed), secret, out var failed);
        Assert.Equal((null, "failure"), (HoldfastEvent.From(failed!)!.Account, HoldfastEvent.From(failed!)!.Outcome));
        page = await boss.Open(page.Path);
        Assert.Contains("sign_in.succeeded", page.Text, StringComparison.Ordinal);
        Assert.Contains("Delivered", page.Text, StringComparison.Ordinal);
        Assert.Contains("200", page.Text, StringComparison.Ordinal);
        Assert.Contains("Night watch", (await boss.Open("/operator/webhooks")).Text, StringComparison.Ordinal);
    }

    [Theory, Engines]
    public async Task Reloading_the_page_that_shows_a_key_makes_no_second_one(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        foreach (var (path, fields) in new (string, (string, string)[])[]
        {
            ("/operator/webhooks/new", [("name", "Night watch"), ("address", "https://watch.example/hooks"), ("which", "all")]),
            ("/operator/clients/new", [("name", "Depot"), ("maker", "Depot Works"), ("redirects", "https://depot.example/callback"), ("own", "others"), ("runs", "server"), ("scopes", "openid")]),
            ("/w/northwind/api-keys/new", [("name", "Nightly"), ("scopes", "users.read"), ("days", "90")]),
        })
        {
            var form = await boss.Open(path);
            Assert.Equal(200, (await form.Submit("main form", fields)).Answer.Status);
            var again = await form.Submit("main form", fields);
            Assert.Equal(409, again.Answer.Status);
            Assert.Contains("it was not done again", again.Text, StringComparison.Ordinal);
        }
        Assert.Equal((1, 1, 1), (await Count(app, "webhook_endpoints"), await Count(app, "oauth_clients"), await Count(app, "api_keys")));
        // The same for another key of what is there; whoever loads the page anew may make one more.
        var id = (await app.Db.Read(tx => tx.One<string>("SELECT id FROM webhook_endpoints")))!;
        for (var round = 0; round < 2; round++)
        {
            var page = await boss.Open($"/operator/webhooks/{id}");
            var made = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => page.Submit("form[action$='handler=Secret']")));
            Assert.Equal((1, 4), (made.Count(m => m.Answer.Status == 200), made.Count(m => m.Answer.Status == 409)));
        }
        Assert.Equal(2, await Count(app, "webhook_secrets"));
    }

    private static Task<long> Count(TestApp app, string table) => app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}"));

    [Theory, Engines]
    public async Task Only_the_chosen_types_are_told_and_a_change_counts_from_then_on(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        var person = await app.AddAccount();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignedIn);
        await Hooks.Happen(app, person.Id);
        await Hooks.Happen(app, person.Id, kind: AuditKind.SignedIn);
        await Hooks.Send(app);
        Assert.Equal([AuditKind.SignedIn], Hooks.Types(system));
        var page = await boss.Open($"/operator/webhooks/{id}");
        Assert.True(page.Document.QuerySelector($"input[value='{AuditKind.SignedIn}']")!.HasAttribute("checked"));
        page = await page.Submit($"form[action='/operator/webhooks/{id}']", ("name", "Day watch"), ("which", "some"), ("types", AuditKind.SignInFailed), ("types", AuditKind.StepUpFailed));
        Assert.Contains("Day watch was saved", page.Text, StringComparison.Ordinal);
        await Hooks.Happen(app, person.Id);
        await Hooks.Happen(app, person.Id, kind: AuditKind.SignedIn);
        await Hooks.Send(app);
        Assert.Equal([AuditKind.SignedIn, AuditKind.SignInFailed], Hooks.Types(system));
        var one = (await boss.Get($"{Hooks.Api}/{id}")).Expect(200).Json;
        Assert.Equal((false, 2, "on"), (one.GetProperty("all").GetBoolean(), one.GetProperty("types").GetArrayLength(), one.GetProperty("state").GetString()));
        // What stays here is not even written down for somebody who wants everything.
        (await boss.Send(HttpMethod.Put, $"{Hooks.Api}/{id}", Visitor.Json(new { name = "Day watch", address = new Uri(system.Address, "/hooks").ToString() }))).Expect(204);
        var before = (await Hooks.Deliveries(app, id)).Count;
        foreach (var kind in EventTypes.NotSent.Keys) await Hooks.Happen(app, person.Id, kind: kind);
        Assert.Equal(before, (await Hooks.Deliveries(app, id)).Count);
    }

    [Theory, Engines]
    public async Task With_a_new_key_both_sign_until_the_old_one_is_over(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["Webhooks:SecretOverlap"] = "5m" });
        var (person, boss) = await app.SetUp();
        var (id, old) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        var page = await (await boss.Open($"/operator/webhooks/{id}")).Submit("form[action$='Secret']");
        var next = page.Document.QuerySelector("#wsecret")!.TextContent;
        Assert.NotEqual(old, next);
        Assert.Contains("signs beside this one for 5 minutes", page.Text, StringComparison.Ordinal);
        await Hooks.Happen(app, person.Id, 2);
        await Hooks.Send(app);
        Assert.Equal(2, system.Received.Count);
        foreach (var call in system.Received)
        {
            Assert.Equal(2, call.Header("webhook-signature")!.Split(' ').Length);
            foreach (var secret in new[] { old, next, $"{next} {old}" }) Assert.Equal(WebhookFault.None, Hooks.Read(app, call, secret, out _));
        }
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        var last = system.Received.Last();
        Assert.Equal((WebhookFault.Signature, WebhookFault.None), (Hooks.Read(app, last, old, out _), Hooks.Read(app, last, next, out _)));
    }

    [Theory, Engines]
    public async Task A_test_goes_to_one_address_whatever_it_wants_to_hear_of(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.PasswordReset);
        var (other, _) = await Hooks.Add(boss, system, AuditKind.PasswordReset);
        var page = await (await boss.Open($"/operator/webhooks/{id}")).Submit("form[action$='Test']");
        Assert.Contains("A test is on its way to Night watch", page.Text, StringComparison.Ordinal);
        await Hooks.Send(app);
        Assert.Equal([AuditKind.WebhookTested], Hooks.Types(system));
        Assert.Empty(await Hooks.Deliveries(app, other));
        (await boss.Post($"{Hooks.Api}/{id}/pause")).Expect(204);
        (await boss.Post($"{Hooks.Api}/{id}/test")).Expect(409, "webhook.paused");
    }

    [Theory, Engines]
    public async Task Paused_it_is_told_nothing_and_resumed_everything(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        var page = await (await boss.Open($"/operator/webhooks/{id}")).Submit("form[action$='Pause']");
        Assert.Contains("Night watch is paused", page.Text, StringComparison.Ordinal);
        (await boss.Post($"{Hooks.Api}/{id}/pause")).Expect(409, "webhook.paused_already");
        await Hooks.Happen(app, person.Id, 3);
        await Hooks.Send(app);
        Assert.Empty(system.Received);
        await (await boss.Open($"/operator/webhooks/{id}")).Submit("form[action$='Resume']");
        (await boss.Post($"{Hooks.Api}/{id}/resume")).Expect(409, "webhook.not_paused");
        await Hooks.Send(app);
        Assert.Equal(3, system.Received.Count);
    }

    [Theory, Engines]
    public async Task A_removed_address_is_told_nothing_more_and_leaves_nothing(string engine)
    {
        await using var system = await OtherSystem.Start();
        await using var app = await TestApp.Start(engine);
        var (person, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, system, AuditKind.SignInFailed);
        (await boss.Post($"{Hooks.Api}/{id}/pause")).Expect(204);
        await Hooks.Happen(app, person.Id, 3);
        var page = await (await boss.Open($"/operator/webhooks/{id}")).Submit("form[action$='Remove']");
        Assert.Contains("Night watch was removed", page.Text, StringComparison.Ordinal);
        await Hooks.Happen(app, person.Id);
        await Hooks.Send(app);
        Assert.Empty(system.Received);
        (await boss.Get($"/operator/webhooks/{id}")).Expect(404);
        (await boss.Post($"{Hooks.Api}/{id}/resume")).Expect(404, "webhook.unknown");
        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.Tidy();
        foreach (var table in new[] { "webhook_endpoints", "webhook_kinds", "webhook_secrets", "webhook_deliveries" }) Assert.Equal(0, await app.Db.Read(tx => tx.Count($"SELECT COUNT(*) FROM {table}")));
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        var page = await (await boss.Open("/operator/webhooks/new")).Submit("main form", ("name", ""), ("address", "http://watch.example/hooks"), ("which", "some"));
        Assert.Equal(400, page.Answer.Status);
        foreach (var field in new[] { "name", "address", "types" }) Assert.NotNull(page.Document.QuerySelector($"#{field}-error"));
        Assert.Equal("http://watch.example/hooks", page.Document.QuerySelector("#address")!.GetAttribute("value"));
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://watch.example/", types = new[] { "sign_in.succeeded", null } })).Expect(400, "webhook.type_unknown");
        for (var i = 0; i < WebhookEndpoint.Most; i++) await Hooks.Add(boss, "https://watch.example/", AuditKind.LogPruned);
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://watch.example/" })).Expect(409, "webhook.too_many");
        Assert.Equal(WebhookEndpoint.Most, (await boss.Get(Hooks.Api)).Expect(200).Json.GetArrayLength());
    }

    [Theory, Engines]
    public async Task Only_operators_with_a_new_proof_come_near(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        var (id, _) = await Hooks.Add(boss, "https://watch.example/hooks", AuditKind.LogPruned);
        var member = await app.SignedIn(await app.AddAccount());
        foreach (var path in new[] { "/operator/webhooks", "/operator/webhooks/new", $"/operator/webhooks/{id}", Hooks.Api, $"{Hooks.Api}/types", $"{Hooks.Api}/{id}", $"{Hooks.Api}/{id}/deliveries" }) (await member.Get(path)).Expect(404);
        foreach (var path in new[] { "", $"/{id}/secret", $"/{id}/pause", $"/{id}/resume", $"/{id}/test", $"/{id}/deliveries/failed/again" }) (await member.Post(Hooks.Api + path, new { name = "x", address = "https://x.example/" })).Expect(404);
        (await member.Delete($"{Hooks.Api}/{id}")).Expect(404);
        (await app.Visitor().Get(Hooks.Api)).Expect(401);

        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await boss.Post(Hooks.Api, new { name = "x", address = "https://x.example/" })).Expect(403, "step_up.required");
        foreach (var act in new[] { "secret", "pause", "resume" }) (await boss.Post($"{Hooks.Api}/{id}/{act}")).Expect(403, "step_up.required");
        (await boss.Delete($"{Hooks.Api}/{id}")).Expect(403, "step_up.required");
        (await boss.Send(HttpMethod.Put, $"{Hooks.Api}/{id}", Visitor.Json(new { name = "x", address = "https://x.example/" }))).Expect(403, "step_up.required");
        // A test tells nobody anything new.
        (await boss.Post($"{Hooks.Api}/{id}/test")).Expect(200);
        var page = await (await boss.Open("/operator/webhooks/new")).Submit("main form", ("name", "Day watch"), ("address", "https://day.example/hooks"), ("which", "some"), ("types", AuditKind.SignedIn));
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        var go = await page.Submit("form[action='/step-up']", ("password", TestApp.Password));
        Assert.StartsWith("whsec_", (await go.Submit("form[data-go-on]")).Document.QuerySelector("#wsecret")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_the_log_has_a_public_name_or_stays_here_for_a_reason_and_the_guide_lists_them()
    {
        var all = typeof(AuditKind).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).ToList();
        Assert.Equal(all.Order(StringComparer.Ordinal), EventTypes.All.Concat(EventTypes.NotSent.Keys).Order(StringComparer.Ordinal));
        Assert.All(EventTypes.NotSent, kind => Assert.EndsWith(".", kind.Value, StringComparison.Ordinal));
        Assert.All(EventTypes.All, kind => Assert.Matches("^[a-z_]+[.][a-z_]+$", kind));
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/webhooks.md"));
        Assert.All(EventTypes.All, kind => Assert.Contains($"| `{kind}` |", guide, StringComparison.Ordinal));
        Assert.All(EventTypes.NotSent.Keys, kind => Assert.DoesNotContain($"| `{kind}` |", guide, StringComparison.Ordinal));
        Assert.All(EventTypes.Facts, fact => Assert.Contains($"`{fact}`", guide, StringComparison.Ordinal));
    }
}
