using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Frontdesk;
using Frontdesk.Storage;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Holdfast.Tests.Support;

/// <summary>samples/Frontdesk in this process, as it is built, on its own host name and with its own database; only the clock is made up.</summary>
public sealed class FrontdeskSample : IAsyncDisposable
{
    public const string Secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    private readonly WebApplication _app;
    private readonly HttpClient _http;
    private readonly TestApp _holdfast;

    private FrontdeskSample(WebApplication app, TestApp holdfast, string address, string folder, LogCapture logs)
    {
        (_app, _holdfast, Address, Folder, Logs) = (app, holdfast, address, folder, logs);
        var port = new Uri(address).Port;
        // Browsers take the name for this machine; others would ask the network.
        _http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false, ConnectCallback = (_, stop) => Connect(port, stop) }) { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public string Address { get; }

    /// <summary>Its data.</summary>
    public string Folder { get; }

    public LogCapture Logs { get; }

    public Db Db => _app.Services.GetRequiredService<Db>();

    /// <summary>Names of the files of recordings.</summary>
    public IReadOnlyList<string> Recordings => [.. Directory.EnumerateFiles(Path.Combine(Folder, "recordings")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>What Holdfast's settings say of it: an application that people sign in to, and a system that is told of deletions.</summary>
    public static Dictionary<string, string?> Registration(ReservedPort holdfast, ReservedPort place)
    {
        var (name, machine) = ($"http://frontdesk.localhost:{place.Port}", $"http://127.0.0.1:{place.Port}");
        return new Dictionary<string, string?>
        {
            ["Port"] = holdfast.Port.ToString(CultureInfo.InvariantCulture), ["PublicUrl"] = $"http://localhost:{holdfast.Port}",
            ["OAuth:Clients:frontdesk:Name"] = "Frontdesk", ["OAuth:Clients:frontdesk:Secret"] = Application.Secret("frontdesk"), ["OAuth:Clients:frontdesk:Redirects"] = name + "/holdfast/callback",
            ["OAuth:Clients:frontdesk:SignOuts"] = name + "/holdfast/signed-out", ["OAuth:Clients:frontdesk:LogoutAddress"] = machine + "/holdfast/session-ended",
            ["Deletion:Connectors"] = "frontdesk", ["Deletion:frontdesk:Name"] = "Frontdesk", ["Deletion:frontdesk:Url"] = machine + "/hooks/holdfast", ["Deletion:frontdesk:Secret"] = Secret,
            ["Deletion:frontdesk:Deletes"] = "Calls, with recordings and transcripts | Your phone number, which goes back to the pool", ["Deletion:frontdesk:Keeps"] = "E-mails already sent | Copies of leads in your CRM | Entries in calendars",
        };
    }

    /// <param name="folder">Of one that ran before; null for a new one.</param>
    public static async Task<FrontdeskSample> Start(TestApp holdfast, ReservedPort place, string? folder = null)
    {
        var (logs, data) = (new LogCapture(), folder ?? Directory.CreateTempSubdirectory("frontdesk-").FullName);
        var app = FrontdeskHost.Build(
            [$"--Frontdesk:Port={place.Port}", $"--Frontdesk:Data={data}", $"--Holdfast:Authority={holdfast.Settings.Server.Issuer}", $"--Holdfast:ClientSecret={Application.Secret("frontdesk")}", $"--Holdfast:WebhookSecrets={Secret}", "--Holdfast:CheckEvery=00:00:00"],
            holdfast.Clock, logging => logging.ClearProviders().AddProvider(logs));
        await app.StartAsync();
        return new FrontdeskSample(app, holdfast, FrontdeskHost.AddressOf(app), data, logs);
    }

    /// <summary>A browser that has never been here.</summary>
    public Visitor Visitor()
    {
        var visitor = new Visitor(_http, Logs);
        visitor.Headers["Sec-Fetch-Mode"] = "navigate";
        return visitor;
    }

    /// <summary>Somebody who is signed in at Holdfast comes here.</summary>
    public async Task<Visitor> SignedIn(Visitor holdfast)
    {
        var here = Visitor();
        var asked = (await here.Get("/holdfast/sign-in")).Expect(303).Location!;
        var answered = await holdfast.Get(new Uri(asked).PathAndQuery);
        var back = answered.Location ?? answered.Header("Refresh")?.Split("url=", 2)[1] ?? throw new InvalidOperationException($"Holdfast sent nobody back: {answered}\n{answered.Body}");
        if (!back.StartsWith(Address + "/", StringComparison.Ordinal)) throw new InvalidOperationException($"Sent away to {back}");
        (await here.Get(back[Address.Length..])).Expect(303);
        return here;
    }

    public async Task<Visitor> SignedIn(Person person) => await SignedIn(await _holdfast.SignedIn(person));

    /// <summary>Tells it what Holdfast would, signed now.</summary>
    /// <param name="change">What happens to the body after it was signed.</param>
    public async Task<Answer> Tell(string id, byte[] body, string secret = Secret, Func<byte[], byte[]>? change = null)
    {
        using var content = new ByteArrayContent(change?.Invoke(body) ?? body);
        return await new Visitor(_http, Logs).Send(HttpMethod.Post, "/hooks/holdfast", content, request => SignWebhook.Into(request, id, _holdfast.Now, body, [WebhookSecret.Parse(secret)!]));
    }

    public long Count(string what, object? values = null) => Db.Run(tx => tx.Count($"SELECT COUNT(*) FROM {what}", values));

    /// <summary>Ends it as a kill does for its memory: the folder stays.</summary>
    public async Task Stop()
    {
        await _app.StopAsync(new CancellationToken(true));
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Stop();
        if (Directory.Exists(Folder)) Directory.Delete(Folder, recursive: true);
    }

    private static async ValueTask<Stream> Connect(int port, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
