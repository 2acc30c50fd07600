using System.Globalization;

namespace Holdfast.Bench;

/// <summary>What to measure and with what.</summary>
/// <param name="Server">Path of <c>holdfast.dll</c>.</param>
/// <param name="Postgres">Connection string of an empty database on a server that syncs.</param>
/// <param name="PostgresSession">Process id of that server, which is also the id of its session.</param>
/// <param name="Scratch">Empty folder for the embedded database and lists of requests.</param>
/// <param name="Seconds">Length of one round.</param>
/// <param name="Rounds">How often each figure is taken; medians count.</param>
/// <param name="Sections">Names of <see cref="Measure.Sections"/>; empty means all.</param>
/// <param name="Events">Length of the log whose reporting is measured.</param>
/// <param name="Readme">File whose tables are replaced; null prints only.</param>
internal sealed record Options(string Server, string Postgres, int PostgresSession, string Scratch, int Seconds, int Rounds, IReadOnlyList<string> Sections, int Events, string? Readme)
{
    public static Options Parse(IReadOnlyList<string> args)
    {
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        var sections = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i].StartsWith("--", StringComparison.Ordinal)) named[args[i]] = args[++i];
            else sections.Add(args[i]);
        }
        int Number(string name) => int.Parse(named[name], CultureInfo.InvariantCulture);
        return new Options(named["--server"], named["--postgres"], Number("--postgres-pid"), named["--scratch"], Number("--seconds"), Number("--rounds"), sections, Number("--events"), named.GetValueOrDefault("--readme"));
    }

    public static int Explain()
    {
        Console.Error.WriteLine("Started by bench/run, which says what it takes: bench/run --help");
        return 2;
    }
}
