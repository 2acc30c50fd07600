using System.Text;
using Holdfast.Secrets;

namespace Holdfast.Features.SignIn;

/// <summary>Permanent names of what a pending sign-in waits for.</summary>
public static class NextStep
{
    public const string SecondFactor = "second_factor";
}

/// <summary>
/// A sign-in whose password was right and that is not done: it opens its next step and nothing else. Found by the hash of its cookie, bound to one account, one password and one browser, and
/// used once. Rules only: no I/O, and the time comes from outside.
/// </summary>
public sealed record PendingSignIn
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    public TokenHash TokenHash { get; init; }

    public required string AccountId { get; init; }

    /// <summary>One of the names of <see cref="Holdfast.Features.SignIn.NextStep"/>.</summary>
    public required string NextStep { get; init; }

    /// <summary>What is proven so far: <see cref="Sessions.ProofMethod"/>s joined by spaces.</summary>
    public required string ProvenWith { get; init; }

    /// <summary><see cref="MarkOf"/> the password that was right.</summary>
    public TokenHash PasswordMark { get; init; }

    /// <summary>"Keep me signed in" was ticked.</summary>
    public bool Kept { get; init; }

    /// <summary>A session that this browser still has: it ends when the new one starts.</summary>
    public TokenHash? Replaces { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }

    public DateTimeOffset? KilledAt { get; init; }

    /// <summary>Stands for a password without being one: changes with every change of it.</summary>
    public static TokenHash MarkOf(string phc) => TokenHash.Of(Encoding.UTF8.GetBytes(phc));

    /// <param name="userAgent">Of whoever asks: a cookie that was carried to another browser is none of ours.</param>
    public bool IsOpen(string userAgent, DateTimeOffset now) => UsedAt is null && KilledAt is null && now < EndsAt && string.Equals(userAgent, UserAgent, StringComparison.Ordinal);

    /// <summary>The password is still the one that was right.</summary>
    public bool IsAbout(string? phc) => phc is not null && MarkOf(phc) == PasswordMark;
}
