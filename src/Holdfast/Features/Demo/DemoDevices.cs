namespace Holdfast.Features.Demo;

/// <param name="UserAgent">As the browser really writes it.</param>
/// <param name="Hints">What it tells besides, as sessions keep it; Firefox and Safari tell nothing.</param>
/// <param name="IsPhone">Stays signed in, and is taken out of the house.</param>
internal sealed record DemoDevice(string UserAgent, string Hints, string Address, bool IsPhone)
{
    public DemoDevice((string UserAgent, string Hints) browser, string address, bool isPhone) : this(browser.UserAgent, browser.Hints, address, isPhone)
    {
    }
}

/// <summary>Browsers and network addresses of the example. The addresses are those that RFC 5737 and RFC 3849 keep free for examples, and private ones.</summary>
internal static class DemoDevices
{
    private static readonly (string UserAgent, string Hints)[] Computers =
    [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "brands=Chromium/142,Google Chrome/142|mobile=0|platform=macOS|version=26.1.0|form=Desktop"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "brands=Chromium/142,Google Chrome/142|mobile=0|platform=Windows|version=19.0.0|form=Desktop"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "brands=Chromium/142,Microsoft Edge/142|mobile=0|platform=Windows|version=19.0.0|form=Desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", ""),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15", ""),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", ""),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "brands=Google Chrome/141,Chromium/141|mobile=0|platform=Chrome OS|version=16371.0.0|form=Desktop"),
    ];

    private static readonly (string UserAgent, string Hints)[] Phones =
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1", ""),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36", "brands=Chromium/142,Google Chrome/142|mobile=1|platform=Android|version=16.0.0|model=Pixel 8|form=Mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1", ""),
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36", "brands=Chromium/136,Samsung Internet/29|mobile=1|platform=Android|version=15.0.0|model=SM-S921B"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", ""),
    ];

    /// <summary>Somebody who has nothing to do with the house.</summary>
    public static readonly DemoDevice Stranger = new("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36", "brands=Google Chrome/109,Chromium/109|mobile=0|platform=Windows|version=10.0.0", "198.51.100.77", IsPhone: false);

    /// <summary>Shows numbers in the kitchen, day and night.</summary>
    public static readonly DemoDevice Wall = new("Mozilla/5.0 (X11; Linux aarch64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "brands=Chromium/140|mobile=0|platform=Linux", "10.20.0.9", IsPhone: false);

    /// <summary>A computer at the office that stayed with Windows 10.</summary>
    private static readonly (string UserAgent, string Hints) OldWindows = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "brands=Chromium/142,Microsoft Edge/142|mobile=0|platform=Windows|version=10.0.0|form=Desktop");

    /// <summary>The first is a computer at the office; a phone and a second computer may follow. Whom the example is shown as has one of each kind.</summary>
    public static IReadOnlyList<DemoDevice> Of(DemoDice dice, int person)
    {
        if (person == 0)
        {
            return [new(Computers[0], "10.20.0.20", false), new(Phones[0], "203.0.113.10", true), new(Phones[2], "192.168.1.24", true), new(Computers[3], "2001:db8:1::21", false), new(Computers[2], "203.0.113.201", false), new(OldWindows, "10.20.0.31", false)];
        }
        var devices = new List<DemoDevice> { new(dice.Of(Computers), $"10.20.{person % 4}.{20 + person}", isPhone: false) };
        if (dice.Chance(75)) devices.Add(new DemoDevice(dice.Of(Phones), $"203.0.113.{10 + person}", isPhone: true));
        if (dice.Chance(40)) devices.Add(new DemoDevice(dice.Of(Computers), dice.Chance(50) ? $"2001:db8:{person + 1:x}::{16 + dice.Below(200):x}" : $"192.168.1.{20 + dice.Below(60)}", isPhone: false));
        return devices;
    }
}
