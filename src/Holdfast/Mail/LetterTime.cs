using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>Instants as letters write them: with the zone in words, because a letter may be read anywhere (SPEC S12).</summary>
public static class LetterTime
{
    private const int LongestZone = 64;

    /// <param name="text">Its culture names the month.</param>
    /// <param name="zone">Name of an IANA zone, such as <c>Europe/Warsaw</c>; null, or one that is unknown here, is UTC.</param>
    /// <returns>Such as "20 November 2026, 17:31 (Warsaw time)". Zones without a city in their name get their offset from UTC.</returns>
    public static string Format(Text text, DateTimeOffset at, string? zone)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!MayBeZone(zone) || !TimeZoneInfo.TryFindSystemTimeZoneById(zone!, out var found)) return text["letter.time.utc", at.ToUniversalTime()];
        var local = TimeZoneInfo.ConvertTime(at, found);
        var slash = zone!.LastIndexOf('/');
        if (slash > 0 && !zone.StartsWith("Etc/", StringComparison.OrdinalIgnoreCase)) return text["letter.time.city", local, City(text, zone[(slash + 1)..])];
        if (local.Offset == TimeSpan.Zero) return text["letter.time.utc", local];
        var sign = local.Offset < TimeSpan.Zero ? '\u2212' : '+';
        return text["letter.time.offset", local, $"{sign}{local.Offset.Duration():hh':'mm}"];
    }

    /// <summary>Zones bear English names of cities; a few have one in the reader's language.</summary>
    private static string City(Text text, string name) => text.Has($"letter.time.city.{name}") ? text[$"letter.time.city.{name}"] : name.Replace('_', ' ');

    /// <summary>The name may come from a browser, and the system looks zones up as files.</summary>
    private static bool MayBeZone(string? zone) =>
        zone is { Length: > 0 and <= LongestZone } && char.IsAsciiLetter(zone[0]) && zone.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
}
