using System.Net;
using System.Net.Sockets;
using Holdfast.Texts;

namespace Holdfast.Features.Sessions;

/// <summary>Where a network address is, in words. Without a map of addresses: this computer, a private network, or unknown.</summary>
public static class Place
{
    public static string Name(string address, Text text)
    {
        if (!IPAddress.TryParse(address, out var ip)) return text["place.unknown"];
        if (IPAddress.IsLoopback(ip)) return text["place.this_computer"];
        return IsPrivate(ip) ? text["place.private"] : text["place.unknown"];
    }

    // RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291 §2.5.6
    private static bool IsPrivate(IPAddress ip)
    {
        if (ip.AddressFamily == AddressFamily.InterNetworkV6) return ip.IsIPv6LinkLocal || ip.IsIPv6UniqueLocal;
        var b = ip.GetAddressBytes();
        return b[0] == 10 || (b[0] == 172 && b[1] is >= 16 and < 32) || (b[0] == 192 && b[1] == 168) || (b[0] == 169 && b[1] == 254) || (b[0] == 100 && b[1] is >= 64 and < 128);
    }
}
