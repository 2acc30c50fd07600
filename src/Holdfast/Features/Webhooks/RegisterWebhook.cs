using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <param name="Secret">The only copy in the clear.</param>
public sealed record RegisteredWebhook(WebhookEndpoint Endpoint, string Secret);

/// <summary>Registers an address that is told of security events from now on. Its signing key is shown this once. The first event that it hears of is its own beginning, if it wants to.</summary>
public sealed class RegisterWebhook(Db db, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="EndpointForm.WhyNot"/>, with <c>webhook.too_many</c> (409), and for an operator with <c>step_up.…</c> (403), <c>session.ended</c> (401).</summary>
    public async Task<Outcome<RegisteredWebhook>> Run(EndpointForm form, OperatorActor actor)
    {
        var now = clock.GetUtcNow();
        if (form.WhyNot(OpenNetworks.Of(settings)) is { } wrong) return wrong;
        if (actor.ProofMissing(now, settings.Sessions) is { } proof) return proof;
        return await db.Write<Outcome<RegisteredWebhook>>(async tx =>
        {
            if (await actor.Again(tx, settings.Sessions) is { } refusal) return refusal;
            var endpoint = new WebhookEndpoint { Id = Ids.New(now), Name = form.Name, Address = form.Address, AllKinds = form.All, MadeAt = now };
            if (!await WebhookTable.Insert(tx, endpoint)) return WebhookRefusals.TooMany;
            if (!form.All) await WebhookTable.SetKinds(tx, endpoint.Id, form.Types);
            var secret = await SigningSecret.Make(tx, keys, endpoint.Id, now);
            await actor.Tell(tx, AuditKind.WebhookMade, endpoint, now);
            return new RegisteredWebhook(endpoint, secret);
        });
    }
}
