using System.Collections.Concurrent;
using System.Globalization;

namespace Holdfast.Features.Places;

/// <summary>Names of countries by the system's own knowledge of languages (CLDR, through ICU).</summary>
internal static class CountryNames
{
    // Some 250 countries in a few languages.
    private static readonly ConcurrentDictionary<(string Code, string Language), string?> Known = new();

    /// <param name="code">Two capitals (ISO 3166-1).</param>
    /// <returns>Null for a code that no country has.</returns>
    public static string? Of(string code, string language) => Known.GetOrAdd((code, language), static key => Ask(key.Code, key.Language));

    private static string? Ask(string code, string language)
    {
        // ZZ is CLDR's "unknown region".
        if (code is "ZZ" or "") return null;
        try
        {
            var name = new RegionInfo($"{language}-{code}").NativeName;
            return name == code ? null : name;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
