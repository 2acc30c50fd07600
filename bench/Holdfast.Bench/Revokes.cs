using System.Diagnostics;

namespace Holdfast.Bench;

/// <summary><c>DELETE /api/v1/sessions/{id}</c>, each session once, beside the raw update of a single row on the same engine.</summary>
internal static class Revokes
{
    public static async Task<Section> Run(Servers servers, Options options)
    {
        var seconds = Math.Min(options.Seconds, Servers.RevokeSeconds);
        var section = new Section("revoke", "", "/s", "of raw", "p50 ms", "p99 ms", "CPU µs");
        var all = new List<Sample>();
        foreach (var target in servers.Ours)
        {
            var (raw, revokes) = (new Figure($"{target.Engine}, raw update of one row"), new Figure($"Holdfast on {target.Engine}"));
            await Load.Run(target.Server, Revoke(target, options.Rounds), seconds, options);
            for (var round = 0; round < options.Rounds; round++)
            {
                raw.Samples.Add(await Raw(target, options, seconds));
                revokes.Samples.Add(await Load.Run(target.Server, Revoke(target, round), seconds, options));
            }
            var ratio = revokes.Ratio(raw, s => s.PerSecond);
            section.Row(raw.Name, raw.Cell(s => s.PerSecond), "1.00", "", "", "");
            section.Row(revokes.Name, revokes.Cell(s => s.PerSecond), Section.Cell(ratio), revokes.Cell(s => s.P50), revokes.Cell(s => s.P99), revokes.Cell(s => s.CpuMicros));
            section.Aim($"{revokes.Name}, of the raw update", ratio, 0.35, atLeast: true);
            all.AddRange([.. raw.Samples, .. revokes.Samples]);
        }
        section.Doubts(all);
        return section;
    }

    private static Requests Revoke(Target target, int round) => new("/api/v1/sessions", Lines: target.Data.Revokes[round]);

    private static async Task<Sample> Raw(Target target, Options options, int seconds)
    {
        var use = Machine.Use(options.PostgresSession);
        var clock = Stopwatch.StartNew();
        var perSecond = target.Engine == "SQLite" ? RawUpdate.Sqlite(Path.Combine(options.Scratch, "raw.db"), seconds) : await RawUpdate.Postgres(options.Postgres, seconds);
        return new Sample(perSecond, 0, 0, 0, 0, Load.Others(use, options, clock.Elapsed.TotalSeconds));
    }
}
