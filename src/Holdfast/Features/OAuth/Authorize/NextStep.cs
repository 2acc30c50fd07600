using Holdfast.Features.Sessions;

namespace Holdfast.Features.OAuth;

/// <summary>What has to happen before an application gets its code.</summary>
public enum AuthorizeStep
{
    /// <summary>Nothing: it gets one.</summary>
    Code,
    SignIn,

    /// <summary>A role asks for two-factor, and there is none: the set-up comes first.</summary>
    Enrol,

    /// <summary>Any proof that is new enough.</summary>
    Prove,

    /// <summary>The proof by a second factor.</summary>
    ProveSecond,

    /// <summary>The application asks for a second factor, and the person has none.</summary>
    NeedFactor,
    Consent,
}

/// <summary>Decides what comes next for a request, from what is known of whoever asks. Rules only: no I/O, and the time comes from outside.</summary>
public static class DecideAuthorize
{
    /// <param name="me">Null when nobody is signed in.</param>
    /// <param name="grant">What they have allowed before; null for nothing.</param>
    /// <param name="provenSince">From the address: a proof from then on serves; null when none was asked for yet.</param>
    public static AuthorizeStep Next(AuthorizeRequest request, SignedIn? me, Grant? grant, DateTimeOffset? provenSince, DateTimeOffset now)
    {
        // Half signed in is not signed in: a pending sign-in never makes a session.
        if (me is null) return AuthorizeStep.SignIn;
        if (me.TwoFactorRule.MustEnrol(now)) return AuthorizeStep.Enrol;
        if (request.HintedAccount is { } hinted && hinted != me.Account.Id) return AuthorizeStep.SignIn;
        // Those who can, prove a second factor: what counts as new is the strongest that they have, or a token would say "two" beside the time of one.
        if (!IsFresh(request, me.Factors.IsOn ? me.Session.SecondProvenAt ?? DateTimeOffset.UnixEpoch : me.Session.ProvenAt, provenSince, now)) return me.Factors.IsOn ? AuthorizeStep.ProveSecond : AuthorizeStep.Prove;
        if (request.WantsTwo && (me.Session.SecondProvenAt is not { } second || !IsFresh(request, second, provenSince, now)))
        {
            if (me.Factors.IsOn) return AuthorizeStep.ProveSecond;
            if (!request.TakesOne) return AuthorizeStep.NeedFactor;
        }
        return NeedsConsent(request, me, grant) ? AuthorizeStep.Consent : AuthorizeStep.Code;
    }

    /// <summary>The same for prompt=none: what an application is told when somebody would have to be asked (OpenID Connect Core §3.1.2.6). A person who must set up two-factor first is nobody yet.</summary>
    public static OAuthError? Silently(AuthorizeStep step) => step switch
    {
        AuthorizeStep.Code => null,
        AuthorizeStep.Consent => new OAuthError("consent_required", "the person has not allowed this yet"),
        AuthorizeStep.ProveSecond or AuthorizeStep.NeedFactor => new OAuthError("interaction_required", "the person has to be asked"),
        _ => new OAuthError("login_required", "the person has to sign in"),
    };

    /// <summary>
    /// Our own need none; others do when they ask for more than before, or say so. Where the return address does not show who they are, others are asked each time, and our own as well when they have no secret: another
    /// program on the device may be listening there, under our own application's name (RFC 8252 §8.6, ASVS 10.7.1).
    /// </summary>
    private static bool NeedsConsent(AuthorizeRequest request, SignedIn me, Grant? grant)
    {
        if (!RedirectAddress.AssuresIdentity(request.Redirect) && !(request.Client.FirstParty && request.Client.Confidential)) return true;
        return !request.Client.FirstParty && (grant is null || !grant.Reaches(me, request.Client.FirstParty) || !grant.Covers(request.Scopes, request.Resource) || request.Prompt.Contains("consent", StringComparer.Ordinal));
    }

    private static bool IsFresh(AuthorizeRequest request, DateTimeOffset proven, DateTimeOffset? since, DateTimeOffset now)
    {
        if (since is { } mark) return proven >= mark;
        if (request.Prompt.Contains("login", StringComparer.Ordinal)) return false;
        // One from the future is as old as it is far: a clock that was set back must not make it last. Zero asks for a new one, however short a time ago the last was (OpenID Connect Core §3.1.2.1).
        return request.MaxAge is not { } age || (age > TimeSpan.Zero && (now - proven).Duration() <= age);
    }
}
