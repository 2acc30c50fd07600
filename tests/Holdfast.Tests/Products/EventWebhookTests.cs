extern alias HoldfastClient;

using Holdfast.Features.Audit;
using Holdfast.Tests.Support;
using HoldfastClient::Holdfast.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>A product in .NET that hears from the real server what happens there.</summary>
public sealed class EventWebhookTests
{
    [Theory, Engines]
    public async Task A_product_hears_each_event_once_also_when_it_failed_before_and_when_it_comes_twice(string engine)
    {
        await using var app = await TestApp.Start(engine);
        var (_, boss) = await app.SetUp();
        var person = await app.AddAccount();
        var (heard, fails) = (new List<HoldfastEvent>(), true);
        await using var product = Listener.On(app.Clock, (told, _, _) =>
        {
            if (fails) throw new InvalidOperationException("The disk is full");
            lock (heard) heard.Add(told);
            return Task.CompletedTask;
        });
        var (id, secret) = await Hooks.Add(boss, product.Address, AuditKind.SignedIn);
        await product.Take(secret);
        await app.SignedIn(person);
        await Hooks.Send(app);
        Assert.Equal(500, (await Hooks.Endpoint(app, id)).LastStatus);
        fails = false;
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await Hooks.Send(app);
        var told = Assert.Single(heard);
        Assert.Equal((AuditKind.SignedIn, person.Id, "success", "password"), (told.Type, told.Account, told.Outcome, told.Method));
        Assert.Equal(204, (await Hooks.Endpoint(app, id)).LastStatus);
        // Once more by hand: the product has dealt with it.
        (await boss.Post($"{Hooks.Api}/{id}/deliveries/{told.Id}/again")).Expect(204);
        await Hooks.Send(app);
        Assert.Equal((202, 1), ((await Hooks.Endpoint(app, id)).LastStatus!.Value, heard.Count));
        // A key that the product does not know.
        var (stranger, _) = await Hooks.Add(boss, product.Address, AuditKind.SignedIn);
        (await boss.Post($"{Hooks.Api}/{stranger}/test")).Expect(200);
        await Hooks.Send(app);
        Assert.Equal((401, 1), ((await Hooks.Endpoint(app, stranger)).LastStatus!.Value, heard.Count));
    }

    [Fact]
    public void What_is_no_event_is_told_apart()
    {
        static HoldfastEvent? Read(string json) => HoldfastEvent.From(new HoldfastWebhook("evt_1", DateTimeOffset.UnixEpoch, "x.y", DateTimeOffset.UnixEpoch, System.Text.Json.JsonDocument.Parse(json).RootElement));
        Assert.Null(Read("""{"account":"a","email":"b"}"""));
        Assert.Null(Read("""{"id":5}"""));
        Assert.Null(Read("""{"id":"1","facts":[1]}"""));
        var told = Read("""{"id":"1","account":null,"outcome":"failure","later":{"a":1},"facts":{"count":"3"}}""")!;
        Assert.Equal(("1", null, "failure", "3"), (told.Id, told.Account, told.Outcome, told.Facts["count"]));
    }

    /// <summary>A product with nothing but the webhook. Its key is known only when Holdfast has made it.</summary>
    private sealed class Listener : IAsyncDisposable
    {
        private readonly FakeClock _clock;
        private readonly Func<HoldfastEvent, IServiceProvider, CancellationToken, Task> _handle;
        private readonly int _port;
        private WebApplication? _app;

        private Listener(FakeClock clock, Func<HoldfastEvent, IServiceProvider, CancellationToken, Task> handle, int port) => (_clock, _handle, _port) = (clock, handle, port);

        public string Address => $"http://127.0.0.1:{_port}/hooks/events";

        public static Listener On(FakeClock clock, Func<HoldfastEvent, IServiceProvider, CancellationToken, Task> handle)
        {
            using var free = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
            free.Start();
            return new Listener(clock, handle, ((System.Net.IPEndPoint)free.LocalEndpoint).Port);
        }

        public Task Take(string secret)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Holdfast:Authority"] = "https://id.example.com", ["Holdfast:ClientId"] = "shop", ["Holdfast:ClientSecret"] = "x", ["Holdfast:EventSecrets"] = secret });
            builder.AddHoldfast();
            _app = builder.Build();
            _app.MapHoldfastEvents("/hooks/events", _handle);
            return _app.StartAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is not null) await _app.DisposeAsync();
        }
    }
}
