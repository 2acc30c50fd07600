using System.Net;
using Holdfast.Configuration;

namespace Holdfast.Web;

/// <summary>Whether a proxy that the settings name is the one who speaks: only its word about the original request is taken (ASVS 4.1.3).</summary>
public static class KnownProxy
{
    /// <summary>Stands before the client's address is replaced by what the proxy says of it.</summary>
    internal static void Use(WebApplication app, ServerSettings server) => app.Use((context, next) =>
    {
        if (IsOne(context.Connection.RemoteIpAddress, server)) context.Features.Set(Known.It);
        return next(context);
    });

    public static bool Speaks(HttpContext context) => context.Features.Get<Known>() is not null;

    private static bool IsOne(IPAddress? peer, ServerSettings server)
    {
        if (peer is { IsIPv4MappedToIPv6: true }) peer = peer.MapToIPv4();
        return peer is not null && (server.KnownProxies.Contains(peer) || server.KnownNetworks.Any(network => network.Contains(peer)));
    }

    private sealed class Known
    {
        public static readonly Known It = new();
    }
}
