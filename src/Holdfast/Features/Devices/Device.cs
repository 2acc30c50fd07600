using Holdfast.Texts;

namespace Holdfast.Features.Devices;

/// <summary>What kind of thing somebody signs in with. The names, in lower case, are permanent in the API.</summary>
public enum DeviceKind { Other, Phone, Tablet, Computer, Tv, Console, Watch, Program, Bot }

/// <summary>
/// A browser or program and what it runs on, as far as it says so itself. Rules only: no I/O. Every word comes from our own tables, never from the
/// request, so that nobody can have a page or letter say what they like.
/// </summary>
public sealed record Device
{
    /// <summary>Longer than any browser's: what is longer is no browser, and says so to be looked at.</summary>
    public const int LongestUserAgent = 1024;

    /// <summary>Nothing that we know.</summary>
    public static readonly Device Unknown = new();

    /// <summary>Such as "Chrome", "Facebook", "curl", "Googlebot"; null when unknown.</summary>
    public string? Browser { get; init; }

    /// <summary>The major version; null when unknown.</summary>
    public string? BrowserVersion { get; init; }

    /// <summary>Such as "Windows", "iOS", "Android", "PlayStation"; null when unknown.</summary>
    public string? System { get; init; }

    /// <summary>As people know it ("11", "14", "8.1"); null when unknown, and where browsers name the same one for ever: Windows 10 and 11, macOS 10.15, Android 10.</summary>
    public string? SystemVersion { get; init; }

    public DeviceKind Kind { get; init; }

    /// <summary>What people call the thing itself, where that says more than its system: "iPhone", "PlayStation 5", "Android (Pixel 8)".</summary>
    public string? Thing { get; init; }

    /// <summary>It spoke to the API and not to the pages.</summary>
    public bool ByApi { get; init; }

    /// <summary>Never fails: what is wrong, too long or hostile is <see cref="Unknown"/>. Linear in the length, for which <see cref="LongestUserAgent"/> is the bound.</summary>
    /// <param name="userAgent">As the request had it, or as it was kept.</param>
    /// <param name="hints">Believed first where they agree with the User-Agent on what it is; where they contradict it, the User-Agent alone counts.</param>
    public static Device Recognise(string userAgent, ClientHints hints)
    {
        ArgumentNullException.ThrowIfNull(userAgent);
        ArgumentNullException.ThrowIfNull(hints);
        if (hints.AgentTooLong || userAgent.Length > LongestUserAgent || IsHostile(userAgent)) return Unknown;
        // Some proxies write + for the space.
        var reading = AgentReading.Of(userAgent.Contains(' ', StringComparison.Ordinal) ? userAgent : userAgent.Replace('+', ' '));
        return ReadHints.Refine(AgentRules.Device(reading), reading, hints) with { ByApi = hints.ByApi };
    }

    /// <summary>Markup, and what shells and templates would run: no browser writes it, who does is trying something.</summary>
    private static bool IsHostile(ReadOnlySpan<char> userAgent) => userAgent.ContainsAny("<>`\\") || userAgent.Contains("() {", StringComparison.Ordinal) || userAgent.Contains("${", StringComparison.Ordinal);

    /// <summary>A few words that people recognise: "Chrome on Windows 11", "Safari on iPhone", "Holdfast API by curl".</summary>
    /// <param name="product">Name of the product, whose API a program uses.</param>
    public string Name(Text text, string product) => (Kind, Browser, Thing ?? SystemName) switch
    {
        (DeviceKind.Program, { } program, _) when ByApi => text["device.api_by", product, program],
        (DeviceKind.Bot, { } bot, _) => bot == BrowserMarks.SomeBot ? text["device.bot"] : bot,
        (_, null, null) => text["device.unknown"],
        (_, { } browser, { } system) => text["device.browser_on_system", browser, system],
        (_, var browser, var system) => browser ?? system!,
    };

    /// <summary>Browser and version, "Chrome 142"; null when unknown.</summary>
    public string? BrowserName => Browser is null ? null : BrowserVersion is null ? Browser : $"{Browser} {BrowserVersion}";

    /// <summary>Windows with its version: people know which one they have. Elsewhere the version is a detail.</summary>
    private string? SystemName => System == SystemMarks.Windows && SystemVersion is not null ? $"{System} {SystemVersion}" : System;

    /// <summary>System and version, "Windows 11", "iOS 18.5"; null when unknown.</summary>
    public string? SystemFullName => System is null ? null : SystemVersion is null ? System : $"{System} {SystemVersion}";

    /// <summary>The permanent name of <see cref="Kind"/> in the API: phone, tablet, computer, tv, console, watch, program, bot, other.</summary>
    public string Type => Kind.ToString().ToLowerInvariant();

    /// <summary>The same for devices of one name, in every language; letters, digits and hyphens: "chrome-windows-11-computer".</summary>
    public string Key => string.Join('-', new[] { ByApi ? "api" : null, Browser, Thing ?? SystemName, Type }.OfType<string>().SelectMany(part => part.ToLowerInvariant().Split(' ')).Select(word => string.Concat(word.Where(char.IsAsciiLetterOrDigit))));

    /// <summary>Name of the glyph in the sprite.</summary>
    public string Icon => Kind switch
    {
        DeviceKind.Phone => "phone",
        DeviceKind.Tablet => "tablet",
        DeviceKind.Computer => System == SystemMarks.Windows ? "desktop" : "laptop",
        DeviceKind.Program => Browser is "curl" or "Wget" or "HTTPie" or "PowerShell" ? "terminal" : "app",
        DeviceKind.Bot => "globe",
        _ => "device",
    };
}
