using System.Diagnostics;
using System.Text.Json;
using Holdfast.Features.Erasure;
using Xunit;

namespace Holdfast.Tests.Support;

/// <summary>
/// A server in a process of its own that kills itself by SIGKILL where an erasure has got to a named place: nothing is closed, rolled back or written after that. The process is this program again, called to run one test that nobody else runs.
/// </summary>
public sealed class DyingServer
{
    private const string Variable = "HOLDFAST_TEST_DYING_SERVER";

    private static readonly string? s_task = Take();

    private sealed record Task_(string Place, string Engine, string Folder, string? Name, string? Server, long Now, string DeletionId, Dictionary<string, string?> Settings);

    /// <summary>Works on the deletion from <paramref name="now"/> on, its clock moved as far as it waits for, until it dies.</summary>
    /// <returns>True when it died by the signal; false when it came to the end of the deletion without passing that place.</returns>
    public static async Task<bool> Run(TestDatabase database, IReadOnlyDictionary<string, string?> settings, DateTimeOffset now, string deletionId, string place)
    {
        var task = new Task_(place, database.Engine, database.Folder, database.Name, TestDatabase.PostgresServer, now.ToUnixTimeMilliseconds(), deletionId, new(settings));
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        // Whether we run by a host of our own or by `dotnet`.
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(DyingServer).Assembly.Location);
        foreach (var argument in new[] { "-class", typeof(DyingServer).FullName!, "-explicit", "only", "-noLogo" }) start.ArgumentList.Add(argument);
        start.Environment[Variable] = JsonSerializer.Serialize(task);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        return process.ExitCode switch
        {
            128 + 9 => true,
            0 => false,
            _ => throw new InvalidOperationException($"It ended with {process.ExitCode}: {await output}{await errors}"),
        };
    }

    /// <summary>What the child runs, and nobody else.</summary>
    [Fact(Explicit = true)]
    public async Task Goes_on_with_a_deletion_until_it_dies()
    {
        Assert.NotNull(s_task);
        await Work(JsonSerializer.Deserialize<Task_>(s_task)!);
    }

    /// <summary>Out of the environment again: to the server it would be a setting that it does not know.</summary>
    private static string? Take()
    {
        var task = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return task;
    }

    private static async Task Work(Task_ task)
    {
        var clock = new FakeClock();
        clock.Advance(DateTimeOffset.FromUnixTimeMilliseconds(task.Now) - clock.GetUtcNow());
        var database = TestDatabase.Existing(task.Engine, task.Folder, task.Name, task.Server);
        await using var app = await TestApp.Start(task.Engine, task.Settings, clock, database);
        app.Get<ErasureProbe>().At = reached =>
        {
            // SIGKILL on this system.
            if (reached == task.Place) Process.GetCurrentProcess().Kill();
        };
        await Leaving.GoOn(app, task.DeletionId);
    }
}
