using Holdfast.Configuration;
using Holdfast.Features.Webhooks;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Whether systems that are told of events take them, how long the oldest waits, and whether the signing keys can still be opened.</summary>
internal static class CheckWebhooks
{
    /// <summary>A system that is back within this time is no trouble.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromHours(1);

    private static Text T => CommandLine.T;

    internal static async Task<IReadOnlyList<Finding>> Run(HoldfastSettings settings, Db db, DateTimeOffset now, CancellationToken stop)
    {
        var (all, backlogs, secrets) = await db.Read(async tx => (await WebhookTable.All(tx), await DeliveryTable.Backlogs(tx), await WebhookTable.SecretsByKey(tx)), stop);
        if (all.Count == 0) return [];
        var found = new List<Finding>();
        var ring = CheckTwoFactor.Ring(settings.Server.KeysPath);
        var lost = secrets.Where(s => ring?.Fingerprints.Contains(s.KeyId, StringComparer.Ordinal) != true).Sum(s => s.Secrets);
        if (lost > 0) found.Add(new(Tone.Bad, "webhooks", T.Count("cli.doctor.webhooks.lost", lost)));
        foreach (var (endpoint, backlog) in all.Join(backlogs, e => e.Id, b => b.EndpointId, (e, b) => (e, b)))
        {
            if (endpoint.Standing == EndpointStanding.Failing) found.Add(new(Tone.Odd, "webhooks", T["cli.doctor.webhooks.failing", endpoint.Name, Moments.Machine(endpoint.FailingSince ?? now), WebhookWords.Answer(endpoint.LastStatus, endpoint.LastProblem)]));
            if (backlog.Oldest is { } oldest && now - oldest > LongWait) found.Add(new(Tone.Odd, "webhooks", T["cli.doctor.webhooks.waits", endpoint.Name, Durations.Say(now - oldest, T)]));
            if (backlog.Failed > 0) found.Add(new(Tone.Odd, "webhooks", T.Count("cli.doctor.webhooks.failed", backlog.Failed, endpoint.Name)));
        }
        return found.Count > 0 ? found : [new(Tone.Good, "webhooks", T.Count("cli.doctor.webhooks.good", all.Count))];
    }
}
