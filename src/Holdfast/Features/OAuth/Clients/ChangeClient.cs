using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Operator;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>What operators do with an application that is registered. Those of the settings are changed there.</summary>
public sealed class ChangeClient(Db db, OAuthClients clients, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="ClientForm.WhyNot"/> and as all others here. Whether it has a secret stays as it was.</summary>
    public Task<Outcome<OAuthClient>> Run(string id, ClientForm form, OperatorActor actor) => Do<OAuthClient>(id, actor, AuditKind.ClientChanged, async (tx, known, now) =>
    {
        var sure = form with { Confidential = known.Confidential };
        if (sure.WhyNot([.. settings.OAuth.AllScopes]) is { } wrong) return wrong;
        var changed = sure.Make(id, known.MadeAt);
        await ClientTable.Update(tx, changed);
        // What it got before as ours nobody was asked for.
        if (known.FirstParty && !changed.FirstParty) await GrantTable.RevokeAllOf(tx, id, now);
        if (known.MayMoreThan(changed)) await TokenTable.EndOfClient(tx, id, now);
        return changed;
    });

    /// <summary>A new secret; the old one serves on for <c>OAuth:SecretOverlap</c>, so that nothing stops meanwhile. Refuses also with <c>client.no_secret</c> (409).</summary>
    public Task<Outcome<RegisteredClient>> NewSecret(string id, OperatorActor actor) => Do<RegisteredClient>(id, actor, AuditKind.ClientSecretMade, async (tx, known, now) =>
    {
        if (!known.Confidential) return ClientRefusals.NoSecret;
        await ClientTable.Retire(tx, id, now + settings.OAuth.SecretOverlap);
        var (text, row) = ClientSecret.New(keys, id, now);
        await ClientTable.AddSecret(tx, id, row);
        return new RegisteredClient(known, text);
    });

    /// <summary>Turns it off: no sign-in, and what it holds is over at once. Refuses also with <c>client.disabled_already</c> (409).</summary>
    public Task<Outcome<OAuthClient>> Disable(string id, OperatorActor actor) => Do<OAuthClient>(id, actor, AuditKind.ClientDisabled, async (tx, known, now) =>
    {
        if (!await ClientTable.Disable(tx, id, now)) return new Refusal("client.disabled_already", 409);
        await TokenTable.EndOfClient(tx, id, now);
        return known;
    });

    /// <summary>Turns it on again; people sign in anew. Refuses also with <c>client.not_disabled</c> (409).</summary>
    public Task<Outcome<OAuthClient>> Enable(string id, OperatorActor actor) => Do<OAuthClient>(id, actor, AuditKind.ClientEnabled, async (tx, known, now) =>
    {
        if (!await ClientTable.Enable(tx, id)) return new Refusal("client.not_disabled", 409);
        // A code that was on its way when it was turned off may have made tokens since.
        await TokenTable.EndOfClient(tx, id, now);
        return known;
    });

    /// <summary>Deletes it with its secrets, and ends all that people allowed it.</summary>
    public Task<Outcome<OAuthClient>> Delete(string id, OperatorActor actor) => Do<OAuthClient>(id, actor, AuditKind.ClientDeleted, async (tx, known, now) =>
    {
        // In the order in which tokens are made: grant, family.
        await GrantTable.RevokeAllOf(tx, id, now);
        await TokenTable.EndOfClient(tx, id, now);
        await ClientTable.Delete(tx, id);
        return known;
    });

    /// <summary>What all of it begins and ends with. Refuses with <c>client.unknown</c> (404), <c>client.from_settings</c> (409), and for an operator <c>step_up.…</c> (403), <c>session.ended</c> (401).</summary>
    private async Task<Outcome<T>> Do<T>(string id, OperatorActor actor, string kind, Func<WriteTx, OAuthClient, DateTimeOffset, Task<Outcome<T>>> act)
    {
        if (clients.OfSettings(id) is not null) return ClientRefusals.FromSettings;
        if (actor.ProofMissing(clock.GetUtcNow(), settings.Sessions) is { } proof) return proof;
        return await db.Write<Outcome<T>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await actor.Again(tx, settings.Sessions) is { } refusal) return refusal;
            if (await ClientTable.ById(tx, id) is not { } known) return ClientRefusals.Unknown;
            var done = await act(tx, known, now);
            if (done.Ok) await actor.Tell(tx, kind, known, now);
            return done;
        });
    }
}
