using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.DevMail;
using Holdfast.Features.TwoFactor;
using Holdfast.Hosting;
using Holdfast.Outbox;
using Microsoft.Extensions.Logging.Abstractions;

namespace Holdfast.Cli;

/// <summary>Removes the second factors of somebody who has lost the app and the recovery codes. Make sure who is asking: this opens the account to whoever has the password.</summary>
internal static class AccountResetTwoFactorCommand
{
    internal static Command Make()
    {
        var email = new Argument<string>("email") { Description = CommandLine.T["cli.option.email"] };
        var command = new Command("reset-two-factor", CommandLine.T["cli.account.reset_two_factor"]) { email };
        command.SetAction((parsed, _) => Run(CommonOptions.Read(parsed), parsed.GetRequiredValue(email)));
        return command;
    }

    private static async Task<int> Run(HoldfastSettings settings, string email)
    {
        await using var open = await OpenDatabase.ToWrite(settings);
        var (clock, keys) = (TimeProvider.System, await OpenKeys.Run(open.Db, settings.Server.KeysPath));
        // The letter waits in the outbox until a server sends it.
        var outbox = new SendLetters(open.Db, keys, new Mailbox(open.Db, keys, clock, settings), clock, settings, NullLogger<SendLetters>.Instance);
        var account = await new ResetTwoFactor(open.Db, outbox, settings, clock).Run(email);
        if (!account.Ok) return CommandLine.Refuse(account.Refusal);
        Screen.Say(CommandLine.T["cli.account.two_factor_reset", account.Value.Email]);
        return CommandLine.Done;
    }
}
