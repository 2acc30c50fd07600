using System.CommandLine;
using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Holdfast.Configuration;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>The command line as a table of contents, and the one place that says how a command ends: 0 done, 1 refused, 2 not even begun.</summary>
internal static class CommandLine
{
    internal const int Done = 0;
    internal const int Refused = 1;
    internal const int CannotBegin = 2;

    internal static readonly Text T = Text.English;

    /// <summary>An argument is what it says: @name does not stand for the words of a file, which would end up on the screen.</summary>
    private static readonly ParserConfiguration Literally = new() { ResponseFileTokenReplacer = null };

    internal static async Task<int> Run(string[] args)
    {
        // The library would give its own words in the shell's language, between ours.
        CultureInfo.CurrentUICulture = CultureInfo.DefaultThreadCurrentUICulture = T.Culture;
        var root = new RootCommand(T["cli.about"])
        {
            CommonOptions.Data,
            CommonOptions.Postgres,
            CommonOptions.SettingsFile,
            ServeCommand.Make(),
            MigrateCommand.Make(),
            Group("account", AccountCreateCommand.Make(), AccountListCommand.Make(), AccountResetLinkCommand.Make(), AccountResetTwoFactorCommand.Make(), AccountSuspendCommand.Make(reactivate: false), AccountSuspendCommand.Make(reactivate: true)),
            Group("audit", AuditCommands.Verify(), AuditCommands.Export()),
            Group("client", ClientCommands.Add(), ClientCommands.List(), ClientCommands.Remove(), ClientCommands.RotateSecret()),
            Group("webhook", WebhookCommands.Add(), WebhookCommands.List(), WebhookCommands.Remove(), WebhookCommands.Rotate()),
            Group("signing-key", SigningKeyRotateCommand.Make()),
            Group("operator", OperatorAddCommand.Make(), OperatorRemoveCommand.Make()),
            Group("erasure", ErasureReplayCommand.Make()),
            DoctorCommand.Make(),
            PolicyCommand.Make(),
            SettingsCommand.Make(),
        };
        root.HelpName = "holdfast";
        // The group's own name alone asks what is in it.
        var parsed = root.Parse(args is [] or ["account"] or ["audit"] or ["client"] or ["webhook"] or ["signing-key"] or ["erasure"] or ["operator"] ? [.. args, "--help"] : args, Literally);
        if (parsed.Errors is [var wrong, ..])
        {
            await Console.Error.WriteLineAsync(parsed.UnmatchedTokens is [var unknown, ..] ? T["cli.unknown", unknown] : T["cli.wrong", wrong.Message.TrimEnd('.')]);
            return CannotBegin;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception error) when (WhyNot(error) is { } line)
        {
            await Console.Error.WriteLineAsync(line.ReplaceLineEndings(" "));
            return CannotBegin;
        }
    }

    /// <summary>Writes a refusal in words to standard error.</summary>
    internal static int Refuse(Refusal refusal)
    {
        foreach (var each in refusal.Each) Console.Error.WriteLine(Problems.Message(each, T));
        return Refused;
    }

    /// <returns>The one line that says what the world did wrong; null for a bug, which keeps its trace.</returns>
    private static string? WhyNot(Exception error) => error switch
    {
        SettingsException settings => settings.Message,
        DbException or TimeoutException or SocketException => T["cli.database_unusable", error.Message.TrimEnd('.')],
        DllNotFoundException => T["cli.library_missing", error.Message.Split('\'', '"') is [_, var name, ..] ? name : "?"],
        UnauthorizedAccessException or IOException => T["cli.file_unusable", error.Message.TrimEnd('.')],
        _ => null,
    };

    private static Command Group(string name, params Command[] commands)
    {
        var group = new Command(name, T[$"cli.{name}"]);
        foreach (var command in commands) group.Add(command);
        return group;
    }
}
