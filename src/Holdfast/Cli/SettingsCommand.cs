using System.CommandLine;
using Holdfast.Configuration;
using Microsoft.Extensions.Configuration;

namespace Holdfast.Cli;

/// <summary>Prints every setting there is, from the declarations that also read them: the README's table cannot fall behind.</summary>
internal static class SettingsCommand
{
    internal static Command Make()
    {
        var markdown = new Option<bool>("--markdown") { Description = CommandLine.T["cli.option.markdown"] };
        var command = new Command("settings", CommandLine.T["cli.settings"]) { markdown };
        command.SetAction(parsed => Run(parsed.GetValue(markdown)));
        return command;
    }

    private static int Run(bool markdown)
    {
        if (markdown)
        {
            Screen.Say(Markdown());
            return CommandLine.Done;
        }
        Screen.Table(Heads, Rows());
        if (Screen.IsTerminal) Screen.Say(CommandLine.T["cli.settings.how"]);
        return CommandLine.Done;
    }

    private static string[] Heads { get; } = [CommandLine.T["cli.settings.key"], CommandLine.T["cli.settings.range"], CommandLine.T["cli.settings.default"], CommandLine.T["cli.settings.what"]];

    /// <summary>The table of the README, without a line end after its last row.</summary>
    internal static string Markdown() => string.Join('\n',
    [
        $"| {string.Join(" | ", Heads)} |",
        $"|{string.Concat(Heads.Select(_ => "---|"))}",
        .. Rows().Select(row => $"| `{row[0]}` | {string.Join(" | ", row.Skip(1).Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |"),
    ]);

    private static IEnumerable<string[]> Rows()
    {
        // Read from nothing: what is set here and now, wrong or right, does not matter for what may be set.
        HoldfastSettings.Read(new ConfigurationBuilder().Build(), out var declared);
        return declared.Select(d => new[] { d.Key, d.Range, d.Default, d.What });
    }
}
