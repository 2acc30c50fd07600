using System.Net;
using System.Net.Sockets;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;

namespace Holdfast.Features.Webhooks;

/// <summary>Calls endpoints as <see cref="ConnectorHttp"/> calls connectors, and besides only where <see cref="OpenNetworks"/> allows. The name is looked up here and the connection goes to just the address that was looked at: one that says something else a moment later (DNS rebinding) changes nothing.</summary>
public sealed class WebhookHttp(HoldfastSettings settings, TimeProvider clock) : ConnectorHttp(settings.Webhooks.Timeout, clock, Connect(OpenNetworks.Of(settings)))
{
    private static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Connect(OpenNetworks open) => async (context, stop) =>
    {
        var host = context.DnsEndPoint.Host;
        IPAddress[] all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, stop);
        IPAddress[] allowed = [.. all.Where(open.MayCall)];
        if (allowed.Length == 0) throw new ClosedNetworkException(all.Length == 0 ? "the name leads nowhere" : $"the name leads to {all[0]}, in a network that is not public and that Webhooks:Networks does not name");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    };
}
