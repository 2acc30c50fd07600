using Holdfast.Features.ForwardAuth;
using Holdfast.Tests.Support;
using Xunit;

namespace Holdfast.Tests.Attacks;

public sealed class ForwardAuthAttacksTests
{
    private static readonly string[] Hostile =
    [
        "//attacker.example", "/\\attacker.example", "https://attacker.example/", "http:attacker.example", "/a\\b", "\\\\attacker.example", "attacker.example", "javascript:alert(1)", "/a#b", "/sign-in?return=//attacker.example", "///attacker.example",
        "/\tattacker.example", "@attacker.example",
    ];

    private static Visitor Navigating(TestApp app, params (string Name, string Value)[] headers)
    {
        var visitor = app.Visitor();
        visitor.Headers["Accept"] = "text/html";
        foreach (var (name, value) in headers) visitor.Headers[name] = value;
        return visitor;
    }

    private static Dictionary<string, string?> Behind(string proxies) => new() { ["Proxy:Addresses"] = proxies };

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task Identity_headers_from_outside_are_replaced_in_every_spelling(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount();
        var boss = await host.App.AddAccount("greta@quayside.example", "Greta Lindqvist");
        var visitor = await host.SignedIn(person);
        foreach (var name in IdentityHeaders.All)
        {
            visitor.Headers[name] = boss.Id;
            visitor.Headers[name.ToUpperInvariant()] = boss.Id;
            visitor.Headers[name.Replace('-', '_')] = boss.Id;
        }
        visitor.Headers["Connection"] = "close, " + string.Join(", ", IdentityHeaders.All);
        (await visitor.Get("/reports")).Expect(200);
        Assert.Equal(person.Id, host.Last.Header(IdentityHeaders.Account));
        Assert.All(IdentityHeaders.All, name => Assert.NotNull(host.Last.Header(name)));
        visitor.Headers.Remove("Connection");
        Assert.DoesNotContain(host.Last.Headers.SelectMany(h => h.Value), value => value.Contains(boss.Id, StringComparison.Ordinal));
        // A stranger with all of them is a stranger.
        var stranger = host.Visitor();
        foreach (var (name, value) in visitor.Headers) stranger.Headers[name] = value;
        (await stranger.Get("/reports")).Expect(302);
        Assert.Single(host.ReceivedByProduct);
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task The_address_that_is_recorded_is_the_one_the_proxy_sees_whatever_the_browser_claims(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount();
        var visitor = host.Visitor();
        visitor.ForwardedFor = "203.0.113.9, 127.0.0.1";
        (visitor.Headers["X-Real-IP"], visitor.Headers["Forwarded"], visitor.Headers["X-Original-For"]) = ("203.0.113.9", "for=203.0.113.9", "203.0.113.9");
        // Nor does asking the proxy to keep its own word to itself.
        visitor.Headers["Connection"] = "close, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Uri, X-Original-URI";
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        Assert.Equal("127.0.0.2", (await visitor.Get("/api/v1/sessions")).Expect(200).Json.GetProperty("live")[0].GetProperty("address").GetString());
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task No_address_leads_away_from_the_host_after_signing_in(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        foreach (var uri in Hostile.Where(uri => uri.StartsWith('/') && !uri.Contains('#', StringComparison.Ordinal) && !uri.Contains('\t', StringComparison.Ordinal)).Append("/%2f%2fattacker.example").Append("/%5cattacker.example"))
        {
            foreach (var forged in new[] { "", "X-Forwarded-Uri", "X-Original-URI", "X-Forwarded-Host", "Host" })
            {
                // Caddy hangs up on a name that is not its own.
                if (forged == "Host" && program == ReverseProxy.Caddy) continue;
                var visitor = host.Visitor();
                var answer = await visitor.Send(HttpMethod.Get, uri, null, request =>
                {
                    request.RequestUri = host.Raw(uri);
                    if (forged == "Host") request.Headers.Host = "attacker.example";
                    else if (forged.Length > 0) request.Headers.TryAddWithoutValidation(forged, "//attacker.example/x");
                });
                if (answer.Location is not { } location) continue;
                var led = new Uri(host.Proxy.Address, location);
                Assert.Equal(host.Proxy.Address.Authority, led.Authority);
                var back = System.Web.HttpUtility.ParseQueryString(led.Query)["return"] ?? "/";
                Assert.Equal(host.Proxy.Address.Authority, new Uri(host.Proxy.Address, Holdfast.Web.ReturnAddress.Local(back)).Authority);
            }
        }
        Assert.Empty(host.ReceivedByProduct);
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task The_check_itself_cannot_be_asked_from_outside(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var visitor = await host.SignedIn(await host.App.AddAccount());
        foreach (var path in new[] { "/forward-auth", "/.forward-auth", "/forward-auth/", "/FORWARD-AUTH", "//forward-auth", "/account/../forward-auth", "/account/%2e%2e/forward-auth", "/css/..%2fforward-auth" })
        {
            var answer = await visitor.Send(HttpMethod.Get, "/", null, request => request.RequestUri = host.Raw(path));
            Assert.DoesNotContain(answer.Headers.Keys, name => name.StartsWith("Holdfast-", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Theory, Engines]
    public async Task Who_is_no_configured_proxy_is_not_believed(string engine)
    {
        foreach (var proxies in new[] { "", "10.1.2.3" })
        {
            await using var app = await TestApp.Start(engine, Behind(proxies));
            var visitor = Navigating(app, ("X-Forwarded-Uri", "/reports"), ("X-Forwarded-Method", "GET"), ("X-Forwarded-Proto", "https"));
            visitor.ForwardedFor = "203.0.113.9";
            // No redirect, and no address of a page: neither was said by anybody who is believed.
            var answer = (await visitor.Get("/forward-auth")).Expect(401, "session.required");
            Assert.Equal($"{TestSettings.PublicUrl}/sign-in", answer.Header("Holdfast-Sign-In"));
            Assert.Null(answer.Location);
            Assert.Null(answer.Header("Strict-Transport-Security"));
            visitor.Headers["X-Original-URI"] = "/reports";
            Assert.Equal($"{TestSettings.PublicUrl}/sign-in", (await visitor.Get("/forward-auth")).Expect(401).Header("Holdfast-Sign-In"));
            var person = await app.AddAccount();
            (await visitor.SignIn(person.Email, person.Password)).Expect(204);
            Assert.Equal("127.0.0.1", (await visitor.Get("/api/v1/sessions")).Expect(200).Json.GetProperty("live")[0].GetProperty("address").GetString());
        }
    }

    [Theory, Engines("X-Forwarded-Uri", "X-Original-URI")]
    public async Task Even_a_known_proxy_sends_nobody_to_another_host(string engine, string header)
    {
        await using var app = await TestApp.Start(engine, Behind("127.0.0.1"));
        foreach (var uri in Hostile)
        {
            var answer = await Navigating(app, (header, uri)).Get("/forward-auth");
            Assert.Equal($"{TestSettings.PublicUrl}/sign-in", answer.Expect(header == "X-Forwarded-Uri" ? 302 : 401).Header(header == "X-Forwarded-Uri" ? "Location" : "Holdfast-Sign-In"));
        }
    }

    [Theory, Engines]
    public async Task Identity_headers_of_a_request_change_nothing_at_Holdfast(string engine)
    {
        await using var app = await TestApp.Start(engine, Behind("127.0.0.1"));
        var person = await app.AddAccount();
        var boss = await app.AddAccount("greta@quayside.example", "Greta Lindqvist");
        foreach (var visitor in new[] { app.Visitor(), await app.SignedIn(person) })
        {
            foreach (var name in IdentityHeaders.All) visitor.Headers[name] = boss.Id;
            var answer = await visitor.Get("/forward-auth");
            Assert.DoesNotContain(answer.Headers.SelectMany(h => h.Value), value => value.Contains(boss.Id, StringComparison.Ordinal));
            Assert.Equal(answer.Status, (await visitor.Get("/api/v1/session")).Status);
        }
    }

    [Theory, Engines]
    public async Task A_name_cannot_become_another_header_or_another_workspace(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var person = await app.AddAccount(name: "Eve\u00a0\u2028 %0d%0a ,x:y:owner 🦊", workspace: "x:y:owner,z");
        var answer = (await (await app.SignedIn(person)).Get("/forward-auth")).Expect(200);
        Assert.Equal("Eve%C2%A0%E2%80%A8 %250d%250a ,x:y:owner %F0%9F%A6%8A", answer.Header(IdentityHeaders.Name));
        Assert.Equal(person.Name, Uri.UnescapeDataString(answer.Header(IdentityHeaders.Name)!));
        Assert.Equal(3, answer.Header(IdentityHeaders.Workspaces)!.Split(':').Length);
        Assert.DoesNotContain(',', answer.Header(IdentityHeaders.Workspaces)!);
    }
}
