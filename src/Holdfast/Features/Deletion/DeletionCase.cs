using System.Globalization;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>Where a deletion stands. Permanent names.</summary>
public static class DeletionState
{
    /// <summary>The account is closed, and the person may still keep it.</summary>
    public const string Grace = "grace";

    /// <summary>Other systems are told, one after the other; there is no way back.</summary>
    public const string Erasing = "erasing";

    public const string Done = "done";

    /// <summary>The person kept the account.</summary>
    public const string Kept = "kept";
}

/// <summary>Which letter is due before a deletion begins.</summary>
public enum Reminder
{
    None,

    /// <summary>A week before.</summary>
    First,

    /// <summary>A day before. Nothing begins without it.</summary>
    Last,
}

/// <summary>
/// The deletion of an account: days of grace → erasing → done, or kept on the way. Its state says what the next step is. Rules only: no I/O, and the time comes from outside.
/// </summary>
public sealed record DeletionCase
{
    /// <summary>What has to be typed, letter by letter.</summary>
    public const string Word = "DELETE";

    public static readonly TimeSpan FirstLead = TimeSpan.FromDays(7);

    private static readonly TimeSpan LastLead = TimeSpan.FromDays(1);

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public long Number { get; init; }

    /// <summary>One of <see cref="DeletionState"/>.</summary>
    public required string State { get; init; }

    public DateTimeOffset AskedAt { get; init; }

    /// <summary>When it begins. It only ever moves later.</summary>
    public DateTimeOffset DueAt { get; init; }

    public DateTimeOffset? RemindedAt { get; init; }

    public DateTimeOffset? LastRemindedAt { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    public DateTimeOffset? BegunAt { get; init; }

    /// <summary>One of <see cref="BegunBy"/>.</summary>
    public string? BegunBy { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>JSON of the receipt; null until it is done.</summary>
    public string? Receipt { get; init; }

    /// <summary>How people speak of it, such as "ER-2026-0217".</summary>
    public string Label => string.Create(CultureInfo.InvariantCulture, $"ER-{AskedAt.UtcDateTime.Year}-{Number:0000}");

    public bool IsOpen => EndedAt is null;

    /// <summary>A day, or half of the days of grace where that is less.</summary>
    private TimeSpan Lead => DueAt - AskedAt < LastLead * 2 ? (DueAt - AskedAt) / 2 : LastLead;

    public bool HasFirstReminder => DueAt - AskedAt > FirstLead;

    /// <summary>When the server has to look at it next.</summary>
    public DateTimeOffset NextLook => LastRemindedAt is not null ? DueAt : HasFirstReminder && RemindedAt is null ? DueAt - FirstLead : DueAt - Lead;

    public Reminder ReminderAt(DateTimeOffset now)
    {
        if (State != DeletionState.Grace || LastRemindedAt is not null) return Reminder.None;
        if (now >= DueAt - Lead) return Reminder.Last;
        return HasFirstReminder && RemindedAt is null && now >= DueAt - FirstLead ? Reminder.First : Reminder.None;
    }

    /// <summary>The due moment once the last reminder goes out: what it promises is left, also after the server was down for weeks or its clock jumped ahead.</summary>
    public DateTimeOffset DueAfterLastReminder(DateTimeOffset now) => DueAt > now + Lead ? DueAt : now + Lead;

    public bool IsDue(DateTimeOffset now) => State == DeletionState.Grace && LastRemindedAt is not null && now >= DueAt;
}

/// <summary>Who or what made a deletion begin. Permanent names.</summary>
public static class BegunBy
{
    /// <summary>The days of grace were over.</summary>
    public const string Time = "time";

    /// <summary>"Delete now".</summary>
    public const string Person = "person";

    /// <summary>It had happened before; an older backup brought the account back.</summary>
    public const string Restore = "restore";
}

public static class DeletionRefusals
{
    public static readonly Refusal Confirm = new("deletion.confirm", 400, "confirm");
    public static readonly Refusal Closing = new("account.closing", 403);
    public static readonly Refusal Already = new("deletion.already", 409);
    public static readonly Refusal None = new("deletion.none", 404);
    public static readonly Refusal AddressChanged = new("deletion.address_changed", 409);
    public static readonly Refusal Begun = new("deletion.begun", 409);
}
