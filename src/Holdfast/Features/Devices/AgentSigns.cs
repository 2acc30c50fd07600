namespace Holdfast.Features.Devices;

/// <summary>Small words that name neither browser nor system, but tell look-alikes apart.</summary>
[Flags]
internal enum AgentSigns
{
    None = 0,
    Mobile = 1,

    /// <summary>"Mobile/15E148": Apple's, also where an iPad passes for a Mac.</summary>
    AppleMobile = 2,
    Tablet = 4,
    Tv = 8,
    Headset = 16,

    /// <summary>"wv": a page inside an Android app.</summary>
    WebView = 32,
    WebKit = 64,

    /// <summary>A browser's name that only exists on iPhone and iPad.</summary>
    IosBrowser = 128,
    AppleNetwork = 256,
    Darwin = 512,
    Intel = 1024,

    /// <summary>"Android 10; K": Chrome writes this whatever the version and the model.</summary>
    Reduced = 2048,
    Link = 4096,
    PlusLink = 8192,

    /// <summary>A model of Amazon's tablets.</summary>
    FireTablet = 16384,
    FireTv = 32768,
    DesktopShell = 65536,
    JavaPhone = 131072,
}

internal sealed record SignMark(AgentSigns Signs);

internal static class SignMarks
{
    public static readonly Marks<SignMark> All = new(
    [
        .. Of(AgentSigns.Mobile, "Mobile", "Phone", "Mobi"), .. Of(AgentSigns.Tablet, "Tablet", "Touchpad", "hp-tablet"), .. Of(AgentSigns.Headset, "VR", "Quest", "XR"), .. Of(AgentSigns.WebView, "wv"), .. Of(AgentSigns.WebKit, "AppleWebKit"),
        .. Of(AgentSigns.Tv, "TV", "SMART-TV", "SmartTV", "Smart TV", "SMART_TV", "SmartHub", "Maple", "TV Box", "TV_BOX", "TVBox", "HbbTV", "DTV", "Large Screen", "NETTV", "PHILIPSTV", "VIERA", "Opera TV", "GoogleTV", "CrKey", "AQUOSBrowser", "SonyCEBrowser"),
        .. Of(AgentSigns.IosBrowser, "CriOS", "FxiOS", "EdgiOS", "OPiOS", "GSA"), .. Of(AgentSigns.AppleNetwork, "CFNetwork"), .. Of(AgentSigns.Darwin, "Darwin"), .. Of(AgentSigns.Intel, "x86_64", "i386"), .. Of(AgentSigns.Reduced, "K"),
        .. Of(AgentSigns.Link, "http:", "https:"), .. Of(AgentSigns.PlusLink, "+http:", "+https:"), .. Of(AgentSigns.DesktopShell, "PC", "2in1"), .. Of(AgentSigns.JavaPhone, "J2ME", "MIDP", "MIDP-2.0", "MIDP-2.1"),
    ]);

    /// <summary>Amazon names its things by capitals: KFTT and KFKAWI are tablets, AFTS and AFTKA televisions.</summary>
    public static AgentSigns OfAmazon(ReadOnlySpan<char> word)
    {
        if (word.Length is < 4 or > 10 || word.ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")) return AgentSigns.None;
        if (word.StartsWith("AFT")) return AgentSigns.FireTv;
        return word.StartsWith("KF") && word.Length <= 7 ? AgentSigns.FireTablet : AgentSigns.None;
    }

    /// <summary>By its name a bot: "…bot", "…crawler", "…spider". CUBOT makes telephones.</summary>
    public static bool IsBot(ReadOnlySpan<char> word)
    {
        if (word.Contains("crawl", StringComparison.OrdinalIgnoreCase) || word.Contains("spider", StringComparison.OrdinalIgnoreCase) || word.Contains("scraper", StringComparison.OrdinalIgnoreCase)) return true;
        var at = word.LastIndexOf("bot", StringComparison.OrdinalIgnoreCase);
        if (at < 0 || word.StartsWith("cubot", StringComparison.OrdinalIgnoreCase)) return false;
        return at + 3 == word.Length || !char.IsAsciiLetter(word[at + 3]) || word[(at + 3)..].Equals("s", StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<(string, SignMark)> Of(AgentSigns signs, params string[] words)
    {
        var mark = new SignMark(signs);
        return words.Select(word => (word, mark));
    }
}
