using Holdfast.Features.Devices;

namespace Holdfast.Features.Sessions;

/// <summary>What a person looks for among their sessions. Rules only.</summary>
/// <param name="Text">Part of the device's or the place's words or of the network address, in any case; empty for all.</param>
/// <param name="IdleDays">Only those not used for this many days: one of <see cref="Spans"/>, 0 for all.</param>
/// <param name="Device">Key of one kind of device (<see cref="DeviceGroup"/>); empty for all.</param>
public sealed record SessionSearch(string Text, int IdleDays, string Device)
{
    public const int LongestText = 100;

    public static readonly IReadOnlyList<int> Spans = [0, 7, 30];

    public static readonly SessionSearch All = new("", 0, "");

    /// <summary>From an address: what is too long or unknown counts as not asked for.</summary>
    public static SessionSearch Of(string? text, int idleDays, string? device) =>
        new(text?.Trim() is { Length: <= LongestText } some ? some : "", Spans.Contains(idleDays) ? idleDays : 0, device is { Length: <= LongestText } ? device : "");

    public bool IsAll => this == All;

    /// <param name="device">In the reader's words.</param>
    /// <param name="place">In the reader's words.</param>
    public bool Finds(Session session, string device, string place, DateTimeOffset now) =>
        (Device.Length == 0 || session.Device.Key == Device)
        && (IdleDays == 0 || session.LastActiveAt <= now.AddDays(-IdleDays))
        && (Text.Length == 0 || device.Contains(Text, StringComparison.OrdinalIgnoreCase) || place.Contains(Text, StringComparison.OrdinalIgnoreCase) || session.Address.Contains(Text, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Sessions of one kind of device: one line where there are hundreds.</summary>
/// <param name="Key">For addresses; the same in every language.</param>
/// <param name="Sessions">In the order they came in.</param>
public sealed record DeviceGroup(string Key, Device Device, IReadOnlyList<Session> Sessions)
{
    /// <summary>From this many on a list is easier to read by device.</summary>
    public const int From = 25;

    /// <summary>Sessions that a fold shows before the rest is asked for.</summary>
    public const int Shown = 4;

    public static IReadOnlyList<DeviceGroup> Of(IEnumerable<Session> sessions) =>
        [.. sessions.Select(s => (Session: s, s.Device)).GroupBy(s => s.Device.Key, StringComparer.Ordinal).Select(g => new DeviceGroup(g.Key, g.First().Device, [.. g.Select(s => s.Session)]))];
}
