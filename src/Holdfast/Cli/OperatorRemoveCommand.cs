using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;

namespace Holdfast.Cli;

/// <summary>Takes the operator's part from somebody; never from the last one.</summary>
internal static class OperatorRemoveCommand
{
    internal static Command Make()
    {
        var email = new Argument<string>("email") { Description = CommandLine.T["cli.option.email"] };
        var command = new Command("remove", CommandLine.T["cli.operator.remove"]) { email };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetRequiredValue(email)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string email)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var account = await new ChangeOperators(open.Db, TimeProvider.System).Remove(email);
        if (!account.Ok) return CommandLine.Refuse(account.Refusal);
        Screen.Say(CommandLine.T["cli.operator.removed", account.Value.Email]);
        return CommandLine.Done;
    }
}
