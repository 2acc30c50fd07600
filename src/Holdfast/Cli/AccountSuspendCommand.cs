using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Features.DevMail;
using Holdfast.Features.ResetCases;
using Holdfast.Features.SignIn;
using Holdfast.Features.Workspaces;
using Holdfast.Hosting;
using Holdfast.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Cli;

/// <summary>Closes an account, and opens it again.</summary>
internal static class AccountSuspendCommand
{
    internal static Command Make(bool reactivate)
    {
        var email = new Argument<string>("email") { Description = CommandLine.T["cli.option.email"] };
        var command = reactivate ? new Command("reactivate", CommandLine.T["cli.account.reactivate"]) { email } : new Command("suspend", CommandLine.T["cli.account.suspend"]) { email };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetRequiredValue(email), reactivate));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string email, bool reactivate)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var (clock, keys) = (TimeProvider.System, await OpenKeys.Run(open.Db, settings.Server.KeysPath));
        // The letter waits in the outbox until a server sends it.
        var outbox = new SendLetters(open.Db, keys, new Mailbox(open.Db, keys, clock, settings), clock, settings, NullLogger<SendLetters>.Instance);
        var reopen = new ReopenWorkspaces(new TellMembers(new WorkspaceLetters(outbox, settings), new Throttle(keys, settings)));
        var suspend = new SuspendAccount(open.Db, outbox, new CloseCase(new ResetCaseLetters(outbox, settings)), reopen, settings, clock);
        if (reactivate)
        {
            var opened = await suspend.Reactivate(email);
            if (!opened.Ok) return CommandLine.Refuse(opened.Refusal);
            Screen.Say(CommandLine.T["cli.account.reactivated", opened.Value.Email]);
            return CommandLine.Done;
        }
        var ended = await suspend.Suspend(email);
        if (!ended.Ok) return CommandLine.Refuse(ended.Refusal);
        Screen.Say(CommandLine.T.Count("cli.account.suspended", ended.Value, email));
        return CommandLine.Done;
    }
}
