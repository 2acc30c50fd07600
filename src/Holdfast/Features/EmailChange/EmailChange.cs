using Holdfast.Features.Devices;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.EmailChange;

/// <summary>
/// A wish for another e-mail address. It waits for somebody who reads the new address and is signed in to the account; once it is done, whoever reads the old address may take it back.
/// Rules only: no I/O, and the time comes from outside.
/// </summary>
public sealed record EmailChange
{
    /// <summary>How long the new address may be confirmed.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>How long the old address may take the change back, and nobody else gets that address.</summary>
    public static readonly TimeSpan UndoLifetime = TimeSpan.FromDays(7);

    /// <summary>Letters to new addresses within <see cref="LetterWindow"/>: other people's mailboxes are not ours to fill.</summary>
    public const int MostLetters = 5;

    public static readonly TimeSpan LetterWindow = TimeSpan.FromHours(1);

    /// <summary>Between two letters about the same wish.</summary>
    public static readonly TimeSpan LetterPause = TimeSpan.FromMinutes(1);

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required string OldEmail { get; init; }

    public required string NewEmail { get; init; }

    public DateTimeOffset AskedAt { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    public string Hints { get; init; } = "";

    public Device Device => Device.Recognise(UserAgent, ClientHints.Read(Hints));

    public long Letters { get; init; }

    public DateTimeOffset SentAt { get; init; }

    public TokenHash? ConfirmHash { get; init; }

    public DateTimeOffset? ConfirmedAt { get; init; }

    public TokenHash? UndoHash { get; init; }

    public DateTimeOffset? UndoneAt { get; init; }

    public DateTimeOffset? DroppedAt { get; init; }

    public DateTimeOffset EndsAt => SentAt + Lifetime;

    /// <summary>The new address can still be confirmed.</summary>
    public bool Waits(DateTimeOffset now) => ConfirmedAt is null && DroppedAt is null && now < EndsAt;

    /// <summary>It happened, and the old address may take it back.</summary>
    public bool CanBeUndone(DateTimeOffset now) => ConfirmedAt is { } at && UndoneAt is null && DroppedAt is null && now < at + UndoLifetime;

    /// <summary>Null when another letter may go out.</summary>
    /// <param name="recent">This person's wishes of the last <see cref="LetterWindow"/>.</param>
    public static Refusal? WhyNoLetter(IReadOnlyList<EmailChange> recent, DateTimeOffset now)
    {
        if (recent.Count == 0) return null;
        var last = recent.Max(c => c.SentAt);
        if (recent.Sum(c => c.Letters) >= MostLetters) return new Refusal("email_change.too_often", 429, RetryAfter: last + LetterWindow - now);
        return last + LetterPause > now ? new Refusal("email_change.wait", 429, RetryAfter: last + LetterPause - now) : null;
    }
}

public static class EmailChangeRefusals
{
    public static readonly Refusal Same = new("email_change.same", 400, "email");
    public static readonly Refusal Taken = new("email_change.taken", 409);
    public static readonly Refusal NothingWaits = new("email_change.nothing_waits", 404);
    public static readonly Refusal OtherAccount = new("email_change.other_account", 403);
}
