using Holdfast.Features.Sessions;
using Holdfast.Features.Unusual;

namespace Holdfast.Features.Reporting;

/// <summary>How often what happened. Rules only.</summary>
/// <param name="WithSecondStep">Sign-ins with a second factor, or with a passkey, which stands for both.</param>
/// <param name="WithoutSecondStep">Sign-ins with one factor alone; also in a browser that was remembered.</param>
/// <param name="Failed">Wrong passwords and passkeys, and wrong second steps.</param>
/// <param name="SecondStepFailed">Of these, second steps.</param>
/// <param name="SecondStepAsked">A right password, and then the second step asked for: not all of them arrive.</param>
/// <param name="NewDevices">Sign-ins from a browser that was new to the account.</param>
/// <param name="NewCountries">Sign-ins from a country that was new to the account.</param>
/// <param name="UnusualHigh">Unusual activity that hardly ever has a harmless reason.</param>
public sealed record ReportFigures(long WithSecondStep = 0, long WithoutSecondStep = 0, long Failed = 0, long SecondStepFailed = 0, long SecondStepAsked = 0, long NewDevices = 0, long NewCountries = 0, long UnusualHigh = 0, long UnusualMedium = 0, long UnusualLow = 0)
{
    /// <summary>Methods by which sign-ins can be looked at: what they were done with, alone or among others.</summary>
    public static readonly IReadOnlyList<string> Methods = [ProofMethod.Password, ProofMethod.Passkey, ProofMethod.Totp, ProofMethod.RecoveryCode];

    public static readonly ReportFigures None = new();

    public long SignIns => WithSecondStep + WithoutSecondStep;

    public long UnusualAll => UnusualHigh + UnusualMedium + UnusualLow;

    public ReportFigures Plus(string what, string how, long n) => what switch
    {
        CountedEvents.SignedIn when ProofMethod.SecondOf(how) is not null => this with { WithSecondStep = WithSecondStep + n },
        CountedEvents.SignedIn => this with { WithoutSecondStep = WithoutSecondStep + n },
        CountedEvents.Failed => this with { Failed = Failed + n },
        CountedEvents.SecondStepFailed => this with { Failed = Failed + n, SecondStepFailed = SecondStepFailed + n },
        CountedEvents.SecondStepAsked => this with { SecondStepAsked = SecondStepAsked + n },
        CountedEvents.NewDevice => this with { NewDevices = NewDevices + n },
        CountedEvents.NewCountry => this with { NewCountries = NewCountries + n },
        CountedEvents.Unusual when how == Severity.High => this with { UnusualHigh = UnusualHigh + n },
        CountedEvents.Unusual when how == Severity.Medium => this with { UnusualMedium = UnusualMedium + n },
        CountedEvents.Unusual => this with { UnusualLow = UnusualLow + n },
        // A newer server on the same database may count more than this one knows.
        _ => this,
    };

    public ReportFigures Plus(ReportFigures other) => new(
        WithSecondStep + other.WithSecondStep, WithoutSecondStep + other.WithoutSecondStep, Failed + other.Failed, SecondStepFailed + other.SecondStepFailed, SecondStepAsked + other.SecondStepAsked,
        NewDevices + other.NewDevices, NewCountries + other.NewCountries, UnusualHigh + other.UnusualHigh, UnusualMedium + other.UnusualMedium, UnusualLow + other.UnusualLow);

    /// <summary>True for what has to do with a method, and was not done with this one.</summary>
    /// <param name="method">Null for any.</param>
    public static bool IsByAnother(string what, string how, string? method) =>
        method is not null && what is CountedEvents.SignedIn or CountedEvents.Failed or CountedEvents.SecondStepAsked or CountedEvents.SecondStepFailed && !how.Split(' ').Contains(method, StringComparer.Ordinal);
}

public sealed record ReportDay(DateOnly Day, ReportFigures Figures);

/// <summary>A role, and how many of its people have two-factor.</summary>
public sealed record CoveredRole(Workspaces.Role Role, long People, long WithTwoFactor)
{
    public long Without => People - WithTwoFactor;
}

/// <summary>The figures of a workspace.</summary>
/// <param name="Method">One of <see cref="ReportFigures.Methods"/>; null for any.</param>
/// <param name="Each">Every day that was asked for, in order.</param>
/// <param name="Before">Of as many days before.</param>
/// <param name="Coverage">The built-in roles in their order, then those of the workspace; without those that nobody has.</param>
public sealed record Report(ReportDays Days, string? Method, IReadOnlyList<ReportDay> Each, ReportFigures Total, ReportFigures Before, IReadOnlyList<CoveredRole> Coverage)
{
    public long People => Coverage.Sum(role => role.People);

    public long WithTwoFactor => Coverage.Sum(role => role.WithTwoFactor);
}
