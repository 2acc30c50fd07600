using Holdfast.Features.Devices;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Features.Devices;

public sealed class ClientHintsTests
{
    private const string Win = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
    private const string Droid = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

    private static ClientHints Hints(string? brand = "Google Chrome", string platform = "Windows", string version = "", string model = "", string mobile = "?0", string? form = null) =>
        ClientHints.Of(brand is null ? null : $"\"Chromium\";v=\"142\", \"{brand}\";v=\"142\", \"Not_A Brand\";v=\"99\"", mobile, $"\"{platform}\"", $"\"{version}\"", $"\"{model}\"", form);

    private static string Name(string agent, ClientHints hints) => Device.Recognise(agent, hints).Name(Text.English, "Quayside");

    [Theory]
    [InlineData("19.0.0", "Chrome on Windows 11")]
    [InlineData("13.0.0", "Chrome on Windows 11")]
    [InlineData("10.0.0", "Chrome on Windows 10")]
    [InlineData("1.0.0", "Chrome on Windows 10")]
    [InlineData("0.3.0", "Chrome on Windows")]
    [InlineData("", "Chrome on Windows")]
    [InlineData("eleven", "Chrome on Windows")]
    public void Windows_10_and_11_are_told_apart_by_the_platform_s_version_alone(string version, string name) => Assert.Equal(name, Name(Win, Hints(version: version)));

    [Theory]
    [InlineData("Brave", "Brave on Windows")]
    [InlineData("Opera GX", "Opera GX on Windows")]
    [InlineData("Vivaldi", "Vivaldi on Windows")]
    [InlineData("DuckDuckGo", "DuckDuckGo on Windows")]
    [InlineData("Microsoft Edge", "Edge on Windows")]
    [InlineData("Yandex", "Yandex Browser on Windows")]
    [InlineData("Google Chrome", "Chrome on Windows")]
    [InlineData("Trusted by your bank", "Chrome on Windows")]
    public void A_browser_that_passes_for_Chrome_names_itself_in_its_brands(string brand, string name) => Assert.Equal(name, Name(Win, Hints(brand)));

    [Fact]
    public void Opera_GX_differs_from_Opera_by_its_brand_and_nothing_else_is_taken_for_another()
    {
        Assert.Equal("Opera GX on Windows", Name(Win + " OPR/126.0.0.0", Hints("Opera GX")));
        Assert.Equal("Opera on Windows", Name(Win + " OPR/126.0.0.0", Hints("Opera")));
        Assert.Equal("Edge on Windows", Name(Win + " Edg/142.0.0.0", Hints("Brave")));
    }

    [Theory]
    [InlineData("Pixel 8", "Chrome on Android (Pixel 8)")]
    [InlineData("Pixel 9 Pro XL", "Chrome on Android (Pixel 9 Pro XL)")]
    [InlineData("moto g54 5G", "Chrome on Android (moto g54 5G)")]
    [InlineData("SM-S921B", "Chrome on Android")]
    [InlineData("", "Chrome on Android")]
    [InlineData("Pixel <script>alert(1)</script>", "Chrome on Android")]
    [InlineData("Pixel call 0800 1111", "Chrome on Android")]
    [InlineData("Pixel 8 9 10 11 12", "Chrome on Android")]
    [InlineData("Your account is locked", "Chrome on Android")]
    public void A_model_is_shown_only_when_it_is_one_that_people_know(string model, string name) => Assert.Equal(name, Name(Droid, Hints(platform: "Android", version: "16.0.0", model: model, mobile: "?1")));

    [Fact]
    public void Frozen_versions_come_back_by_hints()
    {
        Assert.Equal("16", Device.Recognise(Droid, Hints(platform: "Android", version: "16.0.0", mobile: "?1")).SystemVersion);
        var mac = Win.Replace("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", StringComparison.Ordinal);
        Assert.Equal("26", Device.Recognise(mac, Hints(platform: "macOS", version: "26.1.0")).SystemVersion);
        Assert.Equal("10.14", Device.Recognise(mac, Hints(platform: "macOS", version: "10.14.6")).SystemVersion);
    }

    [Fact]
    public void A_tablet_that_asks_for_the_desktop_s_pages_is_known_by_its_hints()
    {
        var agent = Win.Replace("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", StringComparison.Ordinal);
        var device = Device.Recognise(agent, Hints(platform: "Android", version: "15.0.0", form: "\"Tablet\""));
        Assert.Equal(("Android", "15", "tablet"), (device.System, device.SystemVersion, device.Type));
        Assert.Equal("console", Device.Recognise(Win, Hints("Microsoft Edge", model: "Xbox")).Type);
    }

    [Theory]
    [InlineData("curl/8.11.0", "curl")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1", "Safari on iPhone")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome on macOS")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.0.0 Safari/537.36", "Chrome on Windows")]
    [InlineData("<script>alert(1)</script>", "Unknown device")]
    public void Hints_that_contradict_the_User_Agent_are_not_believed(string agent, string name) => Assert.Equal(name, Name(agent, Hints("Brave", version: "19.0.0")));

    [Fact]
    public void Without_a_User_Agent_the_hints_speak_alone() => Assert.Equal("Brave on Windows 11", Name("", Hints("Brave", version: "19.0.0")));

    [Fact]
    public void They_are_kept_as_one_short_line_that_reads_back_the_same()
    {
        var hints = Hints("Brave", "Windows", "19.0.0", "Pixel 8", "?1", "\"Tablet\"") with { ByApi = true };
        Assert.Equal("brands=Chromium/142,Brave/142|mobile=1|platform=Windows|version=19.0.0|model=Pixel 8|form=Tablet|by=api", hints.Line());
        Assert.Equal(hints.Line(), ClientHints.Read(hints.Line()).Line());
        Assert.Equal("", ClientHints.Of(null, null, null, null, null, null).Line());
        Assert.Same(ClientHints.None, ClientHints.Read(""));
    }

    [Theory]
    [InlineData("\" Not A;Brand\";v=\"99\", \"Chromium\";v=\"96\"", "Chromium/96")]
    [InlineData("\"Not/A)Brand\";v=\"8\", \"Chromium\";v=\"126.0.6478.186\"", "Chromium/126.0.6478.1")]
    [InlineData("\"(Not(A:Brand\";v=\"8\"", "")]
    [InlineData("\"A\\\"B\\\\C\";v=\"1\"", "ABC/1")]
    [InlineData("Chromium;v=96", "")]
    [InlineData("\"Chromium\"", "Chromium/")]
    [InlineData("\"Chromium\";x=\"1\";v=\"96\", \"Brave\"", "Chromium/96,Brave/")]
    [InlineData("\"Chromium\";v=\"96", "Chromium/")]
    [InlineData("\"a|b=c,d/e\";v=\"1|platform=Windows\"", "abcde/1")]
    [InlineData("\"\";v=\"1\", , ,\"Brave\";v=\"2\"", "Brave/2")]
    public void Brands_are_read_leniently_and_kept_clean(string header, string kept) =>
        Assert.Equal(kept.Length == 0 ? "" : $"brands={kept}", ClientHints.Of(header, null, null, null, null, null).Line());

    [Fact]
    public void The_longest_line_stays_short_and_endless_headers_count_as_none()
    {
        var brands = string.Join(", ", Enumerable.Range(0, 12).Select(i => $"\"{new string((char)('a' + i), 60)}\";v=\"{new string('9', 60)}\""));
        var hints = ClientHints.Of(brands[..1000], "?1", Quoted('p'), Quoted('1'), Quoted('m'), Quoted('f')) with { ByApi = true, AgentTooLong = true };
        Assert.InRange(hints.Line().Length, 200, ClientHints.LongestLine);
        Assert.Equal("", ClientHints.Of(new string('"', 5000), "?2", new string('x', 5000), "19", "Pixel 8", "").Line());
        static string Quoted(char c) => $"\"{new string(c, 300)}\"";
    }
}
