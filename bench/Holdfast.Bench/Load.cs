using System.Diagnostics;
using System.Globalization;

namespace Holdfast.Bench;

/// <summary>What to send with wrk.</summary>
/// <param name="Path">Where to, when every request is the same.</param>
/// <param name="Cookie">Sent along when every request is the same.</param>
/// <param name="Lines">Requests to send in turn, as <c>wrk/lines.lua</c> reads them; null sends one and the same.</param>
internal sealed record Requests(string Path, string? Cookie = null, string? Lines = null);

/// <summary>One round of load.</summary>
/// <param name="P50">In milliseconds, as the caller sees it.</param>
/// <param name="CpuMicros">CPU time of the server's process for one request.</param>
/// <param name="Failed">Answers of 400 and above, and broken connections.</param>
/// <param name="Others">Share of the whole machine that processes other than ours took meanwhile, 0 to 1.</param>
internal sealed record Sample(double PerSecond, double P50, double P99, double CpuMicros, long Failed, double Others);

internal static class Load
{
    private const int Threads = 2;

    /// <summary>Runs wrk, and reads what the server's process used meanwhile.</summary>
    public static async Task<Sample> Run(Child server, Requests requests, int seconds, Options options, int connections = 16)
    {
        var use = Machine.Use(options.PostgresSession);
        var cpu = Machine.CpuSeconds(server.Id);
        var clock = Stopwatch.StartNew();
        var result = await Wrk(server, requests, seconds, connections);
        var took = clock.Elapsed.TotalSeconds;
        var used = Machine.CpuSeconds(server.Id) - cpu;
        return new Sample(result[0] / (result[1] / 1e6), result[2] / 1e3, result[3] / 1e3, used * 1e6 / result[0], (long)result[4], Others(use, options, took));
    }

    /// <summary>What other processes took of the machine since <paramref name="before"/>.</summary>
    public static double Others((double Busy, double Ours) before, Options options, double seconds)
    {
        var now = Machine.Use(options.PostgresSession);
        return Math.Clamp((now.Busy - before.Busy - (now.Ours - before.Ours)) / (seconds * Environment.ProcessorCount), 0, 1);
    }

    private static async Task<double[]> Wrk(Child server, Requests requests, int seconds, int connections)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "wrk", requests.Lines is null ? "report.lua" : "lines.lua");
        List<string> args = ["-t", Text(Threads), "-c", Text(connections), "-d", Text(seconds), "-s", script];
        if (requests.Cookie is not null) args.AddRange(["-H", $"Cookie: {requests.Cookie}"]);
        args.Add(server.Address + requests.Path);
        if (requests.Lines is not null) args.AddRange(["--", requests.Lines, Text(Threads)]);
        using var wrk = Process.Start(new ProcessStartInfo("wrk", args) { RedirectStandardOutput = true, UseShellExecute = false }) ?? throw new InvalidOperationException("wrk cannot be started");
        var output = await wrk.StandardOutput.ReadToEndAsync();
        await wrk.WaitForExitAsync();
        var line = output.Split('\n').SingleOrDefault(l => l.StartsWith("RESULT ", StringComparison.Ordinal)) ?? throw new InvalidOperationException($"wrk says: {output}");
        return [.. line.Split(' ').Skip(1).Select(n => double.Parse(n, CultureInfo.InvariantCulture))];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
