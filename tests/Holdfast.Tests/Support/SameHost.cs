using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>A request as the product behind the proxy got it.</summary>
public sealed record Received(string Method, string PathAndQuery, IReadOnlyDictionary<string, string[]> Headers, string Body)
{
    public string? Header(string name) => Headers.TryGetValue(name, out var values) ? string.Join("|", values) : null;
}

/// <summary>Holdfast and a small product behind one real proxy, on one host name.</summary>
public sealed class SameHost : IAsyncDisposable
{
    private readonly WebApplication _product;
    private readonly TestCertificates _certificates;
    private readonly HttpClient _http;
    private readonly Socket _reserved;

    private SameHost(TestApp app, WebApplication product, ReverseProxy proxy, TestCertificates certificates, ConcurrentQueue<Received> received, Socket reserved)
    {
        (App, _product, Proxy, _certificates, ReceivedByProduct, _reserved) = (app, product, proxy, certificates, received, reserved);
        _http = proxy.Client();
    }

    public TestApp App { get; }

    public ReverseProxy Proxy { get; }

    /// <summary>Everything that reached the product, oldest first.</summary>
    public ConcurrentQueue<Received> ReceivedByProduct { get; }

    public Received Last => ReceivedByProduct.Last();

    public static async Task<SameHost> Start(string engine, string program)
    {
        ReverseProxy.SkipWithout(program);
        var reserved = ReverseProxy.ReservePort();
        var port = ((IPEndPoint)reserved.LocalEndPoint!).Port;
        var app = await TestApp.Start(engine, new Dictionary<string, string?> { ["PublicUrl"] = $"https://localhost:{port}", ["Proxy:Addresses"] = "127.0.0.1" });
        var received = new ConcurrentQueue<Received>();
        var product = await StartProduct(received);
        var certificates = TestCertificates.For();
        var behind = new Uri(product.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return new SameHost(app, product, await ReverseProxy.Start(program, port, app.Address, behind, certificates), certificates, received, reserved);
    }

    /// <summary>A browser at 127.0.0.2 that sees nothing but the proxy.</summary>
    public Visitor Visitor()
    {
        var visitor = new Visitor(_http, App.Logs);
        visitor.Headers["Accept"] = "text/html,application/xhtml+xml";
        visitor.Headers["Sec-Fetch-Mode"] = "navigate";
        return visitor;
    }

    /// <summary>An address that is sent as it is written: HttpClient would tidy it up.</summary>
    public Uri Raw(string path) => new(Proxy.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    public async Task<Visitor> SignedIn(Person person)
    {
        var visitor = Visitor();
        (await visitor.SignIn(person.Email, person.Password)).Expect(204);
        return visitor;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Proxy.DisposeAsync();
        await _product.StopAsync();
        await _product.DisposeAsync();
        await App.DisposeAsync();
        _certificates.Dispose();
        _reserved.Dispose();
    }

    private static async Task<WebApplication> StartProduct(ConcurrentQueue<Received> received)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var product = builder.Build();
        product.Run(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            received.Enqueue(new Received(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.Select(v => v ?? "").ToArray(), StringComparer.OrdinalIgnoreCase), await body.ReadToEndAsync()));
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<!doctype html><title>Product</title><h1>The product</h1><script src=\"/js/live.js\" defer></script>");
        });
        await product.StartAsync();
        return product;
    }
}
