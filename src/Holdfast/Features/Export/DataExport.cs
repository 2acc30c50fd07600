using Holdfast.Web;

namespace Holdfast.Features.Export;

/// <summary>Everything that is held on a person, in one file: asked for → made → fetched once, or ended by itself. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record DataExport
{
    /// <summary>From when it is made until it is erased.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    /// <summary>In <see cref="PaceWindow"/>: each is work, and a letter.</summary>
    public const int MostInWindow = 5;

    public static readonly TimeSpan PaceWindow = TimeSpan.FromDays(1);

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public DateTimeOffset AskedAt { get; init; }

    public DateTimeOffset? MadeAt { get; init; }

    public DateTimeOffset? EndsAt { get; init; }

    public long? Bytes { get; init; }

    /// <summary>Hexadecimal SHA-256 of the file.</summary>
    public string? Sha256 { get; init; }

    public DateTimeOffset? FetchedAt { get; init; }

    /// <summary>Stopped by the person, or replaced by a newer one.</summary>
    public DateTimeOffset? DroppedAt { get; init; }

    public bool IsBeingMade => MadeAt is null && DroppedAt is null;

    public bool IsReady(DateTimeOffset now) => MadeAt is not null && FetchedAt is null && DroppedAt is null && now < EndsAt;

    /// <summary>Null when another one may be asked for.</summary>
    /// <param name="recent">When this person asked within <see cref="PaceWindow"/>, newest first.</param>
    public static Refusal? WhyNotNow(IReadOnlyList<DateTimeOffset> recent, DateTimeOffset now) =>
        recent.Count < MostInWindow ? null : new Refusal("export.too_often", 429, RetryAfter: recent[MostInWindow - 1] + PaceWindow - now);
}

public static class ExportRefusals
{
    public static readonly Refusal None = new("export.none", 404);
    public static readonly Refusal BeingMade = new("export.being_made", 409);
}
