using System.Net;

namespace Holdfast.Features.Places;

/// <summary>Networks that are nowhere on earth, by the registries of special-purpose addresses (RFC 6890).</summary>
internal static class NetworkKinds
{
    private static readonly (IPNetwork Network, PlaceKind Kind)[] All =
    [
        Of("127.0.0.0/8", PlaceKind.ThisComputer), // RFC 1122 §3.2.1.3
        Of("::1/128", PlaceKind.ThisComputer), // RFC 4291 §2.5.3
        Of("10.0.0.0/8", PlaceKind.Private), // RFC 1918
        Of("172.16.0.0/12", PlaceKind.Private),
        Of("192.168.0.0/16", PlaceKind.Private),
        Of("fc00::/7", PlaceKind.Private), // RFC 4193
        Of("169.254.0.0/16", PlaceKind.LinkLocal), // RFC 3927
        Of("fe80::/10", PlaceKind.LinkLocal), // RFC 4291 §2.5.6
        Of("100.64.0.0/10", PlaceKind.Carrier), // RFC 6598
        Of("192.0.2.0/24", PlaceKind.Documentation), // RFC 5737
        Of("198.51.100.0/24", PlaceKind.Documentation),
        Of("203.0.113.0/24", PlaceKind.Documentation),
        Of("2001:db8::/32", PlaceKind.Documentation), // RFC 3849
        Of("3fff::/20", PlaceKind.Documentation), // RFC 9637
    ];

    public static PlaceKind Of(IPAddress address)
    {
        foreach (var (network, kind) in All) if (network.Contains(address)) return kind;
        return PlaceKind.Unknown;
    }

    /// <summary>
    /// The IPv4 address that an IPv6 one stands for: mapped (RFC 4291 §2.5.5.2), 6to4 (RFC 3056 §2) and Teredo (RFC 4380 §4: the client's, its bits turned over). Files alias the first two, or do not;
    /// an alias of Teredo in a file could only lead to the relay's place. Any other address is returned as it is, without its scope.
    /// </summary>
    public static IPAddress Meant(IPAddress address)
    {
        Span<byte> b = stackalloc byte[16];
        if (!address.TryWriteBytes(b, out var length) || length == 4) return address;
        if (address.IsIPv4MappedToIPv6) return new IPAddress(b[12..]);
        if (b[0] == 0x20 && b[1] == 0x02) return new IPAddress(b[2..6]);
        if (b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0) return new IPAddress([(byte)~b[12], (byte)~b[13], (byte)~b[14], (byte)~b[15]]);
        return address.ScopeId == 0 ? address : new IPAddress(b);
    }

    private static (IPNetwork Network, PlaceKind Kind) Of(string network, PlaceKind kind) => (IPNetwork.Parse(network), kind);
}
