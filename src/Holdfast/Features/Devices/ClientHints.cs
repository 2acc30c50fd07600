using System.Text;

namespace Holdfast.Features.Devices;

/// <summary>A brand and its version, as a browser tells in Sec-CH-UA.</summary>
public sealed record Brand(string Name, string Version);

/// <summary>
/// What a browser tells of itself beside the User-Agent (User-Agent Client Hints, https://wicg.github.io/ua-client-hints/), and by which door it came. Kept with
/// the session as one short line, not as a name: names are made when they are shown, in the reader's language and by the rules of that day.
/// Everything here may be false; it is cut and cleaned, and unknown words are kept but never shown.
/// </summary>
public sealed record ClientHints
{
    /// <summary>Characters of the kept line, at most.</summary>
    public const int LongestLine = 360;

    /// <summary>Asked for on the pages where people sign in; brands, platform and mobile come unasked. The full versions are not: people know none.</summary>
    public const string Wanted = "Sec-CH-UA-Platform-Version, Sec-CH-UA-Model, Sec-CH-UA-Form-Factors";

    private const int MostBrands = 4;
    private const int LongestName = 32;
    private const int LongestHeader = 1024;

    public static readonly ClientHints None = new();

    /// <summary>Without the made-up ones that browsers put in so that servers take unknown brands calmly (GREASE).</summary>
    public IReadOnlyList<Brand> Brands { get; init; } = [];

    public string Platform { get; init; } = "";

    public string PlatformVersion { get; init; } = "";

    public string Model { get; init; } = "";

    /// <summary>Such as "Tablet"; the first one told.</summary>
    public string FormFactor { get; init; } = "";

    /// <summary>Null when not told.</summary>
    public bool? Mobile { get; init; }

    /// <summary>The request went to the JSON API, not to a page.</summary>
    public bool ByApi { get; init; }

    /// <summary>The User-Agent was longer than any browser's and was cut.</summary>
    public bool AgentTooLong { get; init; }

    /// <summary>Reads the headers' values; null and rubbish count as not told.</summary>
    public static ClientHints Of(string? brands, string? mobile, string? platform, string? platformVersion, string? model, string? formFactors) => new()
    {
        Brands = [.. HintList.Items(Bounded(brands)).Select(item => new Brand(Clean(item.Text), Number(item.Version))).Where(brand => brand.Name.Length > 0 && !IsMadeUp(brand.Name)).Take(MostBrands)],
        Mobile = mobile switch { "?1" => true, "?0" => false, _ => null },
        Platform = First(platform), PlatformVersion = Number(First(platformVersion)), Model = First(model), FormFactor = First(formFactors),
    };

    /// <summary>The line to keep; empty when nothing was told.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        if (Brands.Count > 0) Add("brands", string.Join(',', Brands.Select(brand => $"{brand.Name}/{brand.Version}")));
        if (Mobile is { } mobile) Add("mobile", mobile ? "1" : "0");
        Add("platform", Platform);
        Add("version", PlatformVersion);
        Add("model", Model);
        Add("form", FormFactor);
        if (ByApi) Add("by", "api");
        if (AgentTooLong) Add("agent", "long");
        return line.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0) line.Append(line.Length > 0 ? "|" : "").Append(name).Append('=').Append(value);
        }
    }

    /// <summary>Reads a kept line. Never fails: what it does not understand is left out.</summary>
    public static ClientHints Read(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Length is 0 or > LongestLine) return None;
        var hints = None;
        foreach (var part in line.Split('|'))
        {
            var at = part.IndexOf('=', StringComparison.Ordinal);
            if (at > 0) hints = hints.With(part[..at], part[(at + 1)..]);
        }
        return hints;
    }

    private ClientHints With(string name, string value) => name switch
    {
        "brands" => this with { Brands = [.. value.Split(',').Take(MostBrands).Select(ReadBrand)] },
        "mobile" => this with { Mobile = value == "1" },
        "platform" => this with { Platform = Clean(value) },
        "version" => this with { PlatformVersion = Number(value) },
        "model" => this with { Model = Clean(value) },
        "form" => this with { FormFactor = Clean(value) },
        "by" => this with { ByApi = value == "api" },
        "agent" => this with { AgentTooLong = value == "long" },
        _ => this,
    };

    private static Brand ReadBrand(string text)
    {
        var slash = text.LastIndexOf('/');
        return slash < 0 ? new Brand(Clean(text), "") : new Brand(Clean(text[..slash]), Number(text[(slash + 1)..]));
    }

    private static string? Bounded(string? header) => header is null || header.Length > LongestHeader ? null : header;

    private static string First(string? header) => HintList.Items(Bounded(header)).Select(item => Clean(item.Text)).FirstOrDefault("");

    /// <summary>Letters, digits and what stands in names of models: nothing that means something in our line, in HTML or to a spreadsheet's formula.</summary>
    private static string Clean(string text)
    {
        var kept = text.Where(c => char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or '-' or '_' or '(' or ')').Take(LongestName).ToArray();
        return new string(kept).Trim();
    }

    private static string Number(string text) => new([.. text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Take(12)]);

    /// <summary>"Not A;Brand", "Not/A)Brand", "(Not(A:Brand" (§ GREASE): the letters stay, the rest changes.</summary>
    private static bool IsMadeUp(string name) => string.Concat(name.Where(char.IsAsciiLetter)) is "NotABrand" or "NotAnyBrand" or "NotBrand";
}
