using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;

namespace Holdfast.Cli;

/// <summary>
/// After an older backup was restored: takes the lines of a list of erased accounts, such as another node's, into the server's own. The server erases again whoever is back, at its start: it alone knows all its connectors, those built into
/// it as well.
/// </summary>
internal static class ErasureReplayCommand
{
    internal static Command Make()
    {
        var list = new Option<string?>("--list") { Description = CommandLine.T["cli.option.list"], HelpName = "file" };
        var command = new Command("replay", CommandLine.T["cli.erasure.replay"]) { list };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetValue(list)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string? list)
    {
        var path = list ?? settings.Deletion.ListPath;
        if (!File.Exists(path)) throw new SettingsException("--list", $"there is no file {path}");
        var (entries, unread) = await ErasedList.Read(path);
        var own = new ErasedList(settings.Deletion.ListPath);
        var added = 0;
        foreach (var entry in entries) if (await own.Add(entry)) added++;
        if (unread > 0) Screen.Say(CommandLine.T["cli.erasure.replay.unread", unread]);
        Screen.Say(CommandLine.T["cli.erasure.replay.done", entries.Count, added]);
        return CommandLine.Done;
    }
}
