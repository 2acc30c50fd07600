using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.StepUp;

/// <summary>The rule of sensitive actions: a proof of the person's own, no older than <c>Sessions:ProofLifetime</c> (ASVS 7.5.1, 7.5.2).</summary>
public static class RequireProof
{
    /// <returns>Null when the last proof serves; else <c>step_up.required</c> or <c>step_up.second_factor_required</c> (403).</returns>
    public static Refusal? Of(SignedIn me, DateTimeOffset now, SessionSettings settings, ProofStrength strength = ProofStrength.Any)
    {
        var minutes = (int)settings.ProofLifetime.TotalMinutes;
        if (strength == ProofStrength.SecondFactor && me.Factors.IsOn) return me.Session.SecondProofIsFresh(now, settings) ? null : new Refusal(SecondFactorRequired, 403, Args: minutes);
        return me.Session.ProofIsFresh(now, settings) ? null : new Refusal("step_up.required", 403, Args: minutes);
    }

    /// <summary>
    /// Looks again in the transaction of what is done: a request may have been let in long before its form was whole, and meanwhile the session may have ended, or the first factor been set up, after which an older proof is too weak.
    /// </summary>
    /// <returns>Null when all is as it was; else <c>session.ended</c> (401) or <c>step_up.second_factor_required</c> (403).</returns>
    public static async Task<Refusal?> Again(WriteTx tx, SignedIn me, SessionSettings settings, ProofStrength strength = ProofStrength.SecondFactor)
    {
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        return strength == ProofStrength.SecondFactor && !me.Factors.IsOn && (await TwoFactorTable.Of(tx, me.Account.Id)).IsOn ? new Refusal(SecondFactorRequired, 403, Args: (int)settings.ProofLifetime.TotalMinutes) : null;
    }

    /// <summary>The refusal that asks for a proof from now on, whatever was proven before.</summary>
    public static Refusal Anew(SignedIn me, SessionSettings settings) => new(me.Factors.IsOn ? SecondFactorRequired : "step_up.required", 403, Args: (int)settings.ProofLifetime.TotalMinutes);

    /// <summary>True for the refusals that a proof mends.</summary>
    public static bool IsMissing(Refusal refusal) => refusal.Code is "step_up.required" or SecondFactorRequired;

    private const string SecondFactorRequired = "step_up.second_factor_required";
}
