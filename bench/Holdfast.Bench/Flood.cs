namespace Holdfast.Bench;

/// <summary>What a flood of sign-ins does to everybody who is signed in already.</summary>
internal static class Flood
{
    /// <summary>Sign-ins under way at once: more than there are threads that hash, fewer than the queue holds.</summary>
    private const int Connections = 32;

    public static async Task<Section> Run(Servers servers, Options options)
    {
        var section = new Section("flood", "", "p99 quiet, ms", "p99 in the flood, ms", "× quiet", "p50 quiet, ms", "p50 in the flood, ms", "req/s quiet", "req/s in the flood", "sign-ins/s meanwhile");
        var all = new List<Sample>();
        foreach (var target in servers.Ours)
        {
            var (quiet, flooded, signIns) = (new Figure("quiet"), new Figure("flooded"), new Figure("sign-ins"));
            var check = new Requests("/api/v1/session", target.Data.Cookie);
            await Load.Run(target.Server, check, servers.WarmSeconds, options);
            await Load.Run(target.Server, SignIns.SignIn(target), 1, options);
            for (var round = 0; round < options.Rounds; round++)
            {
                quiet.Samples.Add(await Load.Run(target.Server, check, options.Seconds, options));
                var flood = Load.Run(target.Server, SignIns.SignIn(target), options.Seconds + 2, options, Connections);
                await Task.Delay(TimeSpan.FromSeconds(1));
                flooded.Samples.Add(await Load.Run(target.Server, check, options.Seconds, options));
                signIns.Samples.Add(await flood);
            }
            var ratio = flooded.Ratio(quiet, s => s.P99);
            section.Row($"Holdfast on {target.Engine}", quiet.Cell(s => s.P99), flooded.Cell(s => s.P99), Section.Cell(ratio), quiet.Cell(s => s.P50), flooded.Cell(s => s.P50), quiet.Cell(s => s.PerSecond), flooded.Cell(s => s.PerSecond), signIns.Cell(s => s.PerSecond));
            section.Aim($"Holdfast on {target.Engine}, p99 of the session check in the flood, of the quiet one", ratio, 2, atLeast: false);
            all.AddRange([.. quiet.Samples, .. flooded.Samples, .. signIns.Samples]);
        }
        section.Doubts(all);
        return section;
    }
}
