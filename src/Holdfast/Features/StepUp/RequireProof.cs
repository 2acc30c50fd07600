using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Web;

namespace Holdfast.Features.StepUp;

/// <summary>The rule of sensitive actions: a proof of the person's own, no older than <c>Sessions:ProofLifetime</c> (ASVS 7.5.1, 7.5.2).</summary>
public static class RequireProof
{
    /// <returns>Null when the last proof serves; else <c>step_up.required</c> (403).</returns>
    public static Refusal? Of(SignedIn me, DateTimeOffset now, SessionSettings settings) =>
        me.Session.ProofIsFresh(now, settings) ? null : new Refusal("step_up.required", 403, Args: (int)settings.ProofLifetime.TotalMinutes);
}
