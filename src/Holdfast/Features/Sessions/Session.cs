using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Devices;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Features.Sessions;

/// <summary>Permanent names of why a session ended.</summary>
public static class EndReason
{
    public const string SignedOut = "signed_out";
    public const string EndedByYou = "ended_by_you";
    public const string PasswordChanged = "password_changed";
    public const string PasswordReset = "password_reset";
    public const string NotMe = "not_me";
    public const string TwoFactorReset = "two_factor_reset";
    public const string EndedByAdmin = "ended_by_admin";
    public const string AccountSuspended = "account_suspended";
    public const string AccountClosed = "account_closed";
    public const string Replaced = "replaced";
    public const string Idle = "idle";
    public const string Absolute = "absolute";
}

/// <summary>Permanent names of how somebody proved who they are.</summary>
public static class ProofMethod
{
    public const string Password = "password";
    public const string SetupLink = "setup_link";
    public const string Invitation = "invitation";
    public const string Totp = "totp";
    public const string RecoveryCode = "recovery_code";

    /// <summary>The authenticator has verified the person: it stands for both factors, or for the second.</summary>
    public const string Passkey = "passkey";
    public const string RememberedBrowser = "remembered_browser";

    /// <summary>The proof by a second factor among these; null when there is none. A remembered browser proves nothing anew.</summary>
    /// <param name="methods">Names joined by spaces.</param>
    public static string? SecondOf(string methods) => methods.Split(' ').LastOrDefault(method => method is Totp or RecoveryCode or Passkey);
}

/// <summary>What a proof has to be good for.</summary>
public enum ProofStrength
{
    /// <summary>Anything of the person's own, the password as well.</summary>
    Any,

    /// <summary>A second factor, where one is set up: else a stolen cookie and a password would be enough to change the factors.</summary>
    SecondFactor,
}

/// <summary>One browser or program that is, or was, signed in. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record Session
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public TokenHash TokenHash { get; init; }

    /// <summary>"Keep me signed in" was ticked: longer lifetimes and a cookie that outlives the browser.</summary>
    public bool Kept { get; init; }

    /// <summary>How the sign-in was proven: <see cref="ProofMethod"/>s joined by spaces.</summary>
    public required string SignedInWith { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset LastActiveAt { get; init; }

    /// <summary>The last time this person proved themselves here: sign-in or step-up.</summary>
    public DateTimeOffset ProvenAt { get; init; }

    public required string ProvenWith { get; init; }

    /// <summary>The last proof by a second factor; a password proven later leaves it alone.</summary>
    public DateTimeOffset? SecondProvenAt { get; init; }

    public string? SecondProvenWith { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    /// <summary>What the browser told of itself besides, as <see cref="ClientHints"/> keeps it.</summary>
    public string Hints { get; init; } = "";

    public Device Device => Device.Recognise(UserAgent, ClientHints.Read(Hints));

    public DateTimeOffset? EndedAt { get; init; }

    public string? EndReason { get; init; }

    /// <summary>Id of the session from which it was ended.</summary>
    public string? EndedBy { get; init; }

    public TimeSpan IdleLifetime(SessionSettings settings) => Kept ? settings.KeptIdle : settings.Idle;

    /// <summary>The last moment of this session, however much it is used (ASVS 7.3.2).</summary>
    public DateTimeOffset LatestEnd(SessionSettings settings) => CreatedAt + (Kept ? settings.KeptAbsolute : settings.Absolute);

    /// <summary>Why it no longer counts; null while it does (ASVS 7.3.1, 7.3.2, 7.4.1).</summary>
    public string? WhyOver(DateTimeOffset now, SessionSettings settings)
    {
        if (EndedAt is not null) return EndReason;
        if (now >= LatestEnd(settings)) return Sessions.EndReason.Absolute;
        return now >= LastActiveAt + IdleLifetime(settings) ? Sessions.EndReason.Idle : null;
    }

    /// <summary>True when the last proof still serves for sensitive actions (ASVS 7.5.1). One from the future is as old as it is far: a clock that was set back must not make it last.</summary>
    public bool ProofIsFresh(DateTimeOffset now, SessionSettings settings) => (now - ProvenAt).Duration() < settings.ProofLifetime;

    /// <summary>The same for a proof by a second factor.</summary>
    public bool SecondProofIsFresh(DateTimeOffset now, SessionSettings settings) => SecondProvenAt is { } at && (now - at).Duration() < settings.ProofLifetime;

    /// <summary>How long the browser should keep the cookie; null for as long as it runs.</summary>
    public TimeSpan? CookieLifetime(DateTimeOffset now, SessionSettings settings) => Kept ? LatestEnd(settings) - now : null;
}

/// <summary>A live session with the person it belongs to: what every signed-in request knows.</summary>
/// <param name="latestEnd">The last moment of the session, by the settings in force.</param>
/// <param name="rule">Whether a rule asks for two-factor.</param>
public sealed class SignedIn(Session session, Account account, IReadOnlyList<Membership> memberships, Factors factors, TwoFactorRule rule, DateTimeOffset latestEnd)
{
    private long _lastActive = session.LastActiveAt.ToUnixTimeMilliseconds();
    private byte[]? _answer;
    private KeyValuePair<string, StringValues>[]? _identity;

    public Session Session { get; } = session;

    public Account Account { get; } = account;

    public DateTimeOffset LatestEnd { get; } = latestEnd;

    public IReadOnlyList<Membership> Memberships { get; } = memberships;

    /// <summary>As they were when the session was read; every change of factors makes it be read again.</summary>
    public Factors Factors { get; } = factors;

    public TwoFactorRule TwoFactorRule { get; } = rule;

    /// <summary>Moves on in memory with every request; written to the database in batches.</summary>
    public DateTimeOffset LastActiveAt => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref _lastActive));

    /// <summary>As far as this copy knows: another node may know of a later use.</summary>
    public bool IsLive(DateTimeOffset now, SessionSettings settings) => now < LatestEnd && now < LastActiveAt + Session.IdleLifetime(settings);

    /// <returns>False when it was this recent already.</returns>
    internal bool Touch(DateTimeOffset now)
    {
        var next = now.ToUnixTimeMilliseconds();
        var last = Interlocked.Read(ref _lastActive);
        if (next - last < 1000) return false;
        return Interlocked.CompareExchange(ref _lastActive, next, last) == last;
    }

    /// <summary>The body of <c>GET /api/v1/session</c>, made once: it changes only with the session or the account, and then this object is replaced.</summary>
    internal ReadOnlyMemory<byte> Answer(Func<SignedIn, byte[]> make) => _answer ??= make(this);

    /// <summary>The headers of <c>/forward-auth</c>, made once for the same reason.</summary>
    internal KeyValuePair<string, StringValues>[] Identity(Func<SignedIn, KeyValuePair<string, StringValues>[]> make) => _identity ??= make(this);
}
