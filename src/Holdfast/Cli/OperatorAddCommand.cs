using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;

namespace Holdfast.Cli;

/// <summary>Makes somebody an operator of the product.</summary>
internal static class OperatorAddCommand
{
    internal static Command Make()
    {
        var email = new Argument<string>("email") { Description = CommandLine.T["cli.option.email"] };
        var command = new Command("add", CommandLine.T["cli.operator.add"]) { email };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetRequiredValue(email)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string email)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var account = await new ChangeOperators(open.Db, TimeProvider.System).Add(email);
        if (!account.Ok) return CommandLine.Refuse(account.Refusal);
        Screen.Say(CommandLine.T["cli.operator.added", account.Value.Email]);
        return CommandLine.Done;
    }
}
