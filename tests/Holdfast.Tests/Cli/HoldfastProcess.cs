using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Holdfast.Tests.Cli;

/// <param name="Lines">What came on standard output, without empty lines.</param>
internal sealed record Ended(int Code, string Out, string Error)
{
    public IReadOnlyList<string> Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Standard error, which has to be one line.</summary>
    public string OneError
    {
        get
        {
            Assert.Equal(1, Error.Count(c => c == '\n'));
            return Error.TrimEnd('\n');
        }
    }
}

/// <summary>The built program as a process of its own, as an operator starts it.</summary>
internal sealed class HoldfastProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HoldfastProcess(string[] args, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Path.GetTempPath() };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "holdfast.dll"));
        foreach (var arg in args) start.ArgumentList.Add(arg);
        // What is set for the tests is no setting of the server.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("HOLDFAST_", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Hear(_out, e.Data);
        _process.ErrorDataReceived += (_, e) => Hear(_error, e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Out { get { lock (_out) return _out.ToString(); } }

    public string Address => Out.Split('\n').Single(line => line.StartsWith(ReadyLine, StringComparison.Ordinal))[ReadyLine.Length..];

    private const string ReadyLine = "Holdfast is ready: ";

    public static Task<Ended> Run(params string[] args) => Run(null, args);

    public static async Task<Ended> Run(IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        await using var process = new HoldfastProcess(args, environment);
        return await process.End();
    }

    /// <summary>Starts a server and waits until it says that it answers.</summary>
    public static async Task<HoldfastProcess> Serve(params string[] args)
    {
        var process = new HoldfastProcess(["serve", .. args], null);
        var ended = process._process.WaitForExitAsync();
        if (await Task.WhenAny(process._ready.Task, ended).WaitAsync(Patience) == ended) Assert.Fail($"The server did not start: {(await process.End()).Error}");
        return process;
    }

    /// <summary>A port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task<Ended> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        lock (_out) lock (_error) return new Ended(_process.ExitCode, _out.ToString(), _error.ToString());
    }

    /// <summary>SIGKILL: no time for anything.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await End();
    }

    /// <summary>SIGTERM, as a service manager stops it.</summary>
    public async Task<Ended> Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await End();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await Kill();
        _process.Dispose();
    }

    private void Hear(StringBuilder heard, string? line)
    {
        if (line is null) return;
        lock (heard) heard.Append(line).Append('\n');
        if (line.StartsWith(ReadyLine, StringComparison.Ordinal)) _ready.TrySetResult();
    }
}

internal static class Printed
{
    /// <returns>What stands in the pattern's first brackets.</returns>
    public static string Find(string text, string pattern) => Regex.Match(text, pattern, RegexOptions.NonBacktracking).Groups[1].Value;
}

/// <summary>A folder of one test's own, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("holdfast-cli-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
