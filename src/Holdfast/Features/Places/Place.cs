using Holdfast.Texts;

namespace Holdfast.Features.Places;

/// <summary>What a network address tells of where it is.</summary>
public enum PlaceKind
{
    /// <summary>Nothing.</summary>
    Unknown,

    /// <summary>A place on earth, out of the file.</summary>
    Earth,

    ThisComputer,
    Private,
    LinkLocal,
    Carrier,
    Documentation,
}

/// <summary>Where a network address is, roughly: a city or a country as the file of places names it, or a kind of network. Never a person's address.</summary>
/// <param name="City">In the language of the page where the file has it, else in English; null when only the country is known.</param>
/// <param name="Region">The largest division of the country around the city.</param>
/// <param name="CountryCode">Two capitals (ISO 3166-1).</param>
/// <param name="Latitude">-90 to 90 degrees; null together with <paramref name="Longitude"/>.</param>
/// <param name="Longitude">-180 to 180 degrees.</param>
/// <param name="AccuracyKm">Radius within which the file's maker expects it; 1 to 20,000.</param>
public sealed record Place(PlaceKind Kind, string? City = null, string? Region = null, string? CountryCode = null, string? Country = null, double? Latitude = null, double? Longitude = null, int? AccuracyKm = null)
{
    public static readonly Place Unknown = new(PlaceKind.Unknown);

    /// <summary>Standing alone: "Near Lyon, France", "France", "Private network", "Unknown place".</summary>
    public string Say(Text text) => Kind switch
    {
        PlaceKind.Earth when City is null => Country ?? text["place.unknown"],
        // Singapore, Monaco: once is enough.
        PlaceKind.Earth when Country is null || Country == City => text["place.near.city", City],
        PlaceKind.Earth => text["place.near", City, Country],
        PlaceKind.ThisComputer => text["place.this_computer"],
        PlaceKind.Private => text["place.private"],
        PlaceKind.LinkLocal => text["place.link_local"],
        PlaceKind.Carrier => text["place.carrier"],
        PlaceKind.Documentation => text["place.documentation"],
        PlaceKind.Unknown => text["place.unknown"],
        _ => throw new InvalidOperationException($"No words for {Kind}"),
    };

    /// <summary>For a subject: "Lyon, France", "France"; null where it is no place on earth.</summary>
    public string? CityAndCountry => Kind == PlaceKind.Earth && (City ?? Country) is not null ? string.Join(", ", new[] { City, Country }.Where(name => name is not null).Distinct(StringComparer.Ordinal)) : null;

    /// <summary>For a letter, which nobody can ask: "Near Lyon, France (approximate)". Null when unknown.</summary>
    public string? SayInLetter(Text text) => Kind switch
    {
        PlaceKind.Unknown => null,
        PlaceKind.Earth => text["place.approximate", Say(text)],
        _ => Say(text),
    };
}
