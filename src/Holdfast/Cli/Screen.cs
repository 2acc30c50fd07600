using System.Globalization;
using Spectre.Console;

namespace Holdfast.Cli;

/// <summary>What commands write to: tables and a sign of progress for people at a terminal, plain lines with tabs for programs.</summary>
internal static class Screen
{
    internal static bool IsTerminal { get; } = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    internal static void Say(string line) => Console.Out.WriteLine(line);

    /// <summary>Shows that work goes on; says nothing where nobody watches.</summary>
    internal static Task<T> Working<T>(string what, Func<Task<T>> work) =>
        IsTerminal ? AnsiConsole.Status().StartAsync(Markup.Escape(what), _ => work()) : work();

    /// <summary>The same with a bar, where it is known how much there is. The work is given what to call with how much more it has done.</summary>
    internal static Task<T> Progress<T>(string what, long total, Func<Action<int>, Task<T>> work) => !IsTerminal ? work(_ => { }) : AnsiConsole.Progress().AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .StartAsync(context =>
        {
            var bar = context.AddTask(Markup.Escape(what), maxValue: Math.Max(1, total));
            return work(done => bar.Increment(done));
        });

    internal static void Table(IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<string>> rows)
    {
        if (!IsTerminal)
        {
            Say(string.Join('\t', heads));
            foreach (var row in rows) Say(string.Join('\t', row));
            return;
        }
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var head in heads) table.AddColumn(new TableColumn(new Text(head, new Style(decoration: Decoration.Bold))));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }

    /// <summary>A first word that says how good the rest is.</summary>
    internal static void Verdict(Tone tone, string word, string what, string words)
    {
        if (IsTerminal) AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[{Color(tone)}]{word,-8}[/] [bold]{what}[/]  {words}");
        else Say($"{word}\t{what}\t{words}");
    }

    private static string Color(Tone tone) => tone switch { Tone.Good => "green", Tone.Odd => "yellow", Tone.Bad => "red", _ => "default" };
}

internal enum Tone { Good, Odd, Bad }
