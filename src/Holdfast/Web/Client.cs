using System.Net;
using System.Text;
using Holdfast.Features.Devices;
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

    /// <summary>What the browser told of itself besides, as <see cref="ClientHints"/> keeps it; at most 360 characters.</summary>
    public string Hints { get; init; } = "";

    /// <summary>What the browser would like to read, of the languages that we have; null when it asks for none of them.</summary>
    public string? Language { get; init; }

    public Device Device => Device.Recognise(UserAgent, ClientHints.Read(Hints));

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
        TokenHash? browser = SecretToken.TryHash(Cookies.Find(context.Request, Cookies.Device), out var device) ? device : null;
        return new Client(ip?.ToString() ?? "", Clean(context.Request.Headers.UserAgent.ToString()), browser) { Hints = HintsOf(context.Request), Language = Words.Wish(context.Request) };
    }

    /// <summary>Asks the browser to tell more from its next request on (RFC 8942 §3.1). On the pages where people sign in: no extra round trip, since the form is sent after the page.</summary>
    public static void AskForHints(HttpResponse response) => response.Headers["Accept-CH"] = ClientHints.Wanted;

    private static string HintsOf(HttpRequest request)
    {
        var headers = request.Headers;
        var hints = ClientHints.Of(headers["Sec-CH-UA"], headers["Sec-CH-UA-Mobile"], headers["Sec-CH-UA-Platform"], headers["Sec-CH-UA-Platform-Version"], headers["Sec-CH-UA-Model"], headers["Sec-CH-UA-Form-Factors"]);
        var tooLong = headers.UserAgent.ToString().Length > Device.LongestUserAgent;
        return (hints with { ByApi = request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase), AgentTooLong = tooLong }).Line();
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
