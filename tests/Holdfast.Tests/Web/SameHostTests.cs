using System.Text.RegularExpressions;
using Holdfast.Features.ForwardAuth;
using Holdfast.Features.Sessions;
using Holdfast.Tests.Support;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Holdfast.Tests.Web;

/// <summary>The guide "A product behind the same host name", tried with the real proxies and the configurations that it shows.</summary>
public sealed class SameHostTests
{
    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task A_stranger_is_sent_to_sign_in_comes_back_to_the_address_and_the_product_learns_who_it_is(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount(name: "Tomasz Wiśniewski, 100%", workspace: "Almond & Birch");
        var visitor = host.Visitor();
        var sent = await visitor.Get("/reports/2026?kind=all&q=%C3%A9%20a");
        Assert.Equal($"{host.Proxy.Address}sign-in?return=%2Freports%2F2026%3Fkind%3Dall%26q%3D%25C3%25A9%2520a", sent.Expect(302).Location);
        Assert.Empty(host.ReceivedByProduct);
        var page = await visitor.Open(new Uri(sent.Location!).PathAndQuery);
        page = await page.Submit("form[action='/sign-in']", ("email", person.Email), ("password", person.Password));
        Assert.Equal("The product", page.Document.QuerySelector("h1")!.TextContent);
        var got = host.Last;
        Assert.Equal("/reports/2026?kind=all&q=%C3%A9%20a", got.PathAndQuery);
        var session = (await visitor.Get("/api/v1/session")).Expect(200).Json;
        Assert.Equal((person.Id, session.GetProperty("id").GetString(), person.Email, person.Name), (got.Header(IdentityHeaders.Account), got.Header(IdentityHeaders.Session), got.Header(IdentityHeaders.Email), Uri.UnescapeDataString(got.Header(IdentityHeaders.Name)!)));
        var workspace = session.GetProperty("workspaces")[0];
        Assert.Equal($"{workspace.GetProperty("id").GetString()}:almond-birch:member", got.Header(IdentityHeaders.Workspaces));
        Assert.Equal(("password", "password", "false"), (got.Header(IdentityHeaders.Methods), got.Header(IdentityHeaders.ProvenWith), got.Header(IdentityHeaders.Operator)));
        Assert.Equal(session.GetProperty("provenAt").GetDateTimeOffset().ToUnixTimeSeconds(), DateTimeOffset.Parse(got.Header(IdentityHeaders.ProvenAt)!, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        // Holdfast's own pages are reached through the same name, styles and scripts included.
        foreach (var path in new[] { "/account/security", "/css/base.css", "/js/live.js", "/icons.svg", "/openapi/v1.json", "/account/policy" }) (await visitor.Get(path)).Expect(200);
        Assert.Single(host.ReceivedByProduct);
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task A_session_that_was_ended_is_refused_at_the_product_on_its_next_request(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount();
        var (here, lost) = (await host.SignedIn(person), await host.SignedIn(person));
        (await lost.Get("/reports")).Expect(200);
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        var sent = (await lost.Get("/reports")).Expect(302);
        // The sign-in page says why.
        Assert.Contains("from another one", (await lost.Open(new Uri(sent.Location!).PathAndQuery)).Document.QuerySelector("form [role=status]")!.TextContent, StringComparison.OrdinalIgnoreCase);
        (await here.Get("/reports")).Expect(200);
        (await here.Post("/api/v1/sign-out")).Expect(204);
        (await here.Get("/reports")).Expect(302);
        Assert.Equal(2, host.ReceivedByProduct.Count);
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task Scripts_of_the_product_get_a_plain_refusal_and_what_they_send_arrives_once_they_may(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var script = host.Visitor();
        (script.Headers["Accept"], script.Headers["Sec-Fetch-Mode"]) = ("application/json", "cors");
        Assert.Null((await script.Get("/data.json")).Expect(401).Location);
        (await script.Send(HttpMethod.Post, "/data.json", Visitor.Json(new { a = 1 }))).Expect(401);
        var page = host.Visitor();
        (await page.Send(HttpMethod.Post, "/data.json", Visitor.Json(new { a = 1 }))).Expect(401);
        Assert.Empty(host.ReceivedByProduct);
        var person = await host.App.AddAccount();
        (await script.SignIn(person.Email, person.Password)).Expect(204);
        var large = new string('x', 300_000);
        foreach (var method in new[] { "POST", "PUT", "PATCH", "DELETE", "OPTIONS" })
        {
            // More than Holdfast itself would read, in a charset that it would not, from a page of another site: that is between the browser and the product.
            (await script.Send(new HttpMethod(method), "/data.json", Visitor.Raw(large, "text/plain; charset=iso-8859-1"), request => request.Headers.Add("Sec-Fetch-Site", "cross-site"))).Expect(200);
            Assert.Equal((method, large), (host.Last.Method, host.Last.Body));
            Assert.Equal(person.Id, host.Last.Header(IdentityHeaders.Account));
        }
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task Cookies_of_Holdfast_never_reach_the_product_and_its_own_do(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount();
        var visitor = await host.SignedIn(person);
        await visitor.Open("/account/security");
        var token = visitor.Token;
        (await visitor.Get("/")).Expect(200);
        Assert.Equal("", host.Last.Header("Cookie") ?? "");
        string[] ours = [.. visitor.Cookies.Keys];
        Assert.Contains("__Host-holdfast-form", ours);
        // In whatever order they come.
        foreach (var line in new[]
        {
            "{0}; a=1", "a=1; {0}", "a=1; {0}; b=2", "a=1; b=2; {0}; {1}; c=3", "{0}; a=1; {1}; b=2; {2}; c=3", "a=1;{0};b=2", "{1}; __Host-product=1; {0}; holdfast-theme=dark; {2}", "a=1;   {0};\tb=2", "a=__Host-; {0}",
            "{0}; a=1; {1}; b=2; {2}; c=3; __Host-holdfast-flash=x; d=4; __Host-holdfast-link=y; e=5; __Host-holdfast-setup=z; f=6",
        })
        {
            string[] values = [.. ours.Select(name => $"{name}={visitor.Cookies[name]}").OrderByDescending(c => c.Contains(token, StringComparison.Ordinal))];
            var copy = host.Visitor();
            (await copy.Send(HttpMethod.Get, "/", null, request => request.Headers.TryAddWithoutValidation("Cookie", string.Format(System.Globalization.CultureInfo.InvariantCulture, line, values)))).Expect(200);
            var passed = host.Last.Header("Cookie") ?? "";
            Assert.DoesNotContain("__Host-holdfast", passed, StringComparison.Ordinal);
            Assert.DoesNotContain(token, passed, StringComparison.Ordinal);
            var theirs = Regex.Matches(line, @"(?:^|;\s*)(?<own>(?:[a-f]|__Host-product|holdfast-theme)=[^;]*)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(m => m.Groups["own"].Value);
            Assert.Equal(theirs, passed.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        }
        // Many more than anybody has: rather none than one of ours.
        var odd = string.Join("; ", Enumerable.Range(0, 30).Select(i => $"a{i}=1; __Host-holdfast-{i}=secret"));
        (await visitor.Send(HttpMethod.Get, "/", null, request => request.Headers.TryAddWithoutValidation("Cookie", odd))).Expect(200);
        Assert.DoesNotContain("secret", host.Last.Header("Cookie") ?? "", StringComparison.Ordinal);
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task Open_pages_hear_through_the_proxy_that_their_session_was_ended(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var person = await host.App.AddAccount();
        var (here, lost) = (await host.SignedIn(person), await host.SignedIn(person));
        using var stream = await lost.Listen();
        Assert.Equal("open", (await stream.Next())?.Name);
        for (var tick = 0; tick < SessionStreams.Heartbeat; tick++) host.App.Get<SessionStreams>().Tick(host.App.Now);
        Assert.Equal("", (await stream.Next())?.Name);
        (await here.Post("/api/v1/sessions/end-others")).Expect(200);
        Assert.Equal("ended", (await stream.Told())?.Name);
        Assert.Null(await stream.Next());
    }

    [Theory, Engines(ReverseProxy.Nginx, ReverseProxy.Caddy)]
    public async Task Holdfast_down_leaves_the_door_closed(string engine, string program)
    {
        await using var host = await SameHost.Start(engine, program);
        var visitor = await host.SignedIn(await host.App.AddAccount());
        (await visitor.Get("/reports")).Expect(200);
        await host.App.Stop();
        Assert.InRange((await visitor.Get("/reports")).Status, 500, 504);
        Assert.Single(host.ReceivedByProduct);
    }

    /// <summary>Every address of Holdfast is in the guide's list, and nothing else.</summary>
    [Fact]
    public async Task The_guide_knows_every_address_of_Holdfast()
    {
        await using var app = await TestApp.Start(TestDatabase.Sqlite);
        var nginx = new Regex(Regex.Match(ReverseProxy.FromGuide("nginx"), @"location ~ (?<paths>\^/\(account\|.*) \{", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["paths"].Value, RegexOptions.None, TimeSpan.FromSeconds(1));
        var caddy = Regex.Match(ReverseProxy.FromGuide("caddy"), "@holdfast path (?<paths>.*)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["paths"].Value.Split(' ');
        // The root is the product's. The rest is for operators, for the proxy, or inside.
        string[] others = ["/", "/forward-auth", "/health/live", "/health/ready", "/problem", "/.well-known/{**rest}", "/dev/mail", "/dev/mail/{id}"];
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().Select(e => "/" + e.RoutePattern.RawText!.Trim('/')).Distinct(StringComparer.Ordinal).ToList();
        Assert.All(others, other => Assert.Contains(other, routes));
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "src/Holdfast/wwwroot"), "*", SearchOption.AllDirectories).Select(path => "/" + Path.GetRelativePath(Path.Combine(Repository.Root, "src/Holdfast/wwwroot"), path));
        foreach (var path in routes.Except(others).Select(route => Regex.Replace(route, @"\{[^}]*\}", "x", RegexOptions.None, TimeSpan.FromSeconds(1))).Concat(files).Append("/brand/logo"))
        {
            Assert.True(nginx.IsMatch(path), $"The guide's nginx does not pass {path} to Holdfast");
            Assert.True(caddy.Any(pattern => pattern.EndsWith('*') ? path.StartsWith(pattern[..^1], StringComparison.Ordinal) : path == pattern), $"The guide's Caddy does not pass {path} to Holdfast");
        }
        foreach (var path in new[] { "/", "/forward-auth", "/health/ready", "/dev/mail", "/accounting", "/apiary", "/api/v2/x", "/wiki", "/signing", "/.well-known/x" })
        {
            Assert.False(nginx.IsMatch(path), path);
            Assert.DoesNotContain(caddy, pattern => pattern.EndsWith('*') ? path.StartsWith(pattern[..^1], StringComparison.Ordinal) : path == pattern);
        }
        // Traefik's list, untried, is at least the same as nginx's.
        Assert.Contains(nginx.ToString().Replace("\\", "\\\\", StringComparison.Ordinal), File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/product-on-the-same-host.md")), StringComparison.Ordinal);
    }
}
