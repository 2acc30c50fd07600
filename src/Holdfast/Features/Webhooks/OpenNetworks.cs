using System.Net;
using System.Net.Sockets;
using Holdfast.Configuration;

namespace Holdfast.Features.Webhooks;

/// <summary>
/// Which network addresses may be called: whoever registers an endpoint must not make this server knock at doors inside its own network (OWASP, Server-Side Request Forgery). Public ones may; those of private networks and of this machine where
/// <c>Webhooks:Networks</c> names them; and some never, whatever the settings say: metadata services of clouds live there. Rules only.
/// </summary>
public sealed class OpenNetworks(IReadOnlyList<IPNetwork> named, bool ownMachine)
{
    /// <summary>Nothing in there is a receiver: this network, link-local, documentation and benchmarks, multicast, reserved and broadcast; and ways to spell an IPv4 address that the far end unpacks (Teredo, 6to4; RFC 4380, RFC 3056).</summary>
    private static readonly IPNetwork[] Never = [.. new[] { "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "fec0::/10", "ff00::/8", "100::/64", "2001::/32", "2001:db8::/32", "2002::/16" }.Select(IPNetwork.Parse)];

    private static readonly IPNetwork[] Private = [.. new[] { "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7" }.Select(IPNetwork.Parse)];

    /// <summary>IPv4 behind IPv6 (RFC 6052, RFC 8215).</summary>
    private static readonly IPNetwork[] Translated = [IPNetwork.Parse("64:ff9b::/96"), IPNetwork.Parse("64:ff9b:1::/48")];

    public static OpenNetworks Of(HoldfastSettings settings) => new(settings.Webhooks.Networks, settings.Server.PublicUrlIsLoopback);

    /// <summary>Plain http is for this machine alone, and only where it may be called.</summary>
    public bool OwnMachine => ownMachine || named.Any(n => n.Contains(IPAddress.Loopback));

    public bool MayCall(IPAddress address)
    {
        var plain = Plain(address);
        if (Never.Any(n => n.Contains(plain))) return false;
        if (named.Any(n => n.Contains(plain))) return true;
        if (IPAddress.IsLoopback(plain)) return ownMachine;
        return !Private.Any(n => n.Contains(plain));
    }

    /// <summary>What is really called: an IPv4 address may be written as IPv6 in several ways.</summary>
    private static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        // ::a.b.c.d (RFC 4291 §2.5.5.1), but for :: and ::1.
        if (Translated.Any(n => n.Contains(address)) || (bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0 && !IPAddress.IsLoopback(address) && !address.Equals(IPAddress.IPv6Any))) return new IPAddress(bytes.AsSpan(12));
        return new IPAddress(bytes);
    }
}
