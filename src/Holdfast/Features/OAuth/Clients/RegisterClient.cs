using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <param name="Secret">The only copy in the clear; null for one that runs on people's devices.</param>
public sealed record RegisteredClient(OAuthClient Client, string? Secret);

/// <summary>Registers an application. Its id comes from its name; its secret is shown this once.</summary>
public sealed class RegisterClient(Db db, OAuthClients clients, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="ClientForm.WhyNot"/>, and for an operator with <c>step_up.…</c> (403), <c>session.ended</c> (401).</summary>
    public async Task<Outcome<RegisteredClient>> Run(ClientForm form, OperatorActor actor)
    {
        var now = clock.GetUtcNow();
        if (form.WhyNot([.. settings.OAuth.AllScopes]) is { } wrong) return wrong;
        if (actor.ProofMissing(now, settings.Sessions) is { } proof) return proof;
        return await db.Write<Outcome<RegisteredClient>>(async tx =>
        {
            if (await actor.Again(tx, settings.Sessions) is { } refusal) return refusal;
            var client = form.Make(ClientIds.From(form.Name), now);
            // A second of the same name gets a number.
            for (var number = 2; clients.OfSettings(client.Id) is not null || !await ClientTable.Insert(tx, client); number++) client = client with { Id = $"{ClientIds.From(form.Name)}-{number}" };
            string? text = null;
            if (client.Confidential)
            {
                (text, var row) = ClientSecret.New(keys, client.Id, now);
                await ClientTable.AddSecret(tx, client.Id, row);
            }
            await actor.Tell(tx, AuditKind.ClientMade, client, now);
            return new RegisteredClient(client, text);
        });
    }
}
