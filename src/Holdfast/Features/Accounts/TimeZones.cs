using System.Globalization;

namespace Holdfast.Features.Accounts;

/// <summary>Time zones by their IANA names, as the system knows them.</summary>
public static class TimeZones
{
    /// <summary>True for an IANA name such as <c>Europe/Rome</c> that this system knows; false for anything longer than 64 characters or of another form.</summary>
    public static bool IsKnown(string? id) =>
        id is { Length: > 0 and <= 64 } && (id == "UTC" || id.Contains('/', StringComparison.Ordinal)) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) && zone.HasIanaId;

    public static TimeZoneInfo Find(string? id) => IsKnown(id) ? TimeZoneInfo.FindSystemTimeZoneById(id!) : TimeZoneInfo.Utc;

    /// <summary>The city that the name ends with: what people call their zone.</summary>
    public static string City(string id) => id[(id.LastIndexOf('/') + 1)..].Replace('_', ' ');

    /// <summary>Every zone, west to east, as "Paris (UTC+1)".</summary>
    public static IReadOnlyList<(string Id, string Label)> All(DateTimeOffset now) =>
    [
        .. TimeZoneInfo.GetSystemTimeZones()
            .Where(zone => zone.HasIanaId && zone.Id.Contains('/', StringComparison.Ordinal) && !zone.Id.StartsWith("Etc/", StringComparison.Ordinal) && !zone.Id.StartsWith("SystemV/", StringComparison.Ordinal))
            .Select(zone => (zone.Id, Offset: zone.GetUtcOffset(now)))
            .OrderBy(zone => zone.Offset).ThenBy(zone => City(zone.Id), StringComparer.Ordinal)
            .Select(zone => (zone.Id, $"{City(zone.Id)} ({OffsetText(zone.Offset)})")),
    ];

    private static string OffsetText(TimeSpan offset) => string.Create(CultureInfo.InvariantCulture,
        $"UTC{(offset < TimeSpan.Zero ? '−' : '+')}{Math.Abs(offset.Hours)}{(offset.Minutes == 0 ? "" : $":{Math.Abs(offset.Minutes):00}")}");
}
