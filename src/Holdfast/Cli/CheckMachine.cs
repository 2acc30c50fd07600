using System.Globalization;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Hosting;
using Holdfast.Secrets;

namespace Holdfast.Cli;

/// <summary>What the machine has to bring: the runtime, the libraries, time zones, room on the disk.</summary>
internal static class CheckMachine
{
    private const long Low = 1L << 30;
    private const long Empty = 100L << 20;

    internal static IEnumerable<Finding> Run(HoldfastSettings settings) => [Framework(), Libsodium(), Icu(), Zones(), Disk(settings)];

    private static Finding Framework() => Environment.Version >= Runtime.Oldest
        ? new(Tone.Good, "runtime", CommandLine.T["cli.doctor.runtime.good", Environment.Version])
        : new(Tone.Bad, "runtime", CommandLine.T["cli.doctor.runtime.bad", Environment.Version, Runtime.Oldest]);

    private static Finding Libsodium()
    {
        try
        {
            Sodium.EnsureReady();
            return new(Tone.Good, "sodium", CommandLine.T["cli.doctor.sodium.good", Sodium.Version]);
        }
        catch (DllNotFoundException)
        {
            return new(Tone.Bad, "sodium", CommandLine.T["cli.doctor.sodium.bad"]);
        }
    }

    /// <summary>Without ICU normalisation does nothing, and one password typed on two keyboards is two.</summary>
    private static Finding Icu() => "e\u0301".Normalize(NormalizationForm.FormC) == "\u00e9" && CultureInfo.GetCultureInfo("it").DateTimeFormat.GetMonthName(1) == "gennaio"
        ? new(Tone.Good, "icu", CommandLine.T["cli.doctor.icu.good"])
        : new(Tone.Bad, "icu", CommandLine.T["cli.doctor.icu.bad"]);

    private static Finding Zones() => TimeZoneInfo.TryFindSystemTimeZoneById("Europe/Rome", out _)
        ? new(Tone.Good, "zones", CommandLine.T["cli.doctor.zones.good"])
        : new(Tone.Odd, "zones", CommandLine.T["cli.doctor.zones.bad"]);

    private static Finding Disk(HoldfastSettings settings)
    {
        var folder = new DirectoryInfo(Path.GetFullPath(settings.Server.DataPath));
        while (!folder.Exists && folder.Parent is { } parent) folder = parent;
        var free = new DriveInfo(folder.FullName).AvailableFreeSpace;
        var amount = free >= Low ? string.Create(CultureInfo.InvariantCulture, $"{free >> 30} GiB") : string.Create(CultureInfo.InvariantCulture, $"{free >> 20} MiB");
        return new(free >= Low ? Tone.Good : free >= Empty ? Tone.Odd : Tone.Bad, "disk", CommandLine.T["cli.doctor.disk.free", amount, folder.FullName]);
    }
}
