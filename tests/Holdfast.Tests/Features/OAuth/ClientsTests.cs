using Holdfast.Features.Audit;
using Holdfast.Features.OAuth;
using Holdfast.Tests.Support;
using Xunit;
using static Holdfast.Tests.Support.Application;

namespace Holdfast.Tests.Features.OAuth;

/// <summary>Applications that operators register.</summary>
public sealed class ClientsTests
{
    private static readonly (string, string)[] Filled = [("name", "Tïde calendar & more"), ("maker", "Tidewater Tools"), ("redirects", "https://tide.example/in\r\nhttps://tide.example/other\r\n"), ("own", "others"), ("runs", "server")];

    private static Application Of(TestApp app, string id, string secret) => new(app, id, secret, "https://tide.example/in", "openid profile");

    [Theory, Engines]
    public async Task An_operator_registers_an_application_and_sees_its_secret_once(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var list = await visitor.Open("/operator/clients");
        Assert.Contains("Quayside shop", list.Text, StringComparison.Ordinal);
        var made = await (await visitor.Open("/operator/clients/new")).Submit("main form", [.. Filled, ("scopes", "openid"), ("scopes", "profile")]);
        Assert.Equal(200, made.Answer.Status);
        Assert.Contains("no-store", made.Answer.Header("Cache-Control"), StringComparison.Ordinal);
        var secret = made.Document.QuerySelector("#csecret")!.TextContent;
        Assert.StartsWith("hf_client_", secret, StringComparison.Ordinal);
        Assert.Equal("tide-calendar-more", made.Document.QuerySelector("#cid")!.TextContent);
        Assert.DoesNotContain(secret, (await visitor.Open("/operator/clients/tide-calendar-more")).Answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain(app.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
        Assert.Contains(AuditKind.ClientMade, await visitor.Activity());

        var tide = Of(app, "tide-calendar-more", secret);
        var person = await app.SignedIn(await app.AddAccount());
        var code = tide.Back((await (await person.Open(tide.Authorize())).Submit("button[value=allow]")).Answer)["code"];
        (await tide.Exchange(code)).Expect(200);
        // A second of the same name is another.
        var second = await (await visitor.Open("/operator/clients/new")).Submit("main form", [.. Filled, ("scopes", "openid")]);
        Assert.Equal("tide-calendar-more-2", second.Document.QuerySelector("#cid")!.TextContent);
    }

    [Theory, Engines]
    public async Task What_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var page = await (await visitor.Open("/operator/clients/new")).Submit("main form", ("name", ""), ("maker", "Tidewater Tools"), ("redirects", "https://tide.example/in\nhttp://tide.example/in"), ("logoutAddress", "http://tide.example/out"), ("own", "others"), ("runs", "server"));
        Assert.Equal(400, page.Answer.Status);
        Assert.Contains("Line 2 begins with “http”", page.Document.QuerySelector("#redirects-error")!.TextContent, StringComparison.Ordinal);
        Assert.NotNull(page.Document.QuerySelector("#name-error"));
        Assert.NotNull(page.Document.QuerySelector("#logoutAddress-error"));
        Assert.Equal("https://tide.example/in\nhttp://tide.example/in", page.Document.QuerySelector("#redirects")!.TextContent.ReplaceLineEndings("\n").Trim());
    }

    [Theory, Engines]
    public async Task A_new_secret_serves_at_once_and_the_old_one_for_the_overlap(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var made = (await visitor.Post("/api/v1/operator/clients", new { name = "Till", maker = "Quayside", redirects = new[] { "https://tide.example/in" }, scopes = new[] { "openid", "profile" }, own = true })).Expect(200).Json;
        var id = Text(made.GetProperty("client"), "id");
        var (old, next) = (Of(app, id, Text(made, "secret")), Of(app, id, Text((await visitor.Post($"/api/v1/operator/clients/{id}/secret")).Expect(200).Json, "secret")));
        foreach (var secret in new[] { old, next }) (await secret.Call("/oauth/introspect", ("token", "x"))).Expect(200);
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromSeconds(1));
        (await old.Call("/oauth/introspect", ("token", "x"))).Expect(200);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        (await old.Call("/oauth/introspect", ("token", "x"))).Expect(401);
        (await next.Call("/oauth/introspect", ("token", "x"))).Expect(200);
    }

    [Theory, Engines]
    public async Task One_that_is_turned_off_and_on_again_starts_anew(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var made = (await visitor.Post("/api/v1/operator/clients", new { name = "Till", maker = "Quayside", redirects = new[] { "https://tide.example/in" }, scopes = new[] { "openid", "profile" }, own = true })).Expect(200).Json;
        var id = Text(made.GetProperty("client"), "id");
        var till = Of(app, id, Text(made, "secret"));
        var access = Text(await till.Tokens(visitor), "access_token");
        var page = await (await visitor.Open($"/operator/clients/{id}")).Submit("form[action$='Disable']");
        Assert.Contains("is turned off", page.Text, StringComparison.Ordinal);
        (await visitor.Get(till.Authorize())).Expect(400);
        (await visitor.Post($"/api/v1/operator/clients/{id}/disable")).Expect(409, "client.disabled_already");
        (await visitor.Post($"/api/v1/operator/clients/{id}/enable")).Expect(204);
        Assert.False(await till.IsActive(access));
        Assert.True(await till.IsActive(Text(await till.Tokens(visitor), "access_token")));
        await (await visitor.Open($"/operator/clients/{id}")).Submit("form[action$='Delete']");
        (await visitor.Get($"/api/v1/operator/clients/{id}")).Expect(404, "client.unknown");
    }

    [Theory, Engines]
    public async Task Those_of_the_settings_are_shown_and_not_changed(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var page = await visitor.Open("/operator/clients/shop");
        Assert.Contains("It stands in the settings file", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret("shop"), page.Answer.Body, StringComparison.Ordinal);
        Assert.Null(page.Document.QuerySelector("main form"));
        (await visitor.Delete("/api/v1/operator/clients/shop")).Expect(409, "client.from_settings");
        (await visitor.Post("/api/v1/operator/clients/shop/secret")).Expect(409, "client.from_settings");
    }

    [Theory, Engines]
    public async Task Only_operators_with_a_new_proof_come_near(string engine)
    {
        await using var app = await TestApp.Start(engine, Settings);
        var (_, visitor) = await app.SetUp();
        var member = await app.SignedIn(await app.AddAccount());
        (await member.Get("/operator/clients")).Expect(404);
        (await member.Get("/api/v1/operator/clients")).Expect(404);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await visitor.Post("/api/v1/operator/clients", new { name = "Till", maker = "Quayside", redirects = new[] { "https://tide.example/in" }, scopes = new[] { "openid" } })).Expect(403, "step_up.required");
        var page = await (await visitor.Open("/operator/clients/new")).Submit("main form", [.. Filled, ("scopes", "openid")]);
        Assert.StartsWith("/step-up", page.Path, StringComparison.Ordinal);
        var go = await page.Submit("form[action='/step-up']", ("password", TestApp.Password));
        Assert.StartsWith("hf_client_", (await go.Submit("form[data-go-on]")).Document.QuerySelector("#csecret")!.TextContent, StringComparison.Ordinal);
    }
}
