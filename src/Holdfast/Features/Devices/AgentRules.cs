using System.Globalization;

namespace Holdfast.Features.Devices;

/// <summary>From what a User-Agent says to what it is: who pretends to be whom, and which versions are true.</summary>
internal static class AgentRules
{
    public static Device Device(AgentReading seen)
    {
        var device = WithSystem(seen);
        var browser = Browser(seen, device);
        if (browser is { Kind: not DeviceKind.Other } someone) return device with { Browser = someone.Name, BrowserVersion = Major(seen.BrowserVersion), Kind = someone.Kind };
        if (seen.Has(AgentSigns.PlusLink) || (seen.Has(AgentSigns.Link) && browser is null)) return device with { Browser = BrowserMarks.SomeBot, Kind = DeviceKind.Bot };
        return device with { Browser = browser?.Name, BrowserVersion = BrowserVersion(seen, browser?.Name) };
    }

    private static Device WithSystem(AgentReading seen)
    {
        var none = Devices.Device.Unknown with { Kind = seen.Has(AgentSigns.Tv) ? DeviceKind.Tv : seen.Has(AgentSigns.Mobile | AgentSigns.JavaPhone) ? DeviceKind.Phone : DeviceKind.Other };
        if (seen.System is not { } mark) return seen.Has(AgentSigns.AppleNetwork | AgentSigns.Darwin) ? Apple(seen) : none;
        var device = none with { System = mark.Name, Thing = mark.Thing, Kind = mark.Kind, SystemVersion = SystemVersions.Of(seen) };
        return mark.Name switch
        {
            SystemMarks.Android or SystemMarks.Linux => AndroidOrLinux(seen, device),
            // An iPad passes for a Mac, unless it forgets to.
            SystemMarks.MacOs when seen.Has(AgentSigns.AppleMobile | AgentSigns.IosBrowser) => device with { System = SystemMarks.IpadOs, SystemVersion = null, Thing = SystemMarks.Ipad, Kind = DeviceKind.Tablet },
            SystemMarks.MacOs when seen.Browser?.Name == "Silk" => Fire(device) with { SystemVersion = null },
            // Until iOS 12 iPads ran iOS; their own system's name came with 13.
            SystemMarks.IpadOs when Number(seen.SystemVersion) is > 0 and < 13 => device with { System = SystemMarks.Ios },
            SystemMarks.Tizen or SystemMarks.WebOs when seen.Has(AgentSigns.Tv) => device with { Kind = DeviceKind.Tv },
            SystemMarks.WebOs when seen.Has(AgentSigns.Tablet) => device with { Kind = DeviceKind.Tablet },
            "HarmonyOS" when seen.Has(AgentSigns.DesktopShell) => device with { Kind = DeviceKind.Computer },
            "HarmonyOS" when !seen.Has(AgentSigns.Mobile) => device with { Kind = DeviceKind.Tablet },
            _ => device,
        };
    }

    private static Device AndroidOrLinux(AgentReading seen, Device device)
    {
        if (seen.Has(AgentSigns.FireTv)) return device with { System = SystemMarks.FireTv, SystemVersion = null, Thing = SystemMarks.FireTv, Kind = DeviceKind.Tv };
        if (seen.Has(AgentSigns.FireTablet) || seen.Browser?.Name == "Silk") return Fire(device);
        if (seen.Has(AgentSigns.Tv)) return device with { Kind = DeviceKind.Tv };
        if (seen.Has(AgentSigns.Headset)) return device with { Kind = DeviceKind.Other };
        // Browsers of makers of telephones are Android's; on a big screen (DeX), or asked for the desktop's pages, they call themselves Linux.
        if (device.System == SystemMarks.Linux && seen.Browser?.Name is BrowserMarks.SamsungInternet or BrowserMarks.Miui or "HeyTap" or "Vivo Browser") return device with { System = SystemMarks.Android, SystemVersion = null };
        if (device.System == SystemMarks.Linux) return seen.Has(AgentSigns.Mobile) ? device with { Kind = DeviceKind.Phone } : device;
        // Browsers on Android say Mobile on a phone and leave it out on a tablet; apps and Opera Mini do neither.
        var big = seen.Has(AgentSigns.Tablet) || ((seen.Has(AgentSigns.WebKit) || seen.Browser?.Name == BrowserMarks.Firefox) && !seen.Has(AgentSigns.Mobile));
        return device with { Kind = big ? DeviceKind.Tablet : DeviceKind.Phone };
    }

    private static Device Fire(Device device) => device with { System = SystemMarks.Android, Thing = SystemMarks.FireTablet, Kind = DeviceKind.Tablet };

    /// <summary>An app's own request: "Name/1 CFNetwork/1410 Darwin/22". Macs of Intel's time say so.</summary>
    private static Device Apple(AgentReading seen) => seen.Has(AgentSigns.Intel) || !seen.Has(AgentSigns.AppleNetwork)
        ? new Device { System = SystemMarks.MacOs, Kind = DeviceKind.Computer }
        : new Device { System = SystemMarks.Ios, Kind = DeviceKind.Phone };

    private static BrowserMark? Browser(AgentReading seen, Device device)
    {
        var mark = seen.Browser;
        var android = device.System is SystemMarks.Android or SystemMarks.AndroidTv or SystemMarks.FireTv;
        return mark?.Name switch
        {
            BrowserMarks.Chrome when android && Number(seen.OwnVersion) == 1 => mark with { Name = BrowserMarks.SamsungInternet },
            BrowserMarks.Chrome when android && (seen.Has(AgentSigns.WebView) || seen.OwnVersion is not null) => mark with { Name = BrowserMarks.WebView },
            BrowserMarks.Safari when android => mark with { Name = BrowserMarks.AndroidBrowser },
            BrowserMarks.Safari when device.System is SystemMarks.MacOs or SystemMarks.Ios or SystemMarks.IpadOs or SystemMarks.Windows => mark,
            BrowserMarks.Safari when device.System == SystemMarks.Tizen => mark with { Name = BrowserMarks.SamsungInternet },
            // WebKit without Apple: on Linux that is GNOME's, elsewhere the maker's own, for which nobody knows a name.
            BrowserMarks.Safari => device.System == SystemMarks.Linux && device.Kind == DeviceKind.Computer ? mark with { Name = BrowserMarks.GnomeWeb } : device.System == SystemMarks.BlackBerry ? mark with { Name = "BlackBerry Browser" } : null,
            // Apps on iPhone and iPad show pages by Safari's engine and leave its name out.
            null when device.System is SystemMarks.Ios or SystemMarks.IpadOs && seen.Has(AgentSigns.WebKit) => new BrowserMark(BrowserMarks.Safari, 0, Needs.Word),
            _ => mark,
        };
    }

    private static string? BrowserVersion(AgentReading seen, string? browser) => Major(browser switch
    {
        null => null,
        BrowserMarks.Safari or BrowserMarks.AndroidBrowser or BrowserMarks.GnomeWeb or "BlackBerry Browser" => seen.OwnVersion,
        BrowserMarks.Facebook or BrowserMarks.Messenger => seen.AppVersion,
        // Named by us, for a word that was Safari's.
        BrowserMarks.SamsungInternet when seen.Browser?.Name == BrowserMarks.Safari => null,
        "Brave" => seen.BrowserVersion ?? seen.ChromeVersion,
        // 5 and 7 say which system it is for.
        "DuckDuckGo" when Number(seen.BrowserVersion) < 10 => null,
        BrowserMarks.TikTok => seen.AppVersion ?? seen.BrowserVersion,
        BrowserMarks.Opera => Number(seen.BrowserVersion) == 9 ? seen.OwnVersion ?? seen.BrowserVersion : seen.BrowserVersion,
        // Trident 7 is version 11, and so on down to 4.
        BrowserMarks.InternetExplorer when Number(seen.TridentVersion) is var trident and >= 4 and <= 7 => (trident + 4).ToString(CultureInfo.InvariantCulture),
        _ => seen.BrowserVersion,
    });

    internal static string? Major(string? version) => Number(version) is > 0 and var major ? major.ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>The first number of a version; 0 when there is none.</summary>
    internal static int Number(ReadOnlySpan<char> version)
    {
        var end = version.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? version : version[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }
}
