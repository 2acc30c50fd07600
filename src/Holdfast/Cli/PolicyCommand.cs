using System.CommandLine;
using Holdfast.Configuration;
using Holdfast.Features.Policy;
using Holdfast.Features.TwoFactor;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Prints the rules that are in force under these settings, or whom the two-factor rule meets. The rules need no database.</summary>
internal static class PolicyCommand
{
    internal static Command Make()
    {
        var affected = new Option<bool>("--affected") { Description = CommandLine.T["cli.option.affected"] };
        var command = new Command("policy", CommandLine.T["cli.policy"]) { affected };
        command.SetAction(async (parsed, stop) => parsed.GetValue(affected) ? await Affected(CommonOptions.Read(parsed), TimeProvider.System.GetUtcNow(), stop) : Rules(CommonOptions.Read(parsed)));
        return command;
    }

    private static int Rules(HoldfastSettings settings)
    {
        Screen.Table([CommandLine.T["cli.policy.about"], CommandLine.T["cli.policy.rule"], CommandLine.T["cli.policy.value"]],
            new LivePolicy(settings).Describe(CommandLine.T).SelectMany(section => section.Facts.Select((fact, index) => new[] { index == 0 || !Screen.IsTerminal ? section.Title : "", fact.Label, fact.Value })));
        return CommandLine.Done;
    }

    /// <summary>Everybody whose role asks for two-factor and who has none: to be known before the rule is turned on. Works beside a running server, and with the setting that is only planned.</summary>
    private static async Task<int> Affected(HoldfastSettings settings, DateTimeOffset now, CancellationToken stop)
    {
        var t = CommandLine.T;
        await using var open = await OpenDatabase.ToRead(settings);
        var people = await Screen.Working(t["cli.policy.affected.working"], () => open.Db.Read(tx => TwoFactorTable.Without(tx, settings.TwoFactor.RequiredForRoles), stop));
        if (people.Count > 0) Screen.Table([t["cli.account.list.email"], t["cli.account.list.name"], t["cli.policy.affected.from"]], people.Select(p => new[] { p.Email, p.Name, From(p, settings.TwoFactor, now) }));
        if (Screen.IsTerminal || people.Count == 0) Screen.Say(settings.TwoFactor.RequiredForRoles.Count == 0 ? t["cli.policy.affected.no_rule"] : t.Count("cli.policy.affected", people.Count, string.Join(", ", settings.TwoFactor.RequiredForRoles)));
        return CommandLine.Done;
    }

    /// <summary>When their session will open the set-up and nothing else.</summary>
    private static string From(WithoutTwoFactor person, TwoFactorSettings rule, DateTimeOffset now)
    {
        var end = (person.RequiredSince ?? now) + rule.Grace;
        if (person.GraceUntil is { } later && later > end) end = later;
        return end <= now ? CommandLine.T["cli.policy.affected.at_once"] : Moments.Machine(end);
    }
}
