using System.Net;
using System.Text;
using Holdfast.Secrets;

namespace Holdfast.Web;

/// <summary>Who is calling, as far as a request tells: network address, browser, and the device cookie. All of it may be false but the address.</summary>
/// <param name="Address">Text of the IP address; IPv4 in IPv6 is written as IPv4.</param>
/// <param name="UserAgent">At most 512 characters, without control characters.</param>
/// <param name="Browser">Hash of the device cookie, when there is one.</param>
public sealed record Client(string Address, string UserAgent, TokenHash? Browser)
{
    /// <summary>The server itself, or an operator at its command line.</summary>
    public static readonly Client Server = new("", "", null);

    /// <summary>What limits per network count by: the address itself, or the /64 that an IPv6 customer owns.</summary>
    public string Network
    {
        get
        {
            if (!IPAddress.TryParse(Address, out var ip) || ip.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6) return Address;
            return Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8));
        }
    }

    public static Client Of(HttpContext context)
    {
        var ip = context.Connection.RemoteIpAddress;
        if (ip is { IsIPv4MappedToIPv6: true }) ip = ip.MapToIPv4();
        // Without the scope (fe80::1%2): it names a cable of this machine, and IPv4 has none.
        if (ip is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } && ip.ScopeId != 0) ip = new IPAddress(ip.GetAddressBytes());
        return new Client(ip?.ToString() ?? "", Clean(context.Request.Headers.UserAgent.ToString()),
            SecretToken.TryHash(Cookies.Find(context.Request, Cookies.Device), out var browser) ? browser : null);
    }

    /// <summary>True when the request asks for this machine by a name that leads nowhere else: localhost, or a loopback address.</summary>
    public static bool IsThisMachine(HostString host) =>
        host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static string Clean(string userAgent)
    {
        var clean = new StringBuilder(Math.Min(userAgent.Length, 512));
        foreach (var rune in userAgent.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > 512) break;
            clean.Append(Rune.IsControl(rune) || rune == Rune.ReplacementChar ? new Rune(' ') : rune);
        }
        return clean.ToString();
    }
}
