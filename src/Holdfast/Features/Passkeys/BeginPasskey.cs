using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>Asks the browser for a new passkey, for this session alone: what another session was asked for is none of its own.</summary>
public sealed class BeginPasskey(Db db, PasskeyCeremony ceremony, RelyingParty here, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>passkey.impossible</c>, <c>passkey.too_many</c> (409).</summary>
    public async Task<Outcome<PasskeyChallenge>> Run(SignedIn me)
    {
        if (WhyNot(me) is { } refusal) return refusal;
        var holder = await db.Read(tx => ListPasskeys.Holder(tx, me.Account.Id)) ?? await db.Write(async tx =>
        {
            await PasskeyTable.SetHandle(tx, me.Account.Id, SecretToken.New().Reveal());
            return (await ListPasskeys.Holder(tx, me.Account.Id))!;
        });
        return await ceremony.AskNew(PasskeyPurpose.Add(me.Session.Id), holder, me.Account.Email, me.Account.Name, clock.GetUtcNow());
    }

    /// <summary>Null when this session may add one now; refuses as <see cref="Run"/>.</summary>
    public Refusal? WhyNot(SignedIn me) =>
        !here.IsPossible ? PasskeyRefusals.Impossible
        : RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven ? unproven
        : me.Factors.Passkeys.Count() >= Passkey.Most ? PasskeyRefusals.TooMany
        : null;
}
