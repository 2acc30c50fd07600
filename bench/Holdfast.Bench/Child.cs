using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Holdfast.Bench;

/// <summary>A server that was started for the measurement, and ends with it.</summary>
internal sealed partial class Child : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<int, Process> Running = new();
    private readonly Process _process;

    private Child(Process process, int port) => (_process, Port) = (process, port);

    public int Id => _process.Id;

    public int Port { get; }

    public string Address => $"http://127.0.0.1:{Port}";

    /// <summary>Starts <paramref name="dll"/> and waits until it has said at which port it listens.</summary>
    public static async Task<Child> Start(string dll, params string[] args)
    {
        var process = Launch(dll, args);
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (ReadyAt().Match(line) is not { Success: true } match) continue;
            _ = process.StandardOutput.ReadToEndAsync();
            return new Child(process, int.Parse(match.Groups["port"].Value, System.Globalization.CultureInfo.InvariantCulture));
        }
        throw new InvalidOperationException($"{Path.GetFileName(dll)} {string.Join(' ', args)} did not start");
    }

    /// <summary>Starts it on a port that is given and asks until something answers.</summary>
    /// <returns>The server, and the time from the start of the process to its first answer.</returns>
    public static async Task<(Child Child, TimeSpan Took)> StartAndAsk(string path, int port, string dll, params string[] args)
    {
        var clock = Stopwatch.StartNew();
        var process = Launch(dll, args);
        while (!await Answers(port, path))
        {
            if (process.HasExited) throw new InvalidOperationException($"{Path.GetFileName(dll)} did not start");
            await Task.Delay(2);
        }
        var took = clock.Elapsed;
        _ = process.StandardOutput.ReadToEndAsync();
        return (new Child(process, port), took);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // SIGTERM: a server that is told to stop writes what it still has to.
            using var kill = Process.Start("kill", [_process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
            await _process.WaitForExitAsync();
        }
        Running.TryRemove(_process.Id, out _);
        _process.Dispose();
    }

    /// <summary>For the end of a measurement that was broken off.</summary>
    public static void EndAll()
    {
        foreach (var process in Running.Values) process.Kill();
    }

    private static Process Launch(string dll, string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [dll, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("HOLDFAST_", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet cannot be started");
        Running[process.Id] = process;
        process.ErrorDataReceived += (_, e) => { if (!string.IsNullOrEmpty(e.Data)) Console.Error.WriteLine(e.Data); };
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<bool> Answers(int port, string path)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync("127.0.0.1", port);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
            var answer = new byte[12];
            return await socket.ReceiveAsync(answer) == answer.Length && answer.AsSpan().SequenceEqual("HTTP/1.1 200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"ready: http://[^:\s]+:(?<port>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ReadyAt();
}
