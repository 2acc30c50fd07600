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
        var t = CommandLine.T;
        // Read from nothing: what is set here and now, wrong or right, does not matter for what may be set.
        HoldfastSettings.Read(new ConfigurationBuilder().Build(), out var declared);
        string[] heads = [t["cli.settings.key"], t["cli.settings.range"], t["cli.settings.default"], t["cli.settings.what"]];
        var rows = declared.Select(d => new[] { d.Key, d.Range, d.Default, d.What });
        if (markdown)
        {
            Screen.Say($"| {string.Join(" | ", heads)} |\n|{string.Concat(heads.Select(_ => "---|"))}");
            foreach (var row in rows) Screen.Say($"| `{row[0]}` | {string.Join(" | ", row.Skip(1).Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |");
            return CommandLine.Done;
        }
        Screen.Table(heads, rows);
        if (Screen.IsTerminal) Screen.Say(t["cli.settings.how"]);
        return CommandLine.Done;
    }
}
