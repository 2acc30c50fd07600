namespace Holdfast.Features.Devices;

/// <summary>Client hints on top of what the User-Agent said: the true version of the system, browsers that pass for Chrome, the model.</summary>
internal static class ReadHints
{
    internal static readonly Marks<BrandMark> Brands = new(
    [
        .. Of(BrowserMarks.Chrome, "Google Chrome"), .. Of(BrowserMarks.Edge, "Microsoft Edge", "Microsoft Edge WebView2"), .. Of(BrowserMarks.Opera, "Opera", "OperaMobile", "Opera Crypto", "Opera Air"), .. Of(BrowserMarks.OperaGx, "Opera GX", "OperaGX"), .. Of("Opera Mini", "Opera Mini", "OperaMini"),
        .. Of("Brave", "Brave"), .. Of("Vivaldi", "Vivaldi"), .. Of("Yandex Browser", "Yandex", "YaBrowser"), .. Of(BrowserMarks.SamsungInternet, "Samsung Internet"), .. Of("DuckDuckGo", "DuckDuckGo"), .. Of("Whale", "Whale", "NAVER Whale"), .. Of(BrowserMarks.WebView, "Android WebView"),
        .. Of("UC Browser", "UCBrowser", "UC Browser"), .. Of("Huawei Browser", "HuaweiBrowser", "Huawei Browser"), .. Of(BrowserMarks.Miui, "MiuiBrowser", "Miui Browser", "XiaoMi Browser"), .. Of("Silk", "Amazon Silk", "Silk"), .. Of("Ecosia", "Ecosia"), .. Of("Coc Coc", "CocCoc", "Coc Coc"), .. Of("ChatGPT Atlas", "ChatGPT Atlas"),
        .. Of("Avast Secure Browser", "Avast Secure Browser", "AvastSecureBrowser"), .. Of("AVG Secure Browser", "AVG Secure Browser"), .. Of("CCleaner Browser", "CCleaner Browser"), .. Of("Norton", "Norton Private Browser", "Norton Secure Browser"), .. Of("Meta Quest Browser", "Oculus Browser", "Meta Quest Browser"), .. Of(BrowserMarks.Chromium, "Chromium"),
    ]);

    internal sealed record BrandMark(string Name);

    /// <returns>The device of the User-Agent alone when the hints are none, hostile, or of another browser or system.</returns>
    public static Device Refine(Device agent, AgentReading seen, ClientHints hints)
    {
        // Programs and bots send no hints of their own; who sends both copies somebody.
        if (agent.Kind is DeviceKind.Program or DeviceKind.Bot) return agent;
        var engine = hints.Brands.FirstOrDefault(brand => brand.Name == BrowserMarks.Chromium);
        var empty = agent.Browser is null && agent.System is null;
        if (!empty && (seen.ChromeVersion is null || (engine is not null && AgentRules.Number(engine.Version) != AgentRules.Number(seen.ChromeVersion)))) return agent;
        if (System(hints.Platform) is { } system && agent.System is not null && !Agree(agent.System, system)) return agent;
        return WithModel(WithBrowser(WithSystem(agent, hints), hints), hints);
    }

    private static string? System(string platform) => platform switch
    {
        "Windows" => SystemMarks.Windows,
        "macOS" => SystemMarks.MacOs,
        "Android" => SystemMarks.Android,
        "Chrome OS" or "Chromium OS" or "ChromeOS" => SystemMarks.ChromeOs,
        "Linux" => SystemMarks.Linux,
        _ => null,
    };

    /// <summary>The same, or the User-Agent says less (a telephone that asks for the desktop's pages) or more (an Xbox).</summary>
    private static bool Agree(string agent, string hint) => agent == hint || (agent, hint) switch
    {
        (SystemMarks.Linux, SystemMarks.Android or SystemMarks.ChromeOs) => true,
        (SystemMarks.ChromeOs, SystemMarks.Linux) => true,
        (SystemMarks.AndroidTv or SystemMarks.FireTv or "HarmonyOS", SystemMarks.Android) => true,
        (SystemMarks.Xbox, SystemMarks.Windows) => true,
        _ => false,
    };

    private static Device WithSystem(Device agent, ClientHints hints)
    {
        var system = agent.System is null or SystemMarks.Linux ? System(hints.Platform) ?? agent.System : agent.System;
        var version = AgentRules.Number(hints.PlatformVersion);
        var device = agent with
        {
            System = system,
            Kind = Kind(agent, system, hints),
            SystemVersion = system switch
            {
                // https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11: 13 and above is 11, 1 to 10 is 10, 0 is older.
                SystemMarks.Windows => version >= 13 ? "11" : version is >= 1 and <= 10 ? "10" : agent.SystemVersion,
                SystemMarks.MacOs => SystemVersions.MacOs(hints.PlatformVersion) ?? agent.SystemVersion,
                SystemMarks.Android => SystemVersions.Short(hints.PlatformVersion) ?? agent.SystemVersion,
                _ => agent.SystemVersion,
            },
        };
        return system == SystemMarks.Windows && hints.Model.StartsWith("Xbox", StringComparison.Ordinal) ? device with { System = SystemMarks.Xbox, SystemVersion = null, Kind = DeviceKind.Console } : device;
    }

    private static DeviceKind Kind(Device agent, string? system, ClientHints hints) => (system, hints.FormFactor, hints.Mobile) switch
    {
        _ when agent.Kind is DeviceKind.Tv or DeviceKind.Console => agent.Kind,
        (_, "XR" or "Automotive", _) => DeviceKind.Other,
        (_, "Watch", _) => DeviceKind.Watch,
        (SystemMarks.Android, "Tablet" or "EInk", _) => DeviceKind.Tablet,
        (SystemMarks.Android, "Desktop", _) => DeviceKind.Computer,
        (SystemMarks.Android, _, true) => DeviceKind.Phone,
        (SystemMarks.Android, _, false) => agent.Kind is DeviceKind.Other or DeviceKind.Computer ? DeviceKind.Tablet : agent.Kind,
        (SystemMarks.Windows or SystemMarks.MacOs or SystemMarks.ChromeOs or SystemMarks.Linux, _, _) => DeviceKind.Computer,
        _ => agent.Kind,
    };

    /// <summary>A brand counts where the User-Agent says no more than Chrome: some browsers name themselves here alone (Brave), some differ only here (Opera GX).</summary>
    private static Device WithBrowser(Device device, ClientHints hints)
    {
        if (device.Browser is not (null or BrowserMarks.Chrome or BrowserMarks.Opera)) return device;
        var known = hints.Brands.Select(brand => (Mark: Brands.Find(brand.Name), brand.Version)).Where(brand => brand.Mark is not null).Select(brand => (brand.Mark!.Name, brand.Version)).ToList();
        // The brand that is neither the engine nor what everybody claims.
        var (name, version) = known.OrderBy(brand => brand.Name is BrowserMarks.Chromium ? 2 : brand.Name is BrowserMarks.Chrome ? 1 : 0).FirstOrDefault();
        if (name is null or BrowserMarks.Chromium || name == device.Browser) return device;
        if (device.Browser == BrowserMarks.Opera && name != BrowserMarks.OperaGx) return device;
        return device with { Browser = name, BrowserVersion = AgentRules.Major(version) ?? device.BrowserVersion };
    }

    private static Device WithModel(Device device, ClientHints hints) =>
        device is { System: SystemMarks.Android, Thing: null } && Models.IsKnownWell(hints.Model) ? device with { Thing = $"{SystemMarks.Android} ({hints.Model})" } : device;

    private static IEnumerable<(string, BrandMark)> Of(string name, params string[] brands) => brands.Select(brand => (brand, new BrandMark(name)));
}
