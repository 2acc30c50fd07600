using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>Another system on this machine: a small server that keeps what it is sent, and answers as the test says.</summary>
public sealed class OtherSystem : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtherSystem(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Received { get; } = new();

    /// <summary>How it answers; 200 and nothing unless a test says otherwise.</summary>
    public Func<HttpContext, string, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public Uri Address { get; private set; } = null!;

    public static async Task<OtherSystem> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var system = new OtherSystem(builder.Build());
        system._app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync();
            system.Received.Enqueue(new Received(context.Request.Method, context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.Select(v => v ?? "").ToArray(), StringComparer.OrdinalIgnoreCase), body));
            await system.Answer(context, body);
        });
        await system._app.StartAsync();
        system.Address = new Uri(system._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return system;
    }

    public static Func<HttpContext, string, Task> Status(int status) => (context, _) =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    };

    public static Func<HttpContext, string, Task> Says(string json) => (context, _) =>
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    };

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }
}
