using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>What operators send by hand: a test, one event once more, everything that was given up. The ids stay, so that the other side drops what it has dealt with. None of it tells anybody anything new, so no proof is asked for.</summary>
public sealed class SendAgain(Db db, HoldfastSettings settings, TimeProvider clock)
{
    private const int Step = 500;

    /// <summary>An event <c>webhook.tested</c> for this endpoint, whatever it wants to hear of. Refuses also with <c>webhook.paused</c> (409).</summary>
    /// <returns>Id of the event.</returns>
    public Task<Outcome<string>> Test(string id, OperatorActor actor) => Do<string>(id, actor, async (tx, known, now) =>
    {
        if (known.PausedAt is not null) return WebhookRefusals.Paused;
        var entry = await actor.Tell(tx, AuditKind.WebhookTested, known, now);
        await DeliveryTable.Add(tx, id, entry, actor.Me?.Account.Id ?? "", AuditKind.WebhookTested, now);
        await WebhookTable.Hurry(tx, id);
        return entry;
    });

    /// <summary>One event once more, at once, however it stands. Refuses also with <c>webhook.delivery_unknown</c> (404).</summary>
    public Task<Outcome<Done>> One(string id, string eventId, OperatorActor actor) => Do<Done>(id, actor, async (tx, known, now) =>
    {
        if (!await DeliveryTable.Again(tx, id, eventId, now)) return new Refusal("webhook.delivery_unknown", 404);
        await WebhookTable.Hurry(tx, id);
        await actor.Tell(tx, AuditKind.WebhookRedelivered, known, now, ("count", "1"));
        return Done.It;
    });

    /// <summary>Everything that was given up.</summary>
    /// <returns>How many events.</returns>
    public async Task<Outcome<long>> Failed(string id, OperatorActor actor)
    {
        var begun = await Do<long>(id, actor, async (tx, known, now) =>
        {
            var count = await DeliveryTable.CountFailed(tx, id);
            if (count == 0) return 0L;
            await WebhookTable.Hurry(tx, id);
            await actor.Tell(tx, AuditKind.WebhookRedelivered, known, now, ("count", count.ToString(CultureInfo.InvariantCulture)));
            return count;
        });
        // In short transactions: nobody waits behind a long one.
        if (begun.Ok) for (var left = begun.Value; left > 0; left -= Step) await db.Write(tx => DeliveryTable.FailedAgain(tx, id, clock.GetUtcNow(), Step));
        return begun;
    }

    private Task<Outcome<T>> Do<T>(string id, OperatorActor actor, Func<WriteTx, WebhookEndpoint, DateTimeOffset, Task<Outcome<T>>> act) => db.Write<Outcome<T>>(async tx =>
    {
        if (await actor.Again(tx, settings.Sessions) is { } refusal) return refusal;
        return await WebhookTable.ById(tx, id) is { } known ? await act(tx, known, clock.GetUtcNow()) : WebhookRefusals.Unknown;
    });
}
