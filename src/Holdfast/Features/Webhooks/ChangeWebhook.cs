using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>What operators do with an endpoint that is registered.</summary>
public sealed class ChangeWebhook(Db db, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="EndpointForm.WhyNot"/> and as all others here. What waits goes to the new address.</summary>
    public async Task<Outcome<WebhookEndpoint>> Run(string id, EndpointForm form, OperatorActor actor)
    {
        if (form.WhyNot(OpenNetworks.Of(settings)) is { } wrong) return wrong;
        return await Do<WebhookEndpoint>(id, actor, async (tx, known, now) =>
        {
            var changed = known with { Name = form.Name, Address = form.Address, AllKinds = form.All };
            await WebhookTable.Update(tx, changed);
            await WebhookTable.SetKinds(tx, id, form.All ? [] : form.Types);
            if (known.Address != changed.Address) await WebhookTable.Hurry(tx, id);
            await actor.Tell(tx, AuditKind.WebhookChanged, changed, now);
            return changed;
        });
    }

    /// <summary>A new signing key; the old one signs beside it for <c>Webhooks:SecretOverlap</c>, so that the other side can change without a gap. One that was older still is forgotten.</summary>
    public Task<Outcome<RegisteredWebhook>> NewSecret(string id, OperatorActor actor) => Do<RegisteredWebhook>(id, actor, async (tx, known, now) =>
    {
        await WebhookTable.Retire(tx, id, now + settings.Webhooks.SecretOverlap);
        var secret = await SigningSecret.Make(tx, keys, id, now);
        await actor.Tell(tx, AuditKind.WebhookSecretMade, known, now);
        return new RegisteredWebhook(known, secret);
    });

    /// <summary>Nothing is sent any more; events go on being written down, and wait as long as for one that is down. Refuses also with <c>webhook.paused_already</c> (409).</summary>
    public Task<Outcome<WebhookEndpoint>> Pause(string id, OperatorActor actor) => Do<WebhookEndpoint>(id, actor, async (tx, known, now) =>
    {
        if (!await WebhookTable.Pause(tx, id, now)) return new Refusal("webhook.paused_already", 409);
        await actor.Tell(tx, AuditKind.WebhookPaused, known, now);
        return known;
    });

    /// <summary>What waits is sent. Refuses also with <c>webhook.not_paused</c> (409).</summary>
    public Task<Outcome<WebhookEndpoint>> Resume(string id, OperatorActor actor) => Do<WebhookEndpoint>(id, actor, async (tx, known, now) =>
    {
        if (!await WebhookTable.Resume(tx, id)) return new Refusal("webhook.not_paused", 409);
        await DeliveryTable.Release(tx, id, now);
        await actor.Tell(tx, AuditKind.WebhookResumed, known, now);
        return known;
    });

    /// <summary>Nothing is written down for it any more and nothing sent, also of what waits; a call that is under way at this moment may still arrive. Its keys and its address go at once, the list of deliveries in small steps.</summary>
    public Task<Outcome<WebhookEndpoint>> Remove(string id, OperatorActor actor) => Do<WebhookEndpoint>(id, actor, async (tx, known, now) =>
    {
        await WebhookTable.Remove(tx, id, now);
        // The others hear of it.
        await actor.Tell(tx, AuditKind.WebhookRemoved, known, now);
        return known;
    });

    /// <summary>What all of it begins with. Refuses with <c>webhook.unknown</c> (404), and for an operator <c>step_up.…</c> (403), <c>session.ended</c> (401).</summary>
    private async Task<Outcome<T>> Do<T>(string id, OperatorActor actor, Func<WriteTx, WebhookEndpoint, DateTimeOffset, Task<Outcome<T>>> act)
    {
        if (actor.ProofMissing(clock.GetUtcNow(), settings.Sessions) is { } proof) return proof;
        return await db.Write<Outcome<T>>(async tx =>
        {
            if (await actor.Again(tx, settings.Sessions) is { } refusal) return refusal;
            // Held: of two who change one endpoint at once the second sees what the first has done.
            return await WebhookTable.Hold(tx, id) && await WebhookTable.ById(tx, id) is { } known ? await act(tx, known, clock.GetUtcNow()) : WebhookRefusals.Unknown;
        });
    }
}
