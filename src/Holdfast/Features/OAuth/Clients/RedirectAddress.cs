using System.Net;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Where an application may have people sent: what may be registered, and what a request may ask for. Compared letter by letter (RFC 9700 §2.1, ASVS 10.4.1). Rules only.</summary>
public static class RedirectAddress
{
    private static readonly string[] Loopback = ["http://127.0.0.1", "http://[::1]"];

    public const int LongestAddress = 400;

    /// <summary>Addresses of one application at most.</summary>
    public const int Most = 20;

    /// <summary>Null when it may be registered. Refuses with <c>client.address_…</c> (400), the line's number as its first argument.</summary>
    /// <param name="native">The application runs on the person's device: loopback and its own scheme are open to it.</param>
    public static Refusal? WhyNot(string address, int line, string field, bool native)
    {
        if (address.Length > LongestAddress || !Uri.TryCreate(address, UriKind.Absolute, out var uri) || address.Any(c => c is <= ' ' or > '~' or '\\' or '"' or '<' or '>' or '*' or ',' or '{' or '}' or '|' or '^' or '`'))
            return new Refusal("client.address_form", 400, field, Args: line);
        // RFC 6749 §3.1.2: no fragment. A user name misleads whoever reads the address.
        if (address.Contains('#', StringComparison.Ordinal) || (uri.IsAbsoluteUri && uri.UserInfo.Length > 0)) return new Refusal("client.address_parts", 400, field, Args: line);
        // Browsers and frameworks clean an address up before they compare it: only one that is clean already means the same to all.
        if (HasDots(address)) return new Refusal("client.address_form", 400, field, Args: line);
        if (address.StartsWith("https://", StringComparison.Ordinal)) return uri.Host.Length > 0 ? null : new Refusal("client.address_form", 400, field, Args: line);
        if (address.StartsWith("http://", StringComparison.Ordinal)) return IsThisMachine(uri) ? null : new Refusal("client.address_http", 400, field, Args: line);
        // RFC 8252 §7.1, §8.4: a scheme of the maker's own is a domain name turned round, so it has a dot; javascript: and its like have none.
        return native && uri.Scheme.Contains('.', StringComparison.Ordinal) ? null : new Refusal("client.address_scheme", 400, field, Args: line);
    }

    /// <summary>True when the application has registered just this address. The one freedom is RFC 8252 §7.3: registered as http://127.0.0.1 or http://[::1] without a port, any port will do, since the system chooses it.</summary>
    public static bool IsRegistered(string asked, IReadOnlyList<string> registered, bool native) =>
        registered.Any(address => string.Equals(address, asked, StringComparison.Ordinal) || (native && FreesPort(address) is { } start && IsSameButPort(asked, address, start)));

    /// <summary>An address that nobody but the application's makers can receive at. Others may be listening on the person's device, so they are asked each time (RFC 8252 §8.6, ASVS 10.7.1).</summary>
    public static bool AssuresIdentity(string address) => address.StartsWith("https://", StringComparison.Ordinal);

    /// <summary>Browsers take it for this machine; the server would have to ask the network.</summary>
    public static bool IsForBrowsersAlone(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == "http" && IsBelowLocalhost(uri);

    private static bool IsBelowLocalhost(Uri uri) => uri.Host.EndsWith(".localhost", StringComparison.Ordinal);

    /// <summary>The part before the free port; null when the port is not free.</summary>
    private static string? FreesPort(string registered) =>
        Loopback.FirstOrDefault(start => registered == start || registered.StartsWith(start + "/", StringComparison.Ordinal) || registered.StartsWith(start + "?", StringComparison.Ordinal));

    private static bool IsSameButPort(string asked, string registered, string start)
    {
        if (!asked.StartsWith(start + ":", StringComparison.Ordinal)) return false;
        var rest = asked[(start.Length + 1)..];
        var digits = rest.TakeWhile(char.IsAsciiDigit).Count();
        return digits is > 0 and <= 5 && rest[0] != '0' && int.Parse(rest[..digits], System.Globalization.CultureInfo.InvariantCulture) <= 65535 && rest[digits..] == registered[start.Length..];
    }

    // RFC 6761 §6.3: names below localhost lead nowhere else, and browsers do not ask the network for them. So two products on one machine have a host name, and cookies, each.
    private static bool IsThisMachine(Uri uri) => uri.Host == "localhost" || IsBelowLocalhost(uri) || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private static bool HasDots(string address) => address.Split('?')[0].Split('/').Skip(3).Any(part => part.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..");
}
