using System.Globalization;
using System.Security.Claims;

namespace Holdfast.Client;

/// <summary>What somebody has to have proven. Rules only.</summary>
/// <param name="SecondFactor">A second factor, in the session at Holdfast.</param>
/// <param name="MaxAge">How long ago the last proof may be; null for any time in the session.</param>
internal sealed record Demand(bool SecondFactor = false, TimeSpan? MaxAge = null)
{
    public const string TwoFactors = "urn:holdfast:acr:2fa";

    /// <summary>Claim: the session came of a sign-in that asked for a second factor no older than so many seconds, and Holdfast answered it.</summary>
    public const string SecondWithin = "holdfast_second_within";

    /// <summary>Claim: <c>auth_time</c> by our own clock, in seconds. Holdfast's may be off ours by more than the age that is asked for, and the person would be sent to and fro for ever.</summary>
    public const string ProvenAt = "holdfast_proven_at";

    /// <summary>For the <c>max_age</c> of a request.</summary>
    public string? Seconds => MaxAge is { } age ? ((long)age.TotalSeconds).ToString(CultureInfo.InvariantCulture) : null;

    public Demand And(Demand other) => new(SecondFactor || other.SecondFactor, MaxAge is { } mine && other.MaxAge is { } theirs ? (mine < theirs ? mine : theirs) : MaxAge ?? other.MaxAge);

    /// <summary>
    /// The time of proof is that of the last one of any kind. Where a second factor is to be fresh, it must have been asked for as fresh: then Holdfast has made sure of its age, and a password typed later does not stand for it.
    /// (Where it was some minutes old then, it may be twice <see cref="MaxAge"/> old at the end.)
    /// </summary>
    public bool IsMetBy(ClaimsPrincipal user, DateTimeOffset now)
    {
        if (SecondFactor && user.FindFirst("acr")?.Value != TwoFactors) return false;
        if (MaxAge is not { } age) return true;
        // One from the future, after our clock was set back, is as old as it is far.
        if (Number(user, ProvenAt) is not { } proven || (now - DateTimeOffset.FromUnixTimeSeconds(proven)).Duration() > age) return false;
        return !SecondFactor || (Number(user, SecondWithin) is { } within && within <= (long)age.TotalSeconds);
    }

    private static long? Number(ClaimsPrincipal user, string claim) => long.TryParse(user.FindFirst(claim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
