using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.OAuth;
using Holdfast.Hosting;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Changes the key that signs before its time.</summary>
internal static class SigningKeyRotateCommand
{
    internal static Command Make()
    {
        var leaked = new Option<bool>("--leaked") { Description = CommandLine.T["cli.signing-key.option.leaked"] };
        var command = new Command("rotate", CommandLine.T["cli.signing-key.rotate"]) { leaked };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetValue(leaked)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, bool leaked)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        using var keys = new SigningKeys(open.Db, await OpenKeys.Run(open.Db, settings.Server.KeysPath), settings, TimeProvider.System);
        var made = await new ChangeSigningKey(open.Db, keys, TimeProvider.System).Run(leaked);
        if (!made.Ok) return CommandLine.Refuse(made.Refusal);
        Screen.Say(CommandLine.T[leaked ? "cli.signing-key.replaced" : "cli.signing-key.next", made.Value.Id, Moments.Machine(made.Value.SignsFrom)]);
        return CommandLine.Done;
    }
}
