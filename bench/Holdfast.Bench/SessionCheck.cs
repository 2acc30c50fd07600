namespace Holdfast.Bench;

/// <summary><c>GET /api/v1/session</c> of a signed-in person, beside a constant and beside the same look-up with nothing around it.</summary>
internal static class SessionCheck
{
    private const string Path = "/api/v1/session";

    public static async Task<Section> Run(Servers servers, Options options)
    {
        var (constant, floor) = (new Figure("Bare endpoint, constant"), new Figure("In-memory floor: SHA-256 and a look-up among 1 million"));
        List<(Figure Figure, Child Server, Requests Requests)> runs =
            [(constant, servers.Constant, new Requests(Path)), (floor, servers.Memory, new Requests(Path, $"__Host-holdfast={Floor.Token}"))];
        runs.AddRange(servers.Ours.Select(ours => (new Figure($"Holdfast on {ours.Engine}"), ours.Server, new Requests(Path, ours.Data.Cookie))));

        foreach (var (_, server, requests) in runs) await Load.Run(server, requests, servers.WarmSeconds, options);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (figure, server, requests) in runs) figure.Samples.Add(await Load.Run(server, requests, options.Seconds, options));
        }

        var section = new Section("session", "", "req/s", "of the floor", "p50 ms", "p99 ms", "CPU µs", "× floor's CPU");
        foreach (var (figure, _, _) in runs)
        {
            section.Row(figure.Name, figure.Cell(s => s.PerSecond), Section.Cell(figure.Ratio(floor, s => s.PerSecond)), figure.Cell(s => s.P50), figure.Cell(s => s.P99), figure.Cell(s => s.CpuMicros), Section.Cell(figure.Ratio(floor, s => s.CpuMicros)));
        }
        foreach (var (figure, _, _) in runs.Skip(2))
        {
            section.Aim($"{figure.Name}, requests per second, of the floor", figure.Ratio(floor, s => s.PerSecond), 0.75, atLeast: true);
            section.Aim($"{figure.Name}, CPU, of the floor", figure.Ratio(floor, s => s.CpuMicros), 1.4, atLeast: false);
        }
        section.Doubts(runs.SelectMany(r => r.Figure.Samples));
        return section;
    }
}
