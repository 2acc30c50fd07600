using System.Globalization;

namespace Holdfast.Features.Webhooks;

/// <summary>Endpoints and deliveries as pages, letters and the command line show them.</summary>
public static class WebhookWords
{
    /// <summary>The host, which people recognise it by; the rest may hold a secret of the other side.</summary>
    public static string Host(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.Authority : address;

    /// <summary>"204", "500, no 2xx", "no answer in 30 seconds". Empty when there was none yet.</summary>
    public static string Answer(int? status, string? problem) => string.Join(", ", new[] { status?.ToString(CultureInfo.InvariantCulture), problem }.OfType<string>());

    public static string Tone(WebhookEndpoint endpoint) => endpoint.Standing switch { EndpointStanding.Failing => "danger", EndpointStanding.Paused => "warn", _ => "ok" };

    public static string Tone(Delivery delivery) => delivery.State switch { "failed" => "danger", "waiting" => delivery.Tries > 0 ? "warn" : "", _ => "ok" };
}
