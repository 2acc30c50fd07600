using System.Net;
using System.Net.Sockets;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <summary>From which networks a key was used. Marks under a key outside the database stand for them: enough to know one again.</summary>
public sealed record KeyNetworks
{
    public required string WorkspaceId { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Account id.</summary>
    public required string MadeBy { get; init; }

    /// <summary>Marks joined by spaces, in the order in which they were first seen.</summary>
    public required string Networks { get; init; }

    public DateTimeOffset? NetworkToldAt { get; init; }

    public IReadOnlyList<string> Known => Networks.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The network that an address belongs to, as far as one can say without asking anybody: the /24 of IPv4, the /48 of IPv6; the address itself where it is none.</summary>
    public static string Of(string address)
    {
        if (!IPAddress.TryParse(address, out var ip)) return address;
        var bytes = ip.GetAddressBytes();
        return Convert.ToHexString(bytes.AsSpan(0, ip.AddressFamily == AddressFamily.InterNetwork ? 3 : 6));
    }

    /// <summary>80 bits are enough for two networks never to share one.</summary>
    public static string Mark(KeyRing keys, ApiKeyUse use) => Convert.ToHexStringLower(keys.Hash("api key network", $"{use.WorkspaceId}\n{use.KeyId}\n{use.Network}").AsSpan(0, 10));
}

/// <summary>A key was used from somewhere.</summary>
/// <param name="Network">From <see cref="KeyNetworks.Of"/>.</param>
public sealed record ApiKeyUse(string WorkspaceId, string KeyId, string Network, DateTimeOffset At, Client Client);
