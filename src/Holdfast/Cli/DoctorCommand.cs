using System.CommandLine;
using Holdfast.Configuration;

namespace Holdfast.Cli;

/// <summary>Looks at everything the server leans on and says what is well and what is not. Changes nothing; works beside a running server.</summary>
internal static class DoctorCommand
{
    internal static Command Make()
    {
        var command = new Command("doctor", CommandLine.T["cli.doctor"]);
        command.SetAction((parsed, stop) => Run(CommonOptions.Read(parsed), stop));
        return command;
    }

    /// <returns>1 when something is bad; what is only worth a look leaves it at 0.</returns>
    private static async Task<int> Run(HoldfastSettings settings, CancellationToken stop)
    {
        var t = CommandLine.T;
        var worst = Tone.Good;
        void Say(Finding finding)
        {
            if (finding.Tone > worst) worst = finding.Tone;
            Screen.Verdict(finding.Tone, t[$"cli.doctor.tone.{finding.Tone}"], t[$"cli.doctor.{finding.What}"], finding.Words);
        }
        Say(new Finding(Tone.Good, "settings", t["cli.doctor.settings.good", settings.Server.PublicUrl.GetLeftPart(UriPartial.Authority)]));
        foreach (var finding in CheckMachine.Run(settings)) Say(finding);
        foreach (var finding in await Screen.Working(t["cli.doctor.working.database"], () => CheckDatabase.Run(settings, TimeProvider.System, stop))) Say(finding);
        Say(await Screen.Working(t["cli.doctor.working.places"], () => Task.FromResult(CheckPlaces.Run(settings, TimeProvider.System))));
        Say(await Screen.Working(t["cli.doctor.working.mail"], () => CheckMail.Run(settings, TimeProvider.System, stop)));
        if (worst == Tone.Bad)
        {
            await Console.Error.WriteLineAsync(t["cli.doctor.bad"]);
            return CommandLine.Refused;
        }
        return CommandLine.Done;
    }
}

/// <summary>What one check found.</summary>
/// <param name="What">Last part of the text key <c>cli.doctor.…</c> that names the check.</param>
internal sealed record Finding(Tone Tone, string What, string Words);
