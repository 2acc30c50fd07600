namespace Holdfast.Features.Devices;

/// <summary>Where a mark must stand to count.</summary>
[Flags]
internal enum Needs
{
    /// <summary>"Name/1…": a slash and a number.</summary>
    Version = 0,

    /// <summary>Anywhere, with or without a version.</summary>
    Word = 1,

    /// <summary>"Name 1…" will do as well.</summary>
    Number = 2,

    /// <summary>Only as the first word: inside, it is a word like any other.</summary>
    First = 4,

    /// <summary>Only when nothing else is said.</summary>
    Whole = 8,

    /// <summary>Also as the second name, after a slash.</summary>
    AfterSlash = 16,
}

/// <param name="Name">As people know it.</param>
/// <param name="Rank">The highest one in a User-Agent is who it is: everybody also claims to be Chrome and Safari.</param>
/// <param name="Kind">Program or bot; Other for browsers and apps.</param>
internal sealed record BrowserMark(string Name, int Rank, Needs Needs, DeviceKind Kind = DeviceKind.Other)
{
    public bool Is(Needs need) => (Needs & need) != Needs.Version;
}

/// <summary>What browsers, apps, programs and bots write into their User-Agent.</summary>
internal static class BrowserMarks
{
    /// <summary>A bot whose name we do not know.</summary>
    public const string SomeBot = "Bot";

    public const string Chrome = "Chrome";
    public const string Chromium = "Chromium";
    public const string Safari = "Safari";
    public const string Firefox = "Firefox";
    public const string Edge = "Edge";
    public const string Opera = "Opera";
    public const string OperaGx = "Opera GX";
    public const string InternetExplorer = "Internet Explorer";
    public const string AndroidBrowser = "Android Browser";
    public const string WebView = "Android WebView";
    public const string SamsungInternet = "Samsung Internet";
    public const string Miui = "MIUI Browser";
    public const string GnomeWeb = "GNOME Web";
    public const string Facebook = "Facebook";
    public const string Messenger = "Messenger";
    public const string TikTok = "TikTok";

    // The engine's own name counts least, the app that shows the page more, who is no person at all most.
    private const int Base = 10, Own = 20, Derived = 40, Special = 45, App = 50, Program = 60, Bot = 70;

    public static readonly BrowserMark UnknownBot = new(SomeBot, Bot - 1, Needs.Word, DeviceKind.Bot);

    public static readonly Marks<BrowserMark> All = new([.. Browsers(), .. Derivatives(), .. Apps(), .. Programs(), .. Bots()]);

    private static IEnumerable<(string, BrowserMark)> Browsers() =>
    [
        .. Of(Safari, Base, Needs.Word, "Safari"),
        .. Of(InternetExplorer, Base + 2, Needs.Number, "MSIE", "IEMobile"), .. Of(InternetExplorer, Base + 1, Needs.Version, "Trident"),
        .. Of(Firefox, Own, Needs.Version, "Firefox", "Minefield", "GranParadiso", "Shiretoko", "Namoroka", "BonEcho", "Fennec"), .. Of(Firefox, Own + 1, Needs.Version, "FxiOS"),
        .. Of(Chrome, Own, Needs.Version, "Chrome", "CrMo"), .. Of(Chrome, Own + 1, Needs.Version, "CriOS"), .. Of(Chromium, Own + 2, Needs.Version, "Chromium"),
        .. Of(Opera, Own + 3, Needs.Number, "Opera"),
        .. Of(Edge, Derived, Needs.Version, "Edg", "EdgA", "EdgiOS", "Edge", "EdgW"),
        .. Of(Opera, Derived, Needs.Version, "OPR", "Opera Mobi", "Opera Tablet", "Coast"), .. Of("Opera Mini", Special, Needs.Version, "Opera Mini", "OPiOS"),
        .. Of("Opera Touch", Special, Needs.Version, "OPT"), .. Of(OperaGx, Special, Needs.Version, "OPX", "OPRGX"),
        .. Of(SamsungInternet, Derived, Needs.Version, "SamsungBrowser"),
        .. Of("Brave", Derived, Needs.Word, "Brave"), .. Of("DuckDuckGo", Special, Needs.Version, "DuckDuckGo", "Ddg"), .. Of("Vivaldi", Derived, Needs.Version, "Vivaldi"),
        .. Of("Yandex Browser", Derived, Needs.Version, "YaBrowser", "YaSearchBrowser", "YaApp_Android", "YaApp_iOS"),
        .. Of("UC Browser", Derived, Needs.Word | Needs.AfterSlash, "UCBrowser", "UBrowser", "UC Browser", "UCWEB", "UCMini", "UCLite"),
        .. Of("Silk", Derived, Needs.Version, "Silk"),
        .. Of("Firefox Focus", Derived, Needs.Version, "Focus", "Klar"),
        .. Of(Miui, Derived, Needs.Word | Needs.AfterSlash, "MiuiBrowser"), .. Of("Mint Browser", Special, Needs.Version | Needs.AfterSlash, "Mint Browser"),
        .. Of("Huawei Browser", Derived, Needs.Version, "HuaweiBrowser"), .. Of("Whale", Derived, Needs.Version, "Whale"),
        .. Of("QQ Browser", Derived, Needs.Version, "QQBrowser", "MQQBrowser", "QQBrowserLite"),
    ];

    private static IEnumerable<(string, BrowserMark)> Derivatives() =>
    [
        .. Each(Derived, Needs.Version, "Puffin", "Falkon", "QupZilla", "Konqueror", "Midori", "SeaMonkey", "Waterfox", "LibreWolf", "Basilisk", "Iceweasel", "IceCat", "Camino", "Iridium", "Sleipnir", "Lunascape",
            "Quark", "Wolvic", "Slimjet", "Dooble", "Ladybird", "NetSurf", "Lynx", "w3m", "Dillo", "Otter", "K-Meleon", "Galeon", "Flock", "RockMelt", "Electron", "Cobalt", "qutebrowser", "Tesla", "Kindle", "NetFront", "Obigo"), .. Of("Phoenix Browser", Derived, Needs.Version, "PHX"), .. Of("Meizu Browser", Derived, Needs.Version, "MZBrowser"),
        .. Of(GnomeWeb, Derived, Needs.Version, "Epiphany"), .. Of("Pale Moon", Derived, Needs.Version, "PaleMoon"), .. Of("SRWare Iron", Derived, Needs.Word, "Iron"), .. Of("Coc Coc", Derived, Needs.Version, "coc_coc_browser"),
        .. Of("Comodo Dragon", Derived, Needs.Version, "Comodo_Dragon", "Dragon"), .. Of("Quark", Derived, Needs.Version, "QuarkPC"), .. Of("Netscape", Derived, Needs.Version, "Netscape", "Netscape6", "Navigator"),
        .. Of("Maxthon", Derived, Needs.Word, "Maxthon", "MxBrowser", "MXiOS", "MyIE2"), .. Of("Ecosia", Derived, Needs.Word, "Ecosia"), .. Of("ChatGPT Atlas", Derived, Needs.Version, "Atlas"), .. Of("Links", Derived, Needs.First | Needs.Word, "Links", "ELinks"),
        .. Of("Meta Quest Browser", Special, Needs.Version, "OculusBrowser"), .. Of("Pico Browser", Special + 1, Needs.Version, "PicoBrowser"),
        .. Of("Avast Secure Browser", Derived, Needs.Version, "Avast", "AvastSecureBrowser"), .. Of("AVG Secure Browser", Derived, Needs.Version, "AVG"), .. Of("CCleaner Browser", Derived, Needs.Version, "CCleaner"), .. Of("Norton", Derived, Needs.Version, "Norton"),
        .. Of("Seznam", Derived, Needs.Version, "SznProhlizec"), .. Of("Sogou", Derived, Needs.Word, "MetaSr", "SogouMobileBrowser", "SogouMSE"), .. Of("360", Derived, Needs.Word, "QIHU", "360SE", "360EE", "QihooBrowser", "QHBrowser"),
        .. Of("Liebao", Derived, Needs.Word, "LBBROWSER"), .. Of("2345", Derived, Needs.Word, "2345Explorer", "2345chrome", "Mb2345Browser"), .. Of("115", Derived, Needs.Version, "115Browser"), .. Of("Lenovo Browser", Derived, Needs.Version, "SLBrowser"),
        .. Of("Baidu", Derived, Needs.Word, "baidubrowser", "bdbrowser", "BIDUBrowser", "BDSpark", "baiduboxapp", "BaiduHD"),
        .. Of("HeyTap", Derived, Needs.Version, "HeyTapBrowser", "OppoBrowser", "RealmeBrowser"), .. Of("Vivo Browser", Derived, Needs.Version, "VivoBrowser"), .. Of("Hi Browser", Derived, Needs.Version, "HiBrowser"), .. Of("JioSphere", Derived, Needs.Version, "JioSphere", "JioPages"),
        .. Of("Qwant", Special, Needs.Version, "QwantBrowser", "QwantMobile", "QwantiOS"), .. Of("Sailfish Browser", Derived, Needs.Version, "SailfishBrowser"), .. Of("Nokia Browser", Derived, Needs.Version, "NokiaBrowser", "BrowserNG", "S40OviBrowser"),
        .. Of("Nintendo Browser", Derived, Needs.Version, "NintendoBrowser"), .. Of("LG Browser", Derived, Needs.Version, "LG Browser"), .. Of("Dolphin", Derived, Needs.Version, "Dolfin", "Dolphin"), .. Of("Aloha", Derived, Needs.Version, "AlohaBrowser"),
    ];

    private static IEnumerable<(string, BrowserMark)> Apps() =>
    [
        .. Of(Facebook, App, Needs.Word, "FBAN", "FB_IAB", "FBIOS", "FB4A", "FBAV"), .. Of(Messenger, App + 1, Needs.Word | Needs.AfterSlash, "MessengerForiOS", "MessengerLiteForiOS", "MESSENGER", "Orca-Android"),
        .. Of("Instagram", App + 2, Needs.Number, "Instagram"), .. Of("Threads", App + 3, Needs.Number, "Barcelona"),
        .. Of(TikTok, App, Needs.Word, "TikTok", "musical_ly", "trill", "BytedanceWebview"), .. Of("Douyin", App + 1, Needs.Word, "aweme"),
        .. Of("WeChat", App + 4, Needs.Word, "MicroMessenger", "WindowsWechat", "MacWechat"), .. Of("QQ", App, Needs.Version, "QQ"), .. Of("LINE", App, Needs.Version, "Line"), .. Of("KakaoTalk", App, Needs.Word, "KAKAOTALK"), .. Of("KakaoStory", App, Needs.Word, "KAKAOSTORY"),
        .. Of("Naver", App, Needs.Word, "NAVER"), .. Of("Daum", App, Needs.Version, "DaumApps"), .. Of("Snapchat", App, Needs.Word, "Snapchat"), .. Of("Pinterest", App, Needs.Word, "Pinterest"), .. Of("LinkedIn", App, Needs.Word, "LinkedInApp"),
        .. Of("X", App, Needs.Word, "Twitter for", "TwitterAndroid", "Twitter-iPhone", "Twitter-iPad"), .. Of("Google app", App, Needs.Version, "GSA"), .. Of("Bing", App, Needs.Version, "BingSapphire", "BingWeb"),
        .. Of("WhatsApp", App, Needs.Version, "WhatsApp"), .. Of("Telegram", App, Needs.Word, "Telegram-Android", "Telegram-iOS", "TelegramAndroid"), .. Of("Weibo", App, Needs.Word, "Weibo"), .. Of("Alipay", App + 1, Needs.Version, "AlipayClient"),
        .. Of("Yahoo Japan", App, Needs.Word, "YJApp-ANDROID", "YJApp-IOS"), .. Of("Outlook", App, Needs.Number, "Microsoft Outlook", "Outlook-iOS-Android", "Outlook-iOS", "Outlook-Android", "MacOutlook"), .. Of("Steam", App, Needs.Word, "Valve Steam"),
        .. Of("Slack", App, Needs.Version, "Slack", "Slack_SSB"), .. Of("Visual Studio Code", App - 1, Needs.Version, "Code", "VSCode"), .. Of("Microsoft Teams", App, Needs.Version, "Teams", "TeamsMobile-Android", "TeamsMobile-iOS"),
        .. Each(App, Needs.Version, "Discord", "Viber", "Zalo", "Klarna", "Thunderbird", "Flipboard", "Spotify", "Notion", "Figma", "Obsidian"),
    ];

    private static IEnumerable<(string, BrowserMark)> Programs() =>
    [
        .. Tools(Needs.First, "curl", "Wget", "python-requests", "okhttp", "axios", "node-fetch", "PostmanRuntime", "HTTPie", "Scrapy", "Bun", "Deno", "Dart", "Ruby", "Jersey", "aria2", "git", "k6", "reqwest", "hyper", "ureq", "RestSharp", "insomnia", "got"),
        .. Tool("curl", Needs.First, "libcurl", "libcurl-agent", "PycURL"), .. Tool("Wget", Needs.First, "Wget2"), .. Tool("Go", Needs.First | Needs.Number, "Go-http-client", "go-resty", "Go"), .. Tool("Java", Needs.First, "Java", "Java-http-client"),
        .. Tool("HttpClient", Needs.First, "Apache-HttpClient", "Apache-HttpAsyncClient", "HttpClient", "Commons-HttpClient", "Jakarta Commons-HttpClient"), .. Tool("HttpClient", Needs.First | Needs.Word, "Jakarta"),
        .. Tool("Python", Needs.First, "Python", "Python-urllib", "python-urllib3", "Python-httplib2"), .. Tool("python-requests", Needs.First, "requests"), .. Tool("httpx", Needs.First, "python-httpx"), .. Inside("aiohttp", "aiohttp"), .. Inside("jsdom", "jsdom"), .. Inside("PhantomJS", "PhantomJS"), .. Inside("PowerShell", "WindowsPowerShell", "PowerShell"),
        .. Tool("node", Needs.First | Needs.Whole, "node", "undici", "Node.js", "node-superagent", "superagent", "Needle"),
        .. Tool("Guzzle", Needs.First, "GuzzleHttp"), .. Tool("PHP", Needs.First, "PHP", "PHP-SOAP"), .. Tool("PHP", Needs.First | Needs.Word, "Symfony"), .. Tool("Perl", Needs.First, "libwww-perl", "LWP::Simple", "lwp-request", "lwp-trivial", "WWW-Mechanize"), .. Tool("Ruby", Needs.First | Needs.Number, "Faraday", "rest-client", "HTTParty", "http.rb"), .. Tool("Thunder Client", Needs.First | Needs.Word, "Thunder Client"),
        .. Tool("Elixir", Needs.First, "hackney", "Finch"), .. Tool("Lua", Needs.First, "lua-resty-http"), .. Tool("HttpClient", Needs.First, "ReactorNetty", "unirest-java", "AHC", "Apache-CXF", "Feign"), .. Tool("Bruno", Needs.First, "bruno-runtime"), .. Tool("AWS", Needs.First, "aws-cli", "Boto3", "aws-sdk-java", "aws-sdk-go", "aws-sdk-nodejs", "aws-sdk-cpp"),
        .. Of("Headless Chrome", Program + 1, Needs.Word, DeviceKind.Program, "HeadlessChrome"),
    ];

    private static IEnumerable<(string, BrowserMark)> Bots() =>
    [
        .. Spiders("Googlebot", "Googlebot", "Googlebot-Image", "Googlebot-News", "Googlebot-Video", "AdsBot-Google", "AdsBot-Google-Mobile", "Mediapartners-Google", "APIs-Google", "FeedFetcher-Google", "Google-InspectionTool", "GoogleOther", "GoogleOther-Image", "Storebot-Google", "Google-Read-Aloud", "Google-Site-Verification", "Google-Extended", "Chrome-Lighthouse"),
        .. Spiders("Bingbot", "Bingbot", "BingPreview", "msnbot", "msnbot-media", "adidxbot"), .. Spiders("YandexBot", "YandexBot", "YandexImages", "YandexMobileBot", "YandexAccessibilityBot", "YandexMetrika", "YandexRenderResourcesBot"),
        .. Spiders("Baiduspider", "Baiduspider", "Baiduspider-render", "Baiduspider-image"), .. Spiders("DuckDuckBot", "DuckDuckBot", "DuckDuckGo-Favicons-Bot", "DuckAssistBot"), .. Spiders("Yahoo Slurp", "Slurp", "Yahoo! Slurp"),
        .. Spiders("Facebook bot", "facebookexternalhit", "facebookcatalog", "Facebot", "meta-externalagent", "meta-externalfetcher", "FacebookBot"), .. Spiders("Archive.org", "archive.org_bot", "ia_archiver"),
        .. Spiders("GPTBot", "GPTBot"), .. Spiders("ChatGPT", "ChatGPT-User", "OAI-SearchBot"), .. Spiders("ClaudeBot", "ClaudeBot", "Claude-User", "Claude-SearchBot", "anthropic-ai"), .. Spiders("PerplexityBot", "PerplexityBot", "Perplexity-User"),
        .. Same("Twitterbot", "LinkedInBot", "Slackbot", "Slackbot-LinkExpanding", "Slack-ImgProxy", "Discordbot", "TelegramBot", "Applebot", "AhrefsBot", "SemrushBot", "MJ12bot", "DotBot", "PetalBot", "Bytespider", "CCBot", "Amazonbot",
            "UptimeRobot", "PingdomTMS", "PingdomPageSpeed", "StatusCake", "SeznamBot", "Sogou web", "Exabot", "coccocbot-web", "MojeekBot", "DataForSeoBot", "Barkrowler", "BLEXBot", "SkypeUriPreview", "Pinterestbot", "redditbot", "Qwantify", "Site24x7",
            "GoogleHC", "kube-probe", "ELB-HealthChecker", "Zabbix", "masscan", "zgrab", "sqlmap", "Nuclei", "Nikto", "Nmap", "W3C_Validator", "Embedly", "NetcraftSurveyAgent", "heritrix", "GoogleImageProxy", "YahooMailProxy", "Bluesky", "Mastodon", "check_http"),
    ];

    private static IEnumerable<(string, BrowserMark)> Of(string name, int rank, Needs needs, params string[] words) => Of(name, rank, needs, DeviceKind.Other, words);

    private static IEnumerable<(string, BrowserMark)> Of(string name, int rank, Needs needs, DeviceKind kind, params string[] words)
    {
        var mark = new BrowserMark(name, rank, needs, kind);
        return words.Select(word => (word, mark));
    }

    private static IEnumerable<(string, BrowserMark)> Each(int rank, Needs needs, params string[] names) => names.SelectMany(name => Of(name, rank, needs, name));

    private static IEnumerable<(string, BrowserMark)> Tool(string name, Needs needs, params string[] words) => Of(name, Program, needs, DeviceKind.Program, words);

    private static IEnumerable<(string, BrowserMark)> Tools(Needs needs, params string[] names) => names.SelectMany(name => Tool(name, needs, name));

    /// <summary>A program that stands beside others, as its better known part.</summary>
    private static IEnumerable<(string, BrowserMark)> Inside(string name, params string[] words) => Of(name, Program + 1, Needs.Version, DeviceKind.Program, words);

    private static IEnumerable<(string, BrowserMark)> Spiders(string name, params string[] words) => Of(name, Bot, Needs.Word, DeviceKind.Bot, words);

    private static IEnumerable<(string, BrowserMark)> Same(params string[] names) => names.SelectMany(name => Spiders(name, name));
}
