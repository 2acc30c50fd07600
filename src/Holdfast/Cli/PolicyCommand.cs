using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Policy;

namespace Holdfast.Cli;

/// <summary>Prints the rules that are in force under these settings. Needs no database.</summary>
internal static class PolicyCommand
{
    internal static Command Make()
    {
        var command = new Command("policy", CommandLine.T["cli.policy"]);
        command.SetAction(parsed => Run(CommonOptions.Read(parsed)));
        return command;
    }

    private static int Run(HoldfastSettings settings)
    {
        Screen.Table([CommandLine.T["cli.policy.about"], CommandLine.T["cli.policy.rule"], CommandLine.T["cli.policy.value"]],
            new LivePolicy(settings).Describe(CommandLine.T).SelectMany(section => section.Facts.Select((fact, index) => new[] { index == 0 || !Screen.IsTerminal ? section.Title : "", fact.Label, fact.Value })));
        return CommandLine.Done;
    }
}
