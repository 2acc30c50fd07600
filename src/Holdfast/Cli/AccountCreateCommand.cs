using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Recovery;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Makes an account without a password, and a link with which its owner chooses one. No password is ever typed here: it would stay in the shell's history.</summary>
internal static class AccountCreateCommand
{
    internal static Command Make()
    {
        var email = new Option<string>("--email") { Description = CommandLine.T["cli.option.email"], HelpName = "address", Required = true };
        var name = new Option<string>("--name") { Description = CommandLine.T["cli.option.name"], HelpName = "name", Required = true };
        var workspace = new Option<string?>("--workspace") { Description = CommandLine.T["cli.option.workspace"], HelpName = "name" };
        var isOperator = new Option<bool>("--operator") { Description = CommandLine.T["cli.option.operator"] };
        var command = new Command("create", CommandLine.T["cli.account.create"]) { email, name, workspace, isOperator };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), new NewAccount(parsed.GetRequiredValue(email), parsed.GetRequiredValue(name), parsed.GetValue(workspace), parsed.GetValue(isOperator))));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, NewAccount form)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToWrite(settings, mayMake: true);
        var outcome = await new CreateAccount(open.Db, TimeProvider.System, settings.Recovery).Run(form);
        if (!outcome.Ok) return CommandLine.Refuse(outcome.Refusal);
        var (account, link, role) = outcome.Value;
        Screen.Say(t["cli.account.created", account.Email]);
        if (role is not null) Screen.Say(t[$"cli.account.joined.{role}", form.Workspace!.Trim()]);
        if (account.IsOperator) Screen.Say(t["cli.operator.added", account.Email]);
        SayLink(settings, link);
        if (await open.Db.Read(AccountTable.Operators) == 0) Screen.Say($"\n{t["cli.operator.nobody"]}");
        return CommandLine.Done;
    }

    internal static void SayLink(HoldfastSettings settings, SecretToken link) =>
        Screen.Say($"{CommandLine.T["cli.account.link", Durations.Say(settings.Recovery.LinkLifetime, CommandLine.T)]}\n\n  {ResetLink.Address(settings.Server, link)}");
}
