using System.Globalization;

namespace Holdfast.Features.Devices;

/// <summary>Which versions of systems are true. Browsers write the same one for ever where telling it would tell people apart.</summary>
internal static class SystemVersions
{
    /// <returns>As people know it; null when it is unknown or frozen.</returns>
    public static string? Of(AgentReading seen) => seen.System?.Name switch
    {
        SystemMarks.Windows => ReferenceEquals(seen.System, SystemMarks.WindowsNt) ? WindowsNt(seen) : WindowsPlain(seen.SystemVersion),
        SystemMarks.MacOs => MacOs(seen.SystemVersion),
        SystemMarks.Ios or SystemMarks.IpadOs => Ios(seen),
        SystemMarks.Android when seen.Has(AgentSigns.Reduced) => null,
        _ => Short(seen.SystemVersion),
    };

    // 10.0 is Windows 10, 11 and all that follow; only the first Edge ran on 10 alone.
    private static string? WindowsNt(AgentReading seen) => seen.SystemVersion switch
    {
        "10.0" => seen.Browser?.Name == BrowserMarks.Edge && AgentRules.Number(seen.BrowserVersion) is >= 12 and <= 18 ? "10" : null,
        "6.4" => "10",
        "6.3" => "8.1",
        "6.2" => "8",
        "6.1" => "7",
        "6.0" => "Vista",
        "5.1" or "5.2" => "XP",
        "5.0" => "2000",
        _ => null,
    };

    private static string? WindowsPlain(string? version) => version is "95" or "98" or "2000" or "7" or "8" or "8.1" or "10" or "11" ? version : null;

    /// <summary>10.15.7 is what every newer Mac says. From 11 on the first number is the version.</summary>
    internal static string? MacOs(string? version)
    {
        var (major, minor) = Parts(version);
        return major switch
        {
            10 when minor is > 0 and < 15 => $"10.{minor}",
            > 10 => major.ToString(CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    /// <summary>Safari 26 goes on writing 18.6 or 18.7 (WebKit, September 2025); its own version is the system's. Without that, 18.6 and later may be either.</summary>
    private static string? Ios(AgentReading seen)
    {
        var own = AgentRules.Number(seen.OwnVersion);
        if (own >= 26) return Short(seen.OwnVersion);
        var (major, minor) = Parts(seen.SystemVersion);
        return major == 18 && minor >= 6 && own != 18 ? null : Short(seen.SystemVersion);
    }

    /// <summary>"8.1.0" is 8.1, "14.0" is 14.</summary>
    internal static string? Short(string? version)
    {
        var (major, minor) = Parts(version);
        if (major == 0) return null;
        return minor > 0 ? string.Create(CultureInfo.InvariantCulture, $"{major}.{minor}") : major.ToString(CultureInfo.InvariantCulture);
    }

    private static (int Major, int Minor) Parts(ReadOnlySpan<char> version)
    {
        var dot = version.IndexOfAny("._");
        return (AgentRules.Number(version), dot < 0 ? 0 : AgentRules.Number(version[(dot + 1)..]));
    }
}
