using Holdfast.Features.Audit;
using Holdfast.Features.Unusual;

namespace Holdfast.Features.Reporting;

/// <param name="What">One of the names in <see cref="CountedEvents"/>.</param>
/// <param name="How">Methods (<see cref="Sessions.ProofMethod"/>s joined by spaces), or the <see cref="Severity"/> of something unusual; empty where there is neither.</param>
public sealed record Counted(string What, string How);

/// <summary>Which events of the log the reports of a workspace count, and as what. Rules only: no I/O. The names are permanent: they stand in the database.</summary>
public static class CountedEvents
{
    public const string SignedIn = "signed_in";

    /// <summary>Wrong password or passkey.</summary>
    public const string Failed = "failed";

    public const string SecondStepAsked = "second_asked";
    public const string SecondStepFailed = "second_failed";

    /// <summary>A sign-in from a browser that was new to the account.</summary>
    public const string NewDevice = "new_device";

    /// <summary>A sign-in from a country that was new to the account, which knew another one.</summary>
    public const string NewCountry = "new_country";

    public const string Unusual = "unusual";

    private static readonly Counted[] Nothing = [];

    /// <param name="facts">The entry's <see cref="AuditEvent.Data"/>.</param>
    public static IReadOnlyList<Counted> Of(string kind, IReadOnlyDictionary<string, string> facts)
    {
        var method = facts.GetValueOrDefault("method", "");
        return kind switch
        {
            AuditKind.SignedIn =>
            [
                new Counted(SignedIn, method),
                .. facts.GetValueOrDefault("device") == "new" ? [new Counted(NewDevice, "")] : Nothing,
                .. facts.GetValueOrDefault("country") == "new" ? [new Counted(NewCountry, "")] : Nothing,
            ],
            AuditKind.SignInFailed => [new Counted(Failed, method)],
            AuditKind.SecondStepAsked => [new Counted(SecondStepAsked, method)],
            AuditKind.SecondStepFailed => [new Counted(SecondStepFailed, method)],
            // That somebody secured their account is no suspicion.
            AuditKind.UnusualFound => facts.GetValueOrDefault("unusual") == UnusualKind.Secured ? Nothing : [new Counted(Unusual, facts.GetValueOrDefault("severity", Severity.Low))],
            _ => Nothing,
        };
    }

    /// <summary>What the list of new devices and places shows.</summary>
    public static bool IsArrival(Counted counted) => counted.What is NewDevice or NewCountry;

    /// <summary>Hours since 1970, UTC.</summary>
    public static long HourOf(DateTimeOffset at) => Math.DivRem(at.ToUnixTimeSeconds(), 3600).Quotient;
}
