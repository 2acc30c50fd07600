using Holdfast.Texts;

namespace Holdfast.Features.Sessions;

/// <summary>What a browser calls itself, in words people know: "Firefox on Linux". A guess from the User-Agent; anything unknown is "Unknown device".</summary>
public static class Device
{
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("Wget/", "Wget")];

    private static readonly (string Mark, string Name, string Icon)[] Systems =
        [("iPhone", "iPhone", "phone"), ("iPad", "iPad", "tablet"), ("Android", "Android", "phone"), ("Windows", "Windows", "desktop"), ("CrOS", "ChromeOS", "laptop"), ("Macintosh", "macOS", "laptop"), ("Linux", "Linux", "laptop")];

    public static string Name(string userAgent, Text text)
    {
        var browser = Browsers.FirstOrDefault(b => userAgent.Contains(b.Mark, StringComparison.Ordinal)).Name;
        var system = Systems.FirstOrDefault(s => userAgent.Contains(s.Mark, StringComparison.Ordinal)).Name;
        return (browser, system) switch
        {
            (null, null) => text["device.unknown"],
            (not null, not null) => text["device.browser_on_system", browser, system],
            _ => browser ?? system!,
        };
    }

    /// <summary>Name of the glyph in the sprite.</summary>
    public static string Icon(string userAgent)
    {
        if (userAgent.StartsWith("curl/", StringComparison.Ordinal) || userAgent.StartsWith("Wget/", StringComparison.Ordinal)) return "terminal";
        return Systems.FirstOrDefault(s => userAgent.Contains(s.Mark, StringComparison.Ordinal)).Icon ?? "device";
    }
}
