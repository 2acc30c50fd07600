using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Hosting;
using Holdfast.Storage;

namespace Holdfast.Cli;

/// <summary>Brings the schema up to date without starting the server.</summary>
internal static class MigrateCommand
{
    internal static Command Make()
    {
        var command = new Command("migrate", CommandLine.T["cli.migrate"]);
        command.SetAction((parsed, stop) => Run(CommonOptions.Read(parsed), stop));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, CancellationToken stop)
    {
        Runtime.RefuseVulnerable();
        await using var engine = Engine.Open(settings);
        var db = new Db(engine, new Announcements(TimeProvider.System));
        var applied = await Screen.Working(CommandLine.T["cli.migrate.working"], () => Migrate.Run(db, TimeProvider.System, stop));
        foreach (var name in applied) Screen.Say(CommandLine.T["cli.migrate.applied", name]);
        var (version, _) = await Migrate.State(db, stop);
        Screen.Say(CommandLine.T[applied.Count > 0 ? "cli.migrate.done" : "cli.migrate.nothing", version, engine.Name]);
        return CommandLine.Done;
    }
}
