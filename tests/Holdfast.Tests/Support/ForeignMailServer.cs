using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Holdfast.Tests.Support;

/// <summary>What the foreign server made of a letter: the envelope as it came, the message as python's <c>email</c> package reads it.</summary>
public sealed record ReceivedLetter(
    bool Encrypted,
    bool Authenticated,
    string Hello,
    string MailFrom,
    IReadOnlyList<string> Recipients,
    IReadOnlyList<string> Options,
    byte[] Raw,
    IReadOnlyList<string> Headers,
    string Subject,
    string FromName,
    string From,
    IReadOnlyList<string> To,
    string Date,
    string MessageId,
    IReadOnlyList<string> Types,
    string Text,
    string Html,
    IReadOnlyList<string> Defects);

/// <summary>aiosmtpd as a child process on a free port of this machine (see smtpd.py). A machine without it skips the test, and says so.</summary>
public sealed class ForeignMailServer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<bool> Present = new(() => File.Exists(Python) && Run("-c", "import aiosmtpd") == 0);

    private readonly Process _process;

    private ForeignMailServer(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public static Task<ForeignMailServer> StartTls(TestCertificates certificates, string? user = null, string? password = null, string[]? without = null, bool utf8 = true) =>
        Start(new { security = "starttls", cert = certificates.ServerFile, key = certificates.KeyFile, user, password, without, utf8 });

    public static Task<ForeignMailServer> Tls(TestCertificates certificates, string? user = null, string? password = null) =>
        Start(new { security = "tls", cert = certificates.ServerFile, key = certificates.KeyFile, user, password });

    public static Task<ForeignMailServer> Plain(string? user = null, string? password = null) => Start(new { security = "none", user, password });

    /// <summary>The next letter that comes; waits 20 seconds at most.</summary>
    public async Task<ReceivedLetter> Next() => JsonSerializer.Deserialize<ReceivedLetter>(await Line(_process), Json)!;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<ForeignMailServer> Start(object options)
    {
        if (!Present.Value) Assert.Skip("No foreign mail server here: install python3-aiosmtpd");
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Support", "smtpd.py"));
        start.ArgumentList.Add(JsonSerializer.Serialize(options));
        var process = Process.Start(start)!;
        using var ready = JsonDocument.Parse(await Line(process));
        return new ForeignMailServer(process, ready.RootElement.GetProperty("port").GetInt32());
    }

    private static async Task<string> Line(Process process) =>
        await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20), TimeProvider.System) ?? throw new InvalidOperationException("The foreign mail server ended");

    private static int Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true, UseShellExecute = false })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
