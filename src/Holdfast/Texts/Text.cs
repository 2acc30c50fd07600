using System.Globalization;
using System.Resources;

namespace Holdfast.Texts;

/// <summary>
/// Every text that people read, by key, from the resource files. English is the fallback. A missing key throws: the tests look at every page,
/// so none reaches a person. Plurals are two keys, <c>….one</c> and <c>….other</c>.
/// </summary>
public sealed class Text(CultureInfo culture)
{
    private static readonly ResourceManager Resources = new("Holdfast.Texts.Text", typeof(Text).Assembly);

    public static readonly Text English = new(CultureInfo.GetCultureInfo("en"));

    /// <summary>Languages that are complete.</summary>
    public static readonly IReadOnlyList<string> Languages = ["en"];

    /// <param name="language">A person's choice; null, or one we do not have, is English.</param>
    public static Text For(string? language) => language is null or "en" || !Languages.Contains(language) ? English : new Text(CultureInfo.GetCultureInfo(language));

    public CultureInfo Culture { get; } = culture;

    public string this[string key] => Resources.GetString(key, Culture) ?? throw new MissingManifestResourceException($"No text for {key}");

    public string this[string key, params object?[] args] => string.Format(Culture, this[key], args);

    /// <summary>The singular or plural form for <paramref name="count"/>, which is the text's first argument {0}.</summary>
    public string Count(string key, long count, params object?[] more) =>
        string.Format(Culture, this[$"{key}.{(count == 1 ? "one" : "other")}"], [count, .. more]);

    public bool Has(string key) => Resources.GetString(key, Culture) is not null;
}
