using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Holdfast.Bench;

/// <summary>From the start of the process to its first answer, on the filled database, and the memory that it has after one request of a signed-in person.</summary>
internal static class Starts
{
    public static async Task<Section> Run(Servers servers, Options options)
    {
        var targets = servers.Ours;
        await servers.DisposeAsync();
        var times = options.Rounds > 1 ? 5 : 2;
        var section = new Section("start", "", "first answer, ms", "idle memory, MiB");
        var doubts = new List<Sample>();
        foreach (var target in targets)
        {
            var (took, memory) = (new List<double>(), new List<double>());
            for (var i = 0; i < times; i++)
            {
                var use = Machine.Use(options.PostgresSession);
                var clock = Stopwatch.StartNew();
                var port = FreePort();
                var (server, first) = await Child.StartAndAsk("/health/live", port, options.Server, Servers.Serve(options, target.Engine == "SQLite" ? "sqlite" : "postgres", port));
                await using (server)
                {
                    doubts.Add(new Sample(0, 0, 0, 0, 0, Load.Others(use, options, clock.Elapsed.TotalSeconds)));
                    await Servers.Ask(target with { Server = server });
                    await Task.Delay(TimeSpan.FromSeconds(1));
                    took.Add(first.TotalMilliseconds);
                    memory.Add(Machine.ResidentMiB(server.Id));
                }
            }
            section.Row($"Holdfast on {target.Engine}", Section.Cell(Figure.Median(took)), Section.Cell(Figure.Median(memory)));
            section.Aim($"Holdfast on {target.Engine}, first answer after", Figure.Median(took), 1000, atLeast: false, " ms");
            section.Aim($"Holdfast on {target.Engine}, idle memory", Figure.Median(memory), 100, atLeast: false, " MiB");
        }
        section.Doubts(doubts);
        return section;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
