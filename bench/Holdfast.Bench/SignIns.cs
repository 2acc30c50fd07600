using System.Diagnostics;

namespace Holdfast.Bench;

/// <summary><c>POST /api/v1/sign-in</c> with the right password, one account after the other, beside libsodium alone with the same parameters.</summary>
internal static class SignIns
{
    public static async Task<Section> Run(Servers servers, Options options)
    {
        var passwords = servers.Settings.Passwords;
        var cores = Environment.ProcessorCount;
        var (one, all) = (new Figure("libsodium, one thread"), new Figure($"libsodium, {cores} threads"));
        var ours = servers.Ours.Select(target => (Figure: new Figure($"Holdfast on {target.Engine}"), Target: target)).ToList();
        // Longer than elsewhere: at a hundred a second the compiler takes its time to see what is hot, and its work would count as theirs.
        foreach (var (_, target) in ours) await Load.Run(target.Server, SignIn(target), options.Seconds, options);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var (figure, threads) in new[] { (one, 1), (all, cores) }) figure.Samples.Add(Raw(threads, passwords.MemoryKiB, passwords.Iterations, options));
            foreach (var (figure, target) in ours) figure.Samples.Add(await Load.Run(target.Server, SignIn(target), options.Seconds, options));
        }

        var section = new Section("sign-in", "", "/s", $"of {cores} raw threads", "CPU ms each", "× raw CPU", "p50 ms", "p99 ms");
        foreach (var figure in new[] { one, all }) section.Row(figure.Name, figure.Cell(s => s.PerSecond), Section.Cell(figure.Ratio(all, s => s.PerSecond)), figure.Cell(s => s.CpuMicros / 1e3), Section.Cell(figure.Ratio(all, s => s.CpuMicros)), "", "");
        foreach (var (figure, _) in ours)
        {
            section.Row(figure.Name, figure.Cell(s => s.PerSecond), Section.Cell(figure.Ratio(all, s => s.PerSecond)), figure.Cell(s => s.CpuMicros / 1e3), Section.Cell(figure.Ratio(all, s => s.CpuMicros)), figure.Cell(s => s.P50), figure.Cell(s => s.P99));
            section.Aim($"{figure.Name}, CPU of one sign-in, of its raw hash", figure.Ratio(all, s => s.CpuMicros), 1.05, atLeast: false);
            section.Aim($"{figure.Name}, sign-ins per second, of the raw rate on {cores} cores", figure.Ratio(all, s => s.PerSecond), 0.95, atLeast: true);
        }
        section.Doubts([.. one.Samples, .. all.Samples, .. ours.SelectMany(o => o.Figure.Samples)]);
        return section;
    }

    public static Requests SignIn(Target target) => new("/api/v1/sign-in", Lines: target.Data.SignIns);

    private static Sample Raw(int threads, int memoryKiB, int iterations, Options options)
    {
        var use = Machine.Use(options.PostgresSession);
        var clock = Stopwatch.StartNew();
        var (perSecond, cpu) = RawHash.Measure(threads, memoryKiB, iterations, options.Seconds);
        return new Sample(perSecond, 0, 0, cpu * 1e3, 0, Load.Others(use, options, clock.Elapsed.TotalSeconds));
    }
}
