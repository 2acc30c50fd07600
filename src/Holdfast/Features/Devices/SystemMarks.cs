namespace Holdfast.Features.Devices;

/// <param name="Name">As people know it.</param>
/// <param name="Rank">The highest one counts: Android also claims to be Linux, iOS to be like a Mac.</param>
/// <param name="Kind">What runs it, unless more is said.</param>
/// <param name="Thing">What people call what runs it; null where the system's name is the better one.</param>
/// <param name="HasVersion">The number behind this word is the system's version.</param>
internal sealed record SystemMark(string Name, int Rank, DeviceKind Kind, string? Thing = null, bool HasVersion = false);

/// <summary>What stands for systems, and for things that say what their system is.</summary>
internal static class SystemMarks
{
    public const string Windows = "Windows";
    public const string MacOs = "macOS";
    public const string Ios = "iOS";
    public const string IpadOs = "iPadOS";
    public const string Android = "Android";
    public const string AndroidTv = "Android TV";
    public const string FireTv = "Fire TV";
    public const string ChromeOs = "ChromeOS";
    public const string Linux = "Linux";
    public const string Xbox = "Xbox";
    public const string Tizen = "Tizen";
    public const string WebOs = "webOS";
    public const string PlayStation = "PlayStation";
    public const string BlackBerry = "BlackBerry";

    public const string Ipad = "iPad";
    public const string Iphone = "iPhone";
    public const string FireTablet = "Fire tablet";

    private const int Kernel = 10, Distribution = 12, Computer = 20, Mobile = 40, Special = 50, Named = 60;

    /// <summary>"Windows NT 6.1": its numbers are not those that people know.</summary>
    public static readonly SystemMark WindowsNt = new(Windows, Computer + 2, DeviceKind.Computer, HasVersion: true);

    public static readonly Marks<SystemMark> All = new([.. Computers(), .. Mobiles(), .. Screens()]);

    private static IEnumerable<(string, SystemMark)> Computers() =>
    [
        .. Of(new(Linux, Kernel, DeviceKind.Computer), "Linux", "linux-gnu"),
        .. Of(new(Linux, Distribution, DeviceKind.Computer), "Ubuntu", "Kubuntu", "Debian", "Fedora", "CentOS", "Gentoo", "openSUSE", "SUSE", "Mint", "Mandriva", "ArchLinux", "Manjaro", "Slackware", "Maemo"),
        .. Of(new("FreeBSD", Distribution + 1, DeviceKind.Computer), "FreeBSD", "GhostBSD"), .. Of(new("OpenBSD", Distribution + 1, DeviceKind.Computer), "OpenBSD"), .. Of(new("NetBSD", Distribution + 1, DeviceKind.Computer), "NetBSD"), .. Of(new("Solaris", Distribution + 1, DeviceKind.Computer), "SunOS", "Solaris"), .. Of(new("Haiku", Distribution + 1, DeviceKind.Computer), "Haiku", "BeOS"),
        .. Of(new(MacOs, Computer, DeviceKind.Computer), "Macintosh", "Mac_PowerPC", "MacBook", "MacBookPro", "MacBookAir", "Macmini", "iMac", "MacOSX"), .. Of(new(MacOs, Computer, DeviceKind.Computer, HasVersion: true), "OS X", "Mac OS", "macOS"),
        .. Of(new(Windows, Computer + 1, DeviceKind.Computer, HasVersion: true), "Windows", "Win32", "Win64", "Win", "Win 9x", "mingw32"), .. Of(WindowsNt, "Windows NT", "Win NT", "WinNT"),
        .. Of(new(ChromeOs, Special, DeviceKind.Computer), "CrOS"), .. Of(new("Fuchsia", Special, DeviceKind.Other), "Fuchsia"),
    ];

    private static IEnumerable<(string, SystemMark)> Mobiles() =>
    [
        .. Of(new(Android, Mobile, DeviceKind.Phone, HasVersion: true), "Android", "Adr", "Android OS"), .. Of(new(Android, Mobile - 2, DeviceKind.Phone), "Dalvik", "GooglePlayStore", "FB4A"),
        .. Of(new(Android, Mobile + 6, DeviceKind.Tablet, FireTablet), "Kindle Fire"),
        .. Of(new(Ios, Mobile + 1, DeviceKind.Phone, HasVersion: true), "iOS", "CPU OS"), .. Of(new(Ios, Mobile + 2, DeviceKind.Phone, Iphone), "iPhone", "iPh"), .. Of(new(Ios, Mobile + 2, DeviceKind.Phone, Iphone, HasVersion: true), "iPhone OS", "CPU iPhone", "iPh OS", "iPhone_OS"),
        .. Of(new(Ios, Mobile + 4, DeviceKind.Phone, "iPod"), "iPod"), .. Of(new(IpadOs, Mobile + 5, DeviceKind.Tablet, Ipad), "iPad", "iPadOS"), .. Of(new(IpadOs, Mobile + 5, DeviceKind.Tablet, Ipad, HasVersion: true), "iPad OS"),
        .. Of(new("watchOS", Named, DeviceKind.Watch, "Apple Watch"), "watchOS"),
        .. Of(new("Windows Phone", Special, DeviceKind.Phone, HasVersion: true), "Windows Phone", "wds", "Phone OS"), .. Of(new("Windows Phone", Special - 1, DeviceKind.Phone), "IEMobile", "XBLWP7", "ZuneWP7", "WPDesktop"), .. Of(new("Windows Mobile", Mobile, DeviceKind.Phone), "Windows Mobile", "Windows CE", "WindowsCE"),
        .. Of(new("HarmonyOS", Mobile + 3, DeviceKind.Phone, HasVersion: true), "HarmonyOS", "OpenHarmony"), .. Of(new("KaiOS", Special, DeviceKind.Phone, HasVersion: true), "KAIOS"),
        .. Of(new("BlackBerry", Mobile, DeviceKind.Phone), "BlackBerry", "BB"), .. Of(new(BlackBerry, Mobile, DeviceKind.Tablet), "PlayBook", "RIM Tablet"),
        .. Of(new("Sailfish OS", Mobile, DeviceKind.Phone, HasVersion: true), "Sailfish"), .. Of(new("Symbian", Mobile, DeviceKind.Phone), "SymbianOS", "Symbian", "SymbOS", "Series60", "S60", "S60V3", "S60V5"),
        .. Of(new("Bada", Mobile, DeviceKind.Phone), "Bada"), .. Of(new("MeeGo", Mobile, DeviceKind.Phone), "MeeGo"), .. Of(new("Series 40", Mobile, DeviceKind.Phone), "Series40", "Series30Plus"), .. Of(new("Kindle", Mobile, DeviceKind.Tablet), "Kindle"),
    ];

    private static IEnumerable<(string, SystemMark)> Screens() =>
    [
        .. Of(new(Tizen, Special, DeviceKind.Phone, HasVersion: true), "Tizen"), .. Of(new(WebOs, Special, DeviceKind.Tv), "Web0S", "webOS.TV"), .. Of(new(WebOs, Special - 1, DeviceKind.Phone, HasVersion: true), "webOS", "hpwOS"), .. Of(new("NetCast", Special, DeviceKind.Tv, "LG TV"), "NetCast", "NetCast.TV"),
        .. Of(new(AndroidTv, Special, DeviceKind.Tv), "Android TV", "AndroidTV", "ATV", "BRAVIA", "GoogleTV", "MiTV", "MIBOX", "SHIELD", "Nexus Player", "ADT-1"), .. Of(new(FireTv, Special, DeviceKind.Tv, FireTv), "FireTV", "Fire TV"),
        .. Of(new("Chromecast", Special - 1, DeviceKind.Tv), "CrKey", "Chromecast"), .. Of(new("Roku", Named, DeviceKind.Tv), "Roku"), .. Of(new("Apple TV", Named, DeviceKind.Tv), "AppleTV", "Apple TV", "tvOS"),
        .. Of(new(PlayStation, Named, DeviceKind.Console, PlayStation), "PlayStation"), .. Of(new(PlayStation, Named, DeviceKind.Console, "PSP"), "PSP"), .. Of(new(PlayStation, Named + 1, DeviceKind.Console, "PlayStation Portable"), "PlayStation Portable"), .. Of(new(PlayStation, Named + 1, DeviceKind.Console, "PlayStation Vita"), "PlayStation Vita"),
        .. Of(new(PlayStation, Named + 1, DeviceKind.Console, "PlayStation 3"), "PlayStation 3"), .. Of(new(PlayStation, Named + 1, DeviceKind.Console, "PlayStation 4"), "PlayStation 4"), .. Of(new(PlayStation, Named + 1, DeviceKind.Console, "PlayStation 5"), "PlayStation 5"),
        .. Of(new(Xbox, Named, DeviceKind.Console), "Xbox", "XBOX_ONE_ED", "XBOX_ONE"), .. Of(new("Nintendo", Named, DeviceKind.Console), "Nintendo"), .. Of(new("Nintendo", Named + 1, DeviceKind.Console, "Nintendo Switch"), "Nintendo Switch"),
        .. Of(new("Nintendo", Named + 1, DeviceKind.Console, "Nintendo 3DS"), "Nintendo 3DS", "New Nintendo"), .. Of(new("Nintendo", Named + 1, DeviceKind.Console, "Nintendo DS"), "Nintendo DS", "Nintendo DSi"), .. Of(new("Nintendo", Named + 1, DeviceKind.Console, "Nintendo Wii"), "Nintendo Wii"), .. Of(new("Nintendo", Named + 1, DeviceKind.Console, "Nintendo Wii U"), "Nintendo WiiU"),
    ];

    private static IEnumerable<(string, SystemMark)> Of(SystemMark mark, params string[] words) => words.Select(word => (word, mark));
}
