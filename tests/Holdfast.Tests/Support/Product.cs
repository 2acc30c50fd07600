extern alias HoldfastClient;

using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text;
using System.Text.Json.Nodes;
using HoldfastClient::Holdfast.Client;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>Stands on the wire between a product and Holdfast, and does there what an attacker or an accident would.</summary>
public sealed class Meddler() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    private int _calls;

    /// <summary>Calls so far.</summary>
    public int Calls => _calls;

    /// <summary>Nobody answers.</summary>
    public bool IsDown { get; set; }

    /// <summary>Answers with this status instead, to calls of this path's end.</summary>
    public (string Path, int Status)? Fault { get; set; }

    /// <summary>Changes the answers to calls of this path's end.</summary>
    public (string Path, Func<JsonObject, Task> Change)? Change { get; set; }

    /// <summary>Puts another id token in place of the one that came, made from its claims.</summary>
    public void Forge(Func<JsonObject, Task<string>> make) => Change = ("/oauth/token", async answer =>
    {
        if (answer["id_token"] is { } token) answer["id_token"] = await make(Claims((string)token!));
    }
    );

    public static JsonObject Claims(string token) => JsonNode.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]))!.AsObject();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (IsDown) throw new HttpRequestException("Nobody answers");
        var path = request.RequestUri!.AbsolutePath;
        if (Fault is { } fault && path.EndsWith(fault.Path, StringComparison.Ordinal)) return new HttpResponseMessage((HttpStatusCode)fault.Status) { Content = new StringContent("{}") };
        var response = await base.SendAsync(request, cancellationToken);
        if (Change is not { } change || !path.EndsWith(change.Path, StringComparison.Ordinal) || !response.IsSuccessStatusCode) return response;
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!.AsObject();
        await change.Change(body);
        response.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return response;
    }
}

/// <summary>A port of this machine that is kept for somebody who starts later.</summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _reserved = ReverseProxy.ReservePort();

    public int Port => ((IPEndPoint)_reserved.LocalEndPoint!).Port;

    public void Dispose() => _reserved.Dispose();
}

/// <summary>A product that trusts Holdfast by way of the library: a real server on another host name (127.0.0.1, where Holdfast is localhost).</summary>
public sealed class Product : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private Product(WebApplication app, string address, string id, Meddler wire, LogCapture logs)
    {
        (_app, Address, Id, Wire, Logs) = (app, address, id, wire, logs);
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Address { get; }

    public string Id { get; }

    public string Cookie => "__Host-holdfast-at-" + Id;

    public Meddler Wire { get; }

    public LogCapture Logs { get; }

    /// <summary>What Holdfast's settings say of it.</summary>
    public static IReadOnlyDictionary<string, string?> Registration(string id, ReservedPort place) => new Dictionary<string, string?>
    {
        [$"OAuth:Clients:{id}:Name"] = $"Product {id}", [$"OAuth:Clients:{id}:Secret"] = Application.Secret(id), [$"OAuth:Clients:{id}:Redirects"] = $"http://127.0.0.1:{place.Port}/holdfast/callback",
        [$"OAuth:Clients:{id}:SignOuts"] = $"http://127.0.0.1:{place.Port}/holdfast/signed-out", [$"OAuth:Clients:{id}:LogoutAddress"] = $"http://127.0.0.1:{place.Port}/holdfast/session-ended",
    };

    public static async Task<Product> Start(TestApp app, ReservedPort place, string id = "shop", Action<HoldfastOptions>? configure = null, IHoldfastSessions? sessions = null)
    {
        var (wire, logs) = (new Meddler(), new LogCapture());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(logs);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, place.Port));
        builder.Services.AddSingleton<TimeProvider>(app.Clock);
        if (sessions is not null) builder.Services.AddSingleton(sessions);
        builder.AddHoldfast(options =>
        {
            (options.Authority, options.ClientId, options.ClientSecret, options.Handler, options.CheckEvery) = (app.Settings.Server.Issuer, id, Application.Secret(id), wire, TimeSpan.Zero);
            configure?.Invoke(options);
        });
        var product = builder.Build();
        product.MapHoldfast();
        product.MapGet("/", (ClaimsPrincipal user) => user.Holdfast() is { } me ? $"Signed in as {me.Name}" : "Nobody");
        product.MapGet("/orders", (ClaimsPrincipal user) => user.Holdfast()).RequireHoldfast();
        product.MapPost("/orders", (ClaimsPrincipal user) => user.Holdfast()).RequireHoldfast();
        product.MapGet("/payouts", (ClaimsPrincipal user) => user.Holdfast()).RequireHoldfast(secondFactor: true, maxAge: TimeSpan.FromMinutes(10));
        product.MapGet("/claims", (ClaimsPrincipal user) => user.Claims.Select(c => $"{c.Type}={c.Value}")).RequireHoldfast();
        product.MapGet("/token", async (HttpContext context, ClaimsPrincipal _) => Results.Text(await context.GetTokenAsync("access_token"))).RequireHoldfast();
        await product.StartAsync();
        return new Product(product, $"http://127.0.0.1:{place.Port}", id, wire, logs);
    }

    /// <summary>A browser that has never been here. It says that it loads pages.</summary>
    public Visitor Visitor()
    {
        var visitor = new Visitor(_http, Logs);
        visitor.Headers["Sec-Fetch-Mode"] = "navigate";
        return visitor;
    }

    public string Within(string location) => location.StartsWith(Address + "/", StringComparison.Ordinal) ? location[Address.Length..] : throw new InvalidOperationException($"Sent away to {location}");

    /// <summary>Goes to a page that sends one to Holdfast, and comes back with its answer.</summary>
    /// <param name="holdfast">The same person's cookies at Holdfast: the two hosts never see each other's.</param>
    /// <returns>The path, with query, at which the product is told.</returns>
    public async Task<string> Ask(Visitor here, Visitor holdfast, string path = "/holdfast/sign-in")
    {
        var asked = (await here.Get(path)).Expect(303).Location!;
        var answered = await holdfast.Get(new Uri(asked).PathAndQuery);
        return Within(answered.Location ?? answered.Header("Refresh")?.Split("url=", 2)[1] ?? throw new InvalidOperationException($"Holdfast sent nobody back: {answered}\n{answered.Body}"));
    }

    /// <summary>The whole way, for somebody who is signed in at Holdfast.</summary>
    public async Task<Visitor> SignedIn(Visitor holdfast, string path = "/holdfast/sign-in")
    {
        var here = Visitor();
        (await here.Get(await Ask(here, holdfast, path))).Expect(303);
        return here;
    }

    /// <summary>Tells the product what Holdfast would.</summary>
    public async Task<Answer> Tell(string logoutToken)
    {
        using var body = new FormUrlEncodedContent([new("logout_token", logoutToken)]);
        return await new Visitor(_http, Logs).Send(HttpMethod.Post, "/holdfast/session-ended", body);
    }

    /// <summary>As a script of the product's own pages.</summary>
    public static void IsScript(Visitor visitor) => visitor.Headers["Sec-Fetch-Mode"] = "cors";

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Wire.Dispose();
    }
}

/// <summary>Holdfast and a product, with all they need.</summary>
public sealed class Trust : IAsyncDisposable
{
    private readonly List<IDisposable> _places = [];

    public required TestApp App { get; init; }

    public required Product Product { get; init; }

    /// <summary>A second product, or a second process of the first.</summary>
    public Product? Other { get; private set; }

    public static async Task<Trust> Start(string engine, Action<HoldfastOptions>? configure = null, IHoldfastSessions? sessions = null, string? other = null, bool backChannel = true)
    {
        ReservedPort holdfast = new(), first = new(), second = new();
        var settings = new Dictionary<string, string?>(Product.Registration("shop", first)) { ["Port"] = $"{holdfast.Port}", ["PublicUrl"] = $"http://localhost:{holdfast.Port}" };
        if (!backChannel) settings.Remove("OAuth:Clients:shop:LogoutAddress");
        if (other is not null && other != "shop") foreach (var (key, value) in Product.Registration(other, second)) settings[key] = value;
        if (other == "shop") settings["OAuth:Clients:shop:Redirects"] += $", http://127.0.0.1:{second.Port}/holdfast/callback";
        var app = await TestApp.Start(engine, settings);
        var trust = new Trust { App = app, Product = await Product.Start(app, first, "shop", configure, sessions) };
        trust._places.AddRange([holdfast, first, second]);
        if (other is not null) trust.Other = await Product.Start(app, second, other, configure, sessions);
        return trust;
    }

    /// <summary>Somebody who is signed in at both.</summary>
    public async Task<(Person Person, Visitor Holdfast, Visitor Here)> SignedIn(string? workspace = null)
    {
        var person = await App.AddAccount(workspace: workspace);
        var holdfast = await App.SignedIn(person);
        return (person, holdfast, await Product.SignedIn(holdfast));
    }

    public async ValueTask DisposeAsync()
    {
        await Product.DisposeAsync();
        if (Other is not null) await Other.DisposeAsync();
        await App.DisposeAsync();
        foreach (var place in _places) place.Dispose();
    }
}

/// <summary>A product with nothing but settings.</summary>
public static class SettingsHost
{
    public static (Func<Task> Start, IAsyncDisposable App) Build(IReadOnlyDictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        foreach (var (key, value) in settings) builder.Configuration[key] = value;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.AddHoldfast();
        var app = builder.Build();
        return (() => app.StartAsync(), app);
    }
}
