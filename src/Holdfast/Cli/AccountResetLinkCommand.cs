using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Recovery;

namespace Holdfast.Cli;

/// <summary>Makes a link to choose a new password, for a person who cannot receive letters.</summary>
internal static class AccountResetLinkCommand
{
    internal static Command Make()
    {
        var email = new Argument<string>("email") { Description = CommandLine.T["cli.option.email"] };
        var command = new Command("reset-link", CommandLine.T["cli.account.reset_link"]) { email };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetRequiredValue(email)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string email)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var link = await new MakeResetLink(open.Db, TimeProvider.System, settings.Recovery).Run(email);
        if (!link.Ok) return CommandLine.Refuse(link.Refusal);
        AccountCreateCommand.SayLink(settings, link.Value);
        return CommandLine.Done;
    }
}
