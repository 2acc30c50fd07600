namespace Holdfast.Bench;

/// <summary><c>GET /api/v1/sessions</c> of people with five sessions each, one person after the other.</summary>
internal static class Lists
{
    /// <summary>Four times the rate of ASP.NET Core Identity with a ticket store, as a share of the bare endpoint in the run in which both were measured (4,870 and 2,570 of 77,000).</summary>
    private static readonly Dictionary<string, double> Aims = new(StringComparer.Ordinal) { ["SQLite"] = 4 * 4_870 / 77_000.0, ["PostgreSQL"] = 4 * 2_570 / 77_000.0 };

    public static async Task<Section> Run(Servers servers, Options options)
    {
        var constant = new Figure("Bare endpoint, constant");
        List<(Figure Figure, Child Server, Requests Requests)> runs = [(constant, servers.Constant, new Requests("/api/v1/session"))];
        runs.AddRange(servers.Ours.Select(ours => (new Figure(ours.Engine), ours.Server, new Requests("/api/v1/sessions", Lines: ours.Data.Lists))));
        foreach (var (_, server, requests) in runs) await Load.Run(server, requests, servers.WarmSeconds, options);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (figure, server, requests) in runs) figure.Samples.Add(await Load.Run(server, requests, options.Seconds, options));
        }

        var section = new Section("list", "", "/s", "of the bare endpoint", "p50 ms", "p99 ms", "CPU µs");
        foreach (var (figure, _, _) in runs)
        {
            var ratio = figure.Ratio(constant, s => s.PerSecond);
            var ours = Aims.TryGetValue(figure.Name, out var aim);
            section.Row(ours ? $"Holdfast on {figure.Name}" : figure.Name, figure.Cell(s => s.PerSecond), Section.Cell(ratio), figure.Cell(s => s.P50), figure.Cell(s => s.P99), figure.Cell(s => s.CpuMicros));
            if (ours) section.Aim($"Holdfast on {figure.Name}, lists per second, of the bare endpoint", ratio, aim, atLeast: true);
        }
        section.Doubts(runs.SelectMany(r => r.Figure.Samples));
        return section;
    }
}
