using System.Collections.Concurrent;
using System.Globalization;
using System.Resources;

namespace Holdfast.Texts;

/// <summary>
/// Every text that people read, by key, from the resource files. English is the fallback, and the only language of the command line (<c>cli.…</c>) and of logs. A missing key
/// throws: the tests look at every page, so none reaches a person. Plurals are two keys, <c>….one</c> and <c>….other</c>.
/// </summary>
public sealed class Text(CultureInfo culture)
{
    private static readonly ResourceManager Resources = new("Holdfast.Texts.Text", typeof(Text).Assembly);

    public static readonly Text English = new(CultureInfo.GetCultureInfo("en"));

    /// <summary>Languages that are complete, as people and programs name them (ISO 639-1).</summary>
    public static readonly IReadOnlyList<string> Languages = ["en", "it"];

    private static readonly ConcurrentDictionary<string, Text> Known =
        new(Languages.Select(language => KeyValuePair.Create(language, language == "en" ? English : new Text(CultureInfo.GetCultureInfo(language)))), StringComparer.OrdinalIgnoreCase);

    private readonly bool _elides = culture.TwoLetterISOLanguageName == "it";

    /// <param name="language">A person's choice; null, or one we do not have, is English.</param>
    public static Text For(string? language) => (language is null ? null : Find(language)) ?? English;

    /// <param name="language">Two letters, capitals or not.</param>
    /// <returns>Null when we do not have it.</returns>
    public static Text? Find(string language) => Known.GetValueOrDefault(language);

    /// <summary>A language in its own words, as lists of languages show it: "English", "Italiano".</summary>
    public static string NameOf(string language)
    {
        var culture = CultureInfo.GetCultureInfo(language);
        return char.ToUpper(culture.NativeName[0], culture) + culture.NativeName[1..];
    }

    public CultureInfo Culture { get; } = culture;

    /// <summary>What tests do to every text so that they know it again on a page; null for people.</summary>
    internal Func<string, string>? Marked { get; init; }

    public string this[string key]
    {
        get
        {
            var said = Resources.GetString(key, Culture) ?? throw new MissingManifestResourceException($"No text for {key}");
            return Marked is null ? said : Marked(said);
        }
    }

    public string this[string key, params object?[] args] => Format(this[key], args);

    /// <summary>The singular or plural form for <paramref name="count"/>, which is the text's first argument {0}.</summary>
    public string Count(string key, long count, params object?[] more) => Format(this[$"{key}.{(count == 1 ? "one" : "other")}"], [count, .. more]);

    public bool Has(string key) => Resources.GetString(key, Culture) is not null;

    /// <summary>A language that only the tests speak.</summary>
    internal static void Teach(string language, Text text) => Known[language] = text;

    private string Format(string text, object?[] args) => string.Format(Culture, _elides ? Italian.Elide(text, args) : text, args);
}
