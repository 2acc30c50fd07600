using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;

namespace Holdfast.Cli;

/// <summary>After an older backup was restored: erases again whoever stands in a list of erased accounts and is in the database. The server does so by itself with its own list; this takes those of other nodes.</summary>
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
        var entries = ErasedList.Read(path, out var unread);
        await using var open = await OpenDatabase.ToWrite(settings);
        using var http = new ConnectorHttp(settings);
        var begin = new BeginErasure(new PlanErasure(new Connectors(settings, http, TimeProvider.System, [])));
        var again = await Screen.Working(CommandLine.T["cli.erasure.replay.working"], () => new ReplayErasures(open.Db, begin, TimeProvider.System).Run(entries));
        if (unread > 0) Screen.Say(CommandLine.T["cli.erasure.replay.unread", unread]);
        Screen.Say(CommandLine.T["cli.erasure.replay.done", entries.Count, again]);
        return CommandLine.Done;
    }
}
