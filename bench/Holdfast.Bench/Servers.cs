using Holdfast.Configuration;

namespace Holdfast.Bench;

/// <summary>A server on one engine, with what lies in its database.</summary>
internal sealed record Target(string Engine, Child Server, Filled Data);

/// <summary>What is measured against what: two servers of ours on filled databases, and the floors. All run at the same time, and idle while another has its turn.</summary>
internal sealed class Servers(Options options) : IAsyncDisposable
{
    public const int RevokeSeconds = 4;
    private const int RevokesPerSecond = 5_000;
    private const string Self = "Holdfast.Bench.dll";
    private readonly List<Child> _running = [];

    public IReadOnlyList<Target> Ours { get; private set; } = [];

    public Child Constant { get; private set; } = null!;

    public Child Memory { get; private set; } = null!;

    /// <summary>Length of a round that warms up: the compiler has seen the hot path often enough by then.</summary>
    public int WarmSeconds => Math.Min(4, options.Seconds);

    public HoldfastSettings Settings { get; } = FillDatabase.Settings(Data(options, "postgres"), options.Postgres);

    public static string Data(Options options, string engine) => Path.Combine(options.Scratch, engine);

    /// <summary>The command line of a server of ours.</summary>
    public static string[] Serve(Options options, string engine, int port) =>
        ["serve", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--data", Data(options, engine), .. engine == "postgres" ? (string[])["--postgres", options.Postgres] : []];

    public async Task Start(bool withRevokes)
    {
        // One round more, to warm up with.
        var (rounds, revokes) = withRevokes ? (options.Rounds + 1, Math.Min(options.Seconds, RevokeSeconds) * RevokesPerSecond) : (0, 0);
        var targets = new List<Target>();
        foreach (var (name, engine, postgres) in new[] { ("SQLite", "sqlite", null), ("PostgreSQL", "postgres", options.Postgres) })
        {
            Console.Error.WriteLine($"Filling a database on {name} …");
            var filled = await FillDatabase.Run(FillDatabase.Settings(Data(options, engine), postgres), options.Scratch, engine, rounds, revokes);
            targets.Add(new Target(name, await Run(options.Server, Serve(options, engine, 0)), filled));
        }
        Ours = targets;
        var bytes = (await Ask(targets[0])).ToString(System.Globalization.CultureInfo.InvariantCulture);
        Constant = await Run(Path.Combine(AppContext.BaseDirectory, Self), ["floor", Floor.Constant, bytes]);
        Memory = await Run(Path.Combine(AppContext.BaseDirectory, Self), ["floor", Floor.Memory, bytes]);
    }

    /// <summary>Length of the answer to "who is signed in", in bytes: the floors answer with as many.</summary>
    public static async Task<int> Ask(Target target)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Server.Address + "/api/v1/session");
        request.Headers.Add("Cookie", target.Data.Cookie);
        using var response = (await http.SendAsync(request)).EnsureSuccessStatusCode();
        return (await response.Content.ReadAsByteArrayAsync()).Length;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in _running) await child.DisposeAsync();
        _running.Clear();
    }

    private async Task<Child> Run(string dll, string[] args)
    {
        var child = await Child.Start(dll, args);
        _running.Add(child);
        return child;
    }
}
