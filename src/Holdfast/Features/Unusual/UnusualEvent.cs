using System.Text.Json;
using Holdfast.Features.Devices;
using Holdfast.Web;

namespace Holdfast.Features.Unusual;

/// <summary>Permanent names of what may look wrong.</summary>
public static class UnusualKind
{
    /// <summary>Many failures, and then a success.</summary>
    public const string Guessed = "guessed";

    /// <summary>A sign-in from a country that is new to the account.</summary>
    public const string NewCountry = "new_country";

    /// <summary>Two places too far apart for the time between.</summary>
    public const string TooFar = "too_far";

    public const string RecoveryCode = "recovery_code";

    public const string TwoFactorOff = "two_factor_off";

    /// <summary>An application showed a code or a token that had been used already.</summary>
    public const string ApplicationReuse = "application_reuse";

    /// <summary>A key for programs was used from a network that is new to it.</summary>
    public const string KeyNetwork = "key_network";

    /// <summary>Not a suspicion: the person went through "Secure my account", and admins look through what it may have touched.</summary>
    public const string Secured = "secured";

    public static readonly IReadOnlyList<string> All = [Guessed, NewCountry, TooFar, RecoveryCode, TwoFactorOff, ApplicationReuse, KeyNetwork, Secured];
}

/// <summary>How much it says: what happens to many people on many days is low, what hardly ever has a harmless reason is high.</summary>
public static class Severity
{
    public const string Low = "low";
    public const string Medium = "medium";
    public const string High = "high";
}

/// <summary>Permanent names of how it ended.</summary>
public static class UnusualEnd
{
    /// <summary>The person said that it was they.</summary>
    public const string WasMe = "was_me";

    /// <summary>The person went through "Secure my account", or pressed "This wasn't me" in a letter.</summary>
    public const string Secured = "secured";
}

/// <summary>Something unusual that was found with an account.</summary>
public sealed record UnusualEvent
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    /// <summary>One of <see cref="UnusualKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>One of <see cref="Unusual.Severity"/>.</summary>
    public required string Severity { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>In which it happened; empty where there is none.</summary>
    public required string SessionId { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    public required string Hints { get; init; }

    /// <summary>Names and numbers that the words need, as JSON.</summary>
    public required string Facts { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>One of <see cref="UnusualEnd"/>; null while it is open.</summary>
    public string? ClosedHow { get; init; }

    public bool IsOpen => ClosedAt is null;

    public Device Device => Device.Recognise(UserAgent, ClientHints.Read(Hints));

    public IReadOnlyDictionary<string, string> Said => JsonSerializer.Deserialize(Facts, WebJson.Default.DictionaryStringString)!;
}
