using FsCheck;
using FsCheck.Fluent;
using Holdfast.Features.Devices;
using Holdfast.Tests.Support;
using Holdfast.Texts;
using Xunit;

namespace Holdfast.Tests.Features.Devices;

/// <summary>
/// Laws of the recogniser, tried with made-up headers; a counterexample is shrunk to the shortest. Few runs here; for a long one set the number of runs of each law:
/// <c>HOLDFAST_FUZZ=1000000 tests/Holdfast.Tests/bin/Release/net10.0/Holdfast.Tests -class Holdfast.Tests.Features.Devices.DeviceFuzzTests</c>.
/// </summary>
public sealed class DeviceFuzzTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(Fuzz.Tries ?? 3_000).WithEndSize(60);

    private static readonly string[] Samples =
    [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 14; SM-A556B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.6778.39 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/491.0.0.62.79;]",
        "Mozilla/5.0+(iPad;+CPU+OS+9_3_1+like+Mac+OS+X)+AppleWebKit/601.1.46+(KHTML,+like+Gecko)+Version/9.0+Mobile/13E238+Safari/601.1",
        "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16", "curl/8.11.0", "Python/3.12 aiohttp/3.10.5", "UCWEB/2.0 (Linux; U; Adr 4.4.2; en-US; X) U2/1.0.0 UCBrowser/10.4.0.558 U2/1.0.0 Mobile", "node",
    ];

    private static readonly string[] Bits =
    [
        .. Samples, .. BrowserMarks.All.Words, .. SystemMarks.All.Words, .. SignMarks.All.Words, " ", " ", " ", "/", "/", "; ", "(", ")", "[", "]", ",", "+", "like ", "not ", "v", "1", "142.0", "10_15_7", "99999999999", ".", "_", "-", "\"", "'",
        "<", ">", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "${", "() {", "\\", "`", "\0", "\t", "\r\n", "é", "İ", "ſ", "Ｃhrome", "\ud800", "🐎", "bot", "Cubot", "+http://x.example", "KFABWI", "AFTSSS", "|", "=",
    ];

    private static readonly Arbitrary<string> Agents = Arb.From(Gen.Frequency(
        (6, Gen.Elements(Bits).ListOf().Select(string.Concat)),
        (3, Mutated()),
        (1, Gen.Choose(0, 0xFFFF).Select(c => (char)c).ListOf().Select(string.Concat))), Shorter);

    private static readonly Arbitrary<string> Headers = Arb.From(Gen.Elements("\"Chromium\"", "\"Google Chrome\"", "\"Brave\"", "\"Opera GX\"", "\" Not A;Brand\"", "\"Windows\"", "\"Android\"", "\"macOS\"", "\"19.0.0\"", "\"Pixel 8\"", "\"Tablet\"", ";v=\"142\"", ";v=\"1", ", ", ",", ";", "?1", "?0", "\"", "\\\"", "\\", "|", "=", "/", "<b>", "é", "\0", " ", "x")
        .ListOf().Select(string.Concat), Shorter);

    /// <summary>Everything that may ever be shown.</summary>
    private static readonly HashSet<string> OurWords = [.. BrowserMarks.All.Each.Select(mark => mark.Name), .. ReadHints.Brands.Each.Select(mark => mark.Name), BrowserMarks.SomeBot, BrowserMarks.WebView, BrowserMarks.AndroidBrowser, BrowserMarks.GnomeWeb, "BlackBerry Browser"];

    private static readonly HashSet<string> OurSystems = [.. SystemMarks.All.Each.Select(mark => mark.Name)];

    [Fact]
    public void Whatever_is_sent_only_our_own_words_are_shown() => Prop.ForAll(Agents, Headers, Headers, (agent, first, second) =>
    {
        var hints = ClientHints.Of(first, second, second, first, second, first);
        var device = Device.Recognise(agent, hints);
        Assert.True(device.Browser is null || OurWords.Contains(device.Browser), device.Browser);
        Assert.True(device.System is null || OurSystems.Contains(device.System), device.System);
        Assert.True(IsVersion(device.BrowserVersion) && IsVersion(device.SystemVersion), device.ToString());
        var name = device.Name(Text.English, "Quayside");
        Assert.True(name.Length is > 0 and <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || " .()-_".Contains(c, StringComparison.Ordinal)), name);
        Assert.Contains(device.Icon, new[] { "phone", "tablet", "laptop", "desktop", "terminal", "app", "globe", "device" });
    }).Check(Runs);

    [Fact]
    public void The_same_headers_are_the_same_device_also_after_they_were_kept() => Prop.ForAll(Agents, Headers, Headers, (agent, first, second) =>
    {
        var hints = ClientHints.Of(first, second, second, first, second, first);
        var line = hints.Line();
        Assert.InRange(line.Length, 0, ClientHints.LongestLine);
        Assert.DoesNotContain(line, c => char.IsControl(c) || c > '~');
        Assert.Equal(line, ClientHints.Read(line).Line());
        Assert.Equal(Device.Recognise(agent, hints), Device.Recognise(agent, ClientHints.Read(line)));
    }).Check(Runs);

    [Fact]
    public void A_kept_line_that_somebody_tampered_with_does_no_harm() => Prop.ForAll(Agents, line =>
    {
        var hints = ClientHints.Read(line);
        Assert.InRange(hints.Line().Length, 0, ClientHints.LongestLine);
        _ = Device.Recognise(Samples[0], hints).Name(Text.English, "Quayside");
    }).Check(Runs);

    [Fact]
    public void Upper_and_lower_case_are_one_and_words_that_nobody_knows_change_nothing() => Prop.ForAll(Gen.Elements(Samples).ToArbitrary(), Gen.Elements("qzj", "xkq", "Zzyq", "wqx").ListOf().ToArbitrary(), (sample, words) =>
    {
        var device = Device.Recognise(sample, ClientHints.None);
        Assert.Equal(device, Device.Recognise(sample.ToLowerInvariant(), ClientHints.None));
        if (sample.Contains(' ', StringComparison.Ordinal)) Assert.Equal(device, Device.Recognise(string.Join(' ', [sample, .. words]), ClientHints.None));
    }).Check(Runs);

    /// <summary>A real one with a few characters changed, taken out or put in.</summary>
    private static Gen<string> Mutated() =>
        from sample in Gen.Elements(Samples)
        from changes in Gen.Choose(0, sample.Length - 1).Zip(Gen.Choose(0, 2)).Zip(Gen.Choose(0, 0x17F)).ListOf()
        select changes.Take(6).Aggregate(sample, (text, change) => Change(text, change.Item1.Item1 % Math.Max(1, text.Length), change.Item1.Item2, (char)change.Item2));

    private static string Change(string text, int at, int how, char with) => (how, text.Length) switch
    {
        (_, 0) => text + with,
        (0, _) => text.Remove(at, 1),
        (1, _) => text.Insert(at, with.ToString()),
        _ => string.Concat(text.AsSpan(0, at), [with], text.AsSpan(at + 1)),
    };

    /// <summary>Halves, thirds, and all but one character.</summary>
    private static IEnumerable<string> Shorter(string text)
    {
        for (var part = text.Length / 2; part > 0; part /= 2)
        {
            for (var at = 0; at + part <= text.Length; at += part) yield return text.Remove(at, part);
        }
    }

    private static bool IsVersion(string? version) => version is null or "XP" or "Vista" || (version.Length <= 9 && version.All(c => char.IsAsciiDigit(c) || c == '.'));
}
