using System.Net;

namespace Holdfast.Configuration;

/// <summary>Addresses of other systems that are told of security events.</summary>
/// <param name="Timeout">Of one call.</param>
/// <param name="TryFor">From when an event begins to wait: after a failed try later than that it is given up, and shown.</param>
/// <param name="Keep">How long the list of deliveries goes back.</param>
/// <param name="SecretOverlap">How long an old signing key signs beside a new one.</param>
/// <param name="Networks">Networks that are not public and may be called all the same.</param>
public sealed record WebhookSettings(TimeSpan Timeout, TimeSpan TryFor, TimeSpan Keep, TimeSpan SecretOverlap, IReadOnlyList<IPNetwork> Networks)
{
    internal static WebhookSettings Read(SettingsReader r) => new(
        r.Time("Webhooks:Timeout", "30s", "1s", "30s", "How long one call of an address that is told of security events may take"),
        TimeSpan.FromDays(r.Int("Webhooks:TryForDays", 3, 1, 14, "Days of growing waits in which an event is sent again; after that it is given up, and an operator may send it once more")),
        TimeSpan.FromDays(r.Int("Webhooks:KeepDays", 7, 1, 90, "Days after which events that were sent or given up leave the list of deliveries")),
        r.Time("Webhooks:SecretOverlap", "7d", "0s", "90d", "How long the old signing key of an address signs beside a new one"),
        [.. r.List("Webhooks:Networks", "networks such as 10.0.0.0/8, separated by commas", "Networks that are not public in which events may be sent all the same; this machine is one of them while PublicUrl is not this machine").Select(n => IPNetwork.TryParse(n, out var net) ? net : throw new SettingsException("Webhooks:Networks", $"\"{n}\" is not a network such as 10.0.0.0/8"))]);
}
