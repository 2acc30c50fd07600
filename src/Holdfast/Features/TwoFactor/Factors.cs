using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Something of a person's own that proves who they are besides the password.</summary>
/// <param name="Method">How a proof with it is named: a <see cref="ProofMethod"/>.</param>
public sealed record Factor(string Method, string Id, string Name, DateTimeOffset AddedAt, DateTimeOffset? LastUsedAt)
{
    /// <summary>False for a passkey that may have been copied: it is taken no more, but two-factor stays on with it. Else whoever has the copy could turn it off.</summary>
    public bool IsTaken { get; init; } = true;
}

/// <summary>All that a person can prove themselves with besides the password, and where they stand with it. Rules only: no I/O, and the time comes from outside.</summary>
/// <param name="All">Confirmed ones, oldest first.</param>
/// <param name="CodesLeft">Recovery codes that are not used.</param>
public sealed record Factors(IReadOnlyList<Factor> All, int CodesLeft, Standing Standing)
{
    /// <summary>Enough for anybody, and few enough that the codes that would be right at one moment stay rare among a million.</summary>
    public const int MostApps = 5;

    public static readonly Factors None = new([], 0, new Standing());

    /// <summary>Two-factor is on: every sign-in asks for one of these.</summary>
    public bool IsOn => All.Count > 0;

    /// <summary>When the oldest of these was added; null while two-factor is off.</summary>
    public DateTimeOffset? OnSince => IsOn ? All.Min(f => f.AddedAt) : null;

    public IEnumerable<Factor> Apps => All.Where(f => f.Method == ProofMethod.Totp);

    public IEnumerable<Factor> Passkeys => All.Where(f => f.Method == ProofMethod.Passkey);

    /// <summary>How this person may prove the second factor, the usual way first. A new kind of factor gets a line here.</summary>
    public IReadOnlyList<string> Ways =>
    [
        .. new[] { ProofMethod.Totp, ProofMethod.Passkey }.Where(method => All.Any(f => f.IsTaken && f.Method == method)),
        .. IsOn && CodesLeft > 0 ? [ProofMethod.RecoveryCode] : Array.Empty<string>(),
    ];

    public bool CodesRunLow => IsOn && CodesLeft <= RecoveryCode.Few;

    /// <summary>Codes were made, but the person has not said that they are saved.</summary>
    public bool CodesUnsaved => IsOn && Standing.CodesSavedAt is null;

    /// <summary>A recovery code was used, so a device is probably lost: until a new one is set up, or the old one turns up again.</summary>
    public bool WantsNewDevice => IsOn && Standing.NewDeviceSince is not null;

    /// <summary>Nobody has said "later" yet: the page about it comes first.</summary>
    public bool AsksForNewDevice => WantsNewDevice && Standing.NewDevicePutOffAt is null;

    /// <summary>Null when another app may be added.</summary>
    public Refusal? WhyNoMoreApps() => Apps.Count() >= MostApps ? new Refusal("two_factor.too_many_apps", 409, Args: MostApps) : null;

    /// <summary>Null when this one may go. The last one is removed by turning two-factor off, which asks for more.</summary>
    public Refusal? WhyNotRemove(string id) => !All.Any(f => f.Id == id) ? TwoFactorRefusals.NoSuchApp : IsLast(id) ? new Refusal("two_factor.last_factor", 409) : null;

    /// <summary>Without this one there would be none that is taken.</summary>
    public bool IsLast(string id) => !All.Any(f => f.IsTaken && f.Id != id);
}

/// <summary>What is written down about a person and two-factor besides the factors themselves.</summary>
public sealed record Standing
{
    /// <summary>When a rule first met this person.</summary>
    public DateTimeOffset? RequiredSince { get; init; }

    /// <summary>A later end of the grace period than the settings give.</summary>
    public DateTimeOffset? GraceUntil { get; init; }

    public DateTimeOffset? CodesSavedAt { get; init; }

    public DateTimeOffset? NewDeviceSince { get; init; }

    public DateTimeOffset? NewDevicePutOffAt { get; init; }

    /// <summary>State of the case that asks for the reset of all this; null without one. Every page says so: whoever can still sign in with two-factor may not know of it.</summary>
    public string? OpenReset { get; init; }
}

/// <summary>Whether a rule asks this person for two-factor, and from when on nothing else is open to them. Rules only.</summary>
/// <param name="Asking">Workspaces that ask: the person's role there, or everybody's.</param>
/// <param name="OfOperators">Asked as an operator.</param>
/// <param name="EnrolBy">When it is asked for and not on: the end of the grace period. Null otherwise.</param>
public sealed record TwoFactorRule(IReadOnlyList<Membership> Asking, bool OfOperators, DateTimeOffset? EnrolBy)
{
    public bool Exists => Asking.Count > 0 || OfOperators;

    /// <summary>The session opens the set-up of two-factor, and nothing else.</summary>
    public bool MustEnrol(DateTimeOffset now) => EnrolBy is { } end && now >= end;

    /// <summary>Days left, the running one included; null when there is nothing to do.</summary>
    public int? DaysLeft(DateTimeOffset now) => EnrolBy is { } end ? Math.Max(0, (int)Math.Ceiling((end - now).TotalDays)) : null;

    /// <param name="now">Counts as the first meeting where none is written down yet.</param>
    public static TwoFactorRule Of(Factors factors, IReadOnlyList<Membership> memberships, bool isOperator, TwoFactorSettings settings, DateTimeOffset now)
    {
        var byRole = memberships.Where(m => m.Rights.IsMeantBy(settings.RequiredForRoles)).ToList();
        var asking = memberships.Where(m => m.EveryoneSince is not null || byRole.Contains(m)).ToList();
        var ofOperators = isOperator && settings.RequiredForRoles.Contains("operator", StringComparer.Ordinal);
        if (factors.IsOn || (asking.Count == 0 && !ofOperators)) return new TwoFactorRule(asking, ofOperators, null);
        // The settings' rule counts from when it first met the person, a workspace's own from when it was turned on; the first to be over holds.
        var ends = memberships.Select(m => m.EveryoneFrom).OfType<DateTimeOffset>();
        if (byRole.Count > 0 || ofOperators) ends = ends.Append((factors.Standing.RequiredSince ?? now) + settings.Grace);
        var end = ends.Min();
        return new TwoFactorRule(asking, ofOperators, factors.Standing.GraceUntil is { } later && later > end ? later : end);
    }
}
