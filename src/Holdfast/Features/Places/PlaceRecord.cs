using System.Buffers.Text;
using System.Text;

namespace Holdfast.Features.Places;

/// <summary>
/// Finds the place in a record. Two schemas are known: names by language in maps (MaxMind's City and Country, DB-IP's and all that follow them), and plain texts side by side
/// (IPinfo's and files made from lists). What is missing, or of another type than expected, is unknown.
/// </summary>
internal static class PlaceRecord
{
    /// <param name="data">A reader with a budget for this record.</param>
    /// <param name="language">Such as <c>it</c>: names in it are taken first, then English ones.</param>
    /// <returns>Null when the record names neither city nor country.</returns>
    /// <exception cref="MmdbException">The record is broken.</exception>
    public static Place? Read(MmdbData data, int position, string language)
    {
        var record = data.Read(position);
        var (code, country) = Country(ref data, record, language);
        var city = data.TryFind(record, "city"u8, out var value) ? Name(ref data, value, language) : null;
        if (city is null && country is null) return null;
        var region = data.TryFind(record, "subdivisions"u8, out value) && data.TryFirst(value, out value) ? Name(ref data, value, language)
            : data.TryFind(record, "region"u8, out value) || data.TryFind(record, "state1"u8, out value) ? Name(ref data, value, language) : null;

        if (!data.TryFind(record, "location"u8, out var location) || location.Type != MmdbType.Map) location = record;
        var latitude = Degrees(ref data, location, "latitude"u8, "lat"u8, 90);
        var longitude = Degrees(ref data, location, "longitude"u8, "lng"u8, 180);
        // Files write 0, 0 for "we do not know": nobody lives there.
        if (latitude is null || longitude is null || (latitude == 0 && longitude == 0)) latitude = longitude = null;
        var accuracy = latitude is not null && data.TryFind(location, "accuracy_radius"u8, out value) ? Real(ref data, value) : null;
        return new Place(PlaceKind.Earth, city, region, code, country, latitude, longitude, accuracy is >= 1 and <= 20_000 ? (int)accuracy : null);
    }

    private static (string? Code, string? Name) Country(ref MmdbData data, MmdbValue record, string language)
    {
        string? code, own;
        if (data.TryFind(record, "country"u8, out var country) && country.Type == MmdbType.Map)
        {
            code = Code(data.TryFind(country, "iso_code"u8, out var iso) ? Plain(ref data, iso) : null);
            own = OfLanguage(ref data, country, language);
            // The file's makers have a few languages, the system has all.
            return (code, own ?? (code is null ? null : CountryNames.Of(code, language)) ?? Name(ref data, country, language) ?? code);
        }
        var plain = Plain(ref data, country);
        code = Code(data.TryFind(record, "country_code"u8, out var value) ? Plain(ref data, value) : plain);
        own = data.TryFind(record, "country_name"u8, out value) ? Plain(ref data, value) : Code(plain) is null ? plain : null;
        // A plain name is English.
        return (code, language == "en" && own is not null ? own : (code is null ? null : CountryNames.Of(code, language)) ?? own ?? code);
    }

    /// <summary>A plain text, or the names in a map: of the language, else English, else the first there is.</summary>
    private static string? Name(ref MmdbData data, MmdbValue value, string language)
    {
        if (value.Type == MmdbType.String) return Plain(ref data, value);
        if (OfLanguage(ref data, value, language) is { } name) return name;
        if (language != "en" && OfLanguage(ref data, value, "en") is { } english) return english;
        if (!data.TryFind(value, "names"u8, out var names) || names is not { Type: MmdbType.Map, Size: > 0 }) return null;
        var position = names.Start;
        data.Key(ref position, names.Depth);
        return Plain(ref data, data.Read(position, names.Depth + 1));
    }

    private static string? OfLanguage(ref MmdbData data, MmdbValue value, string language)
    {
        Span<byte> key = stackalloc byte[32];
        return Encoding.UTF8.TryGetBytes(language, key, out var length) && data.TryFind(value, "names"u8, out var names) && data.TryFind(names, key[..length], out var name) ? Plain(ref data, name) : null;
    }

    private static string? Plain(ref MmdbData data, MmdbValue value) => value.Type == MmdbType.String ? PlaceText.Clean(data.Bytes(value)) : null;

    private static string? Code(string? text) => text is { Length: 2 } && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]) ? text.ToUpperInvariant() : null;

    private static double? Degrees(ref MmdbData data, MmdbValue location, ReadOnlySpan<byte> key, ReadOnlySpan<byte> shortKey, double most)
    {
        var degrees = data.TryFind(location, key, out var value) || data.TryFind(location, shortKey, out value) ? Real(ref data, value) : null;
        return degrees is { } number && Math.Abs(number) <= most ? number : null;
    }

    /// <summary>A number however it was written; some write it as text.</summary>
    private static double? Real(ref MmdbData data, MmdbValue value) => value.Type switch
    {
        MmdbType.Double or MmdbType.Float => data.Real(value),
        MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64 => (double)data.Unsigned(value),
        MmdbType.Int32 => data.Signed(value),
        MmdbType.String when Utf8Parser.TryParse(data.Bytes(value), out double number, out var used) && used == value.Size => number,
        _ => null,
    };
}
