namespace Holdfast.Features.Devices;

/// <summary>What the words of one User-Agent add up to: the highest mark of a browser and of a system, with versions, and the small signs.</summary>
internal sealed class AgentReading
{
    private bool _hasShape;

    public BrowserMark? Browser { get; private set; }

    public string? BrowserVersion { get; private set; }

    public SystemMark? System { get; private set; }

    /// <summary>As written: "10_15_7", "6.1".</summary>
    public string? SystemVersion { get; private set; }

    public AgentSigns Signs { get; private set; }

    /// <summary>"Version/17.4": Safari's own, old Opera's and the old Android Browser's.</summary>
    public string? OwnVersion { get; private set; }

    /// <summary>"FBAV/35", "app_version/28": of the app that shows the page.</summary>
    public string? AppVersion { get; private set; }

    /// <summary>Of Internet Explorer's engine: it tells the truth also in compatibility view.</summary>
    public string? TridentVersion { get; private set; }

    /// <summary>Chrome's, which client hints must agree with.</summary>
    public string? ChromeVersion { get; private set; }

    public bool Has(AgentSigns sign) => (Signs & sign) != AgentSigns.None;

    public static AgentReading Of(ReadOnlySpan<char> agent)
    {
        var reading = new AgentReading();
        var words = new AgentWords(agent);
        // A sentence that names a system is no User-Agent.
        reading._hasShape = agent.ContainsAny("/([");
        while (words.Next())
        {
            if (words.IsLikened) continue;
            var word = words.Word;
            reading.Look(in words, word, words.IsFirst);
            if (words.Pair is { Length: > 0 } pair) reading.Look(in words, pair, words.IsSecond);
            if (SignMarks.IsBot(word)) reading.Take(BrowserMarks.UnknownBot, in words, words.Rest, words.IsFirst);
            reading.Signs |= SignMarks.OfAmazon(word);
            reading.Note(word, words.Rest);
        }
        return reading;
    }

    /// <summary>A word, or a pair of words.</summary>
    private void Look(in AgentWords words, ReadOnlySpan<char> word, bool first)
    {
        var rest = words.Rest;
        if (BrowserMarks.All.Find(word) is { } browser) Take(browser, in words, rest, first);
        if (_hasShape && SystemMarks.All.Find(word) is { } system) Take(system, rest);
        if (SignMarks.All.Find(word) is { } sign) Take(sign.Signs, rest);
        Unglue(in words, word, rest, first);
    }

    /// <summary>"UCWEB7.9.0", "Android-4.0.3", "iPhone12": name and number in one word.</summary>
    private void Unglue(in AgentWords words, ReadOnlySpan<char> word, ReadOnlySpan<char> rest, bool first)
    {
        // "Safari/537.36Snapchat/12": an app that forgot the space.
        if (words.IsAfterSlash && char.IsAsciiDigit(word[0]) && word.IndexOfAnyExcept("0123456789.") is var letter and > 0 && BrowserMarks.All.Find(word[letter..]) is { } app && Fits(app, rest)) Keep(app, AgentWords.Version(rest));
        var digit = word.IndexOfAnyInRange('0', '9');
        if (digit < 2) return;
        var name = word[..digit].TrimEnd("-_");
        var glued = AgentWords.Version(word[digit..]);
        if (_hasShape && SystemMarks.All.Find(name) is { } system) Take(system, word[digit..]);
        if (SignMarks.All.Find(name) is { Signs: AgentSigns.Tv } sign) Signs |= sign.Signs;
        if (BrowserMarks.All.Find(name) is not { } browser) return;
        var fits = browser.Is(Needs.Word | Needs.Number) || Fits(browser, rest);
        if (fits && (!words.IsAfterSlash || browser.Is(Needs.AfterSlash)) && (first || !browser.Is(Needs.First))) Keep(browser, glued);
    }

    private void Take(BrowserMark mark, in AgentWords words, ReadOnlySpan<char> rest, bool first)
    {
        if (mark.Is(Needs.Whole) && words.IsWhole) Keep(mark, []);
        if (words.IsAfterSlash && !mark.Is(Needs.AfterSlash) && mark.Kind != DeviceKind.Bot) return;
        if (mark.Is(Needs.First) && !first) return;
        if (mark.Is(Needs.Word) || Fits(mark, rest)) Keep(mark, AgentWords.Version(rest));
    }

    private static bool Fits(BrowserMark mark, ReadOnlySpan<char> rest)
    {
        if (rest.Length < 2 || (rest[0] != '/' && (rest[0] != ' ' || !mark.Is(Needs.Number)))) return false;
        return char.IsAsciiDigit(rest[1]) || (rest.Length > 2 && rest[1] is 'v' or 'V' && char.IsAsciiDigit(rest[2]));
    }

    private void Keep(BrowserMark mark, ReadOnlySpan<char> version)
    {
        if (Browser is not null && mark.Rank <= Browser.Rank) return;
        (Browser, BrowserVersion) = (mark, Text(version));
    }

    private void Take(SystemMark mark, ReadOnlySpan<char> rest)
    {
        var version = mark.HasVersion ? Text(AgentWords.Version(rest)) : null;
        if (System is null || mark.Rank > System.Rank)
        {
            // "iPad; CPU OS 16_4": one word names the thing, another the version.
            var same = System is not null && IsApple(System) && IsApple(mark);
            (System, SystemVersion) = (mark, version ?? (same ? SystemVersion : null));
        }
        else if (SystemVersion is null && (mark.Name == System.Name || (IsApple(System) && IsApple(mark))))
        {
            SystemVersion = version;
        }
    }

    private static bool IsApple(SystemMark mark) => mark.Name is SystemMarks.Ios or SystemMarks.IpadOs;

    private void Take(AgentSigns sign, ReadOnlySpan<char> rest)
    {
        if (sign == AgentSigns.Mobile && rest.StartsWith("/")) sign |= AgentSigns.AppleMobile;
        Signs |= sign;
    }

    private void Note(ReadOnlySpan<char> word, ReadOnlySpan<char> rest)
    {
        if (word.Equals("Version", StringComparison.OrdinalIgnoreCase)) OwnVersion ??= Text(AgentWords.Version(rest));
        else if (word.Equals("FBAV", StringComparison.OrdinalIgnoreCase) || word.Equals("app_version", StringComparison.OrdinalIgnoreCase)) AppVersion ??= Text(AgentWords.Version(rest));
        else if (word.Equals("Trident", StringComparison.OrdinalIgnoreCase)) TridentVersion ??= Text(AgentWords.Version(rest));
        else if (word.Equals("Chrome", StringComparison.OrdinalIgnoreCase)) ChromeVersion ??= Text(AgentWords.Version(rest));
    }

    private static string? Text(ReadOnlySpan<char> version) => version.Length == 0 ? null : version.ToString();
}
