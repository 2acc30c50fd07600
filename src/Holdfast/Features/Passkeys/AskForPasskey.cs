using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>Makes challenges for passkeys that there are.</summary>
public sealed class AskForPasskey(Db db, PasskeyCeremony ceremony, RelyingParty here, SecondStep second, TimeProvider clock)
{
    /// <summary>For a sign-in: of whomever. Refuses with <c>passkey.impossible</c> (409).</summary>
    /// <param name="browser">Hash of the cookie that only this browser has.</param>
    public async Task<Outcome<PasskeyChallenge>> ForSignIn(TokenHash browser) =>
        here.IsPossible ? await ceremony.Ask(PasskeyPurpose.SignIn(browser), null, clock.GetUtcNow()) : PasskeyRefusals.Impossible;

    /// <summary>For the second step of this sign-in. Refuses with <c>sign_in.pending_over</c> (401) and <c>passkey.not_found</c> (404: there is none that would be taken).</summary>
    public async Task<Outcome<PasskeyChallenge>> ForSecondStep(TokenHash pending, Client client) =>
        await second.Look(pending, client) is { } open ? await Of(open.Account.Id, PasskeyPurpose.SecondStep(pending)) : PendingRefusals.Over;

    /// <summary>For a proof in this session. Refuses with <c>passkey.not_found</c> (404).</summary>
    public Task<Outcome<PasskeyChallenge>> ForStepUp(SignedIn me) => Of(me.Account.Id, PasskeyPurpose.StepUp(me.Session.Id));

    /// <summary>For turning two-factor off. Refuses with <c>passkey.not_found</c> (404).</summary>
    public Task<Outcome<PasskeyChallenge>> ForTurningOff(SignedIn me) => Of(me.Account.Id, PasskeyPurpose.TurnOff(me.Session.Id));

    private async Task<Outcome<PasskeyChallenge>> Of(string accountId, PasskeyPurpose purpose)
    {
        var holder = await db.Read(tx => ListPasskeys.Holder(tx, accountId));
        if (holder is null || !holder.Passkeys.Any(p => p.IsTaken)) return PasskeyRefusals.NotFound;
        return await ceremony.Ask(purpose, holder with { Passkeys = [.. holder.Passkeys.Where(p => p.IsTaken)] }, clock.GetUtcNow());
    }
}
