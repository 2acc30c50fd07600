namespace Holdfast.Configuration;

/// <summary>Where places come from.</summary>
/// <param name="DatabasePath">A file in the MaxMind DB format. It is opened when the server starts, not here: the command line has work to do without it.</param>
public sealed record GeoIpSettings(string? DatabasePath)
{
    internal static GeoIpSettings Read(SettingsReader r) => new(
        r.Optional("GeoIp:DatabasePath", "path of an .mmdb file", "Cities and countries of network addresses, in the MaxMind DB format; replaced while the server runs, it is taken up within seconds. Without one every place is unknown"));
}
