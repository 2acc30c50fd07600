namespace Frontdesk.Pages;

/// <summary>A call, as pages show it.</summary>
public sealed record CallRow
{
    /// <summary>Its number.</summary>
    public long Id { get; init; }

    /// <summary>Who rang, as far as they said.</summary>
    public required string Caller { get; init; }

    /// <summary>By which number.</summary>
    public required string Phone { get; init; }

    /// <summary>Milliseconds since 1970, as all times here.</summary>
    public long CameAt { get; init; }

    /// <summary>Its length.</summary>
    public long Seconds { get; init; }

    /// <summary>booked, lead, put through, answered, missed or spam.</summary>
    public required string Outcome { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Line by line, the receptionist first; null for none.</summary>
    public string? Transcript { get; init; }

    /// <summary>Name of the file; null for none.</summary>
    public string? Recording { get; init; }

    /// <summary>Name of whoever it was put through to; null for nobody.</summary>
    public string? TakenBy { get; init; }

    /// <summary>1 when voice and words went with the account of whoever took it.</summary>
    public long Erased { get; init; }
}

/// <summary>A lead, as pages show it.</summary>
public sealed record LeadRow
{
    /// <summary>Its number.</summary>
    public long Id { get; init; }

    /// <summary>Of the person who asked.</summary>
    public required string Name { get; init; }

    /// <summary>To ring back.</summary>
    public required string Phone { get; init; }

    /// <summary>To write to.</summary>
    public required string Email { get; init; }

    /// <summary>What they want.</summary>
    public required string Wish { get; init; }

    /// <summary>One of <see cref="LeadModel.States"/>.</summary>
    public required string State { get; init; }

    /// <summary>When.</summary>
    public long CameAt { get; init; }

    /// <summary>Name of who looks after it; null for nobody.</summary>
    public string? Owner { get; init; }

    /// <summary>When the CRM got a copy; null for never.</summary>
    public long? CrmAt { get; init; }
}

/// <summary>An appointment, as pages show it.</summary>
public sealed record AppointmentRow
{
    /// <summary>Who comes, or is come to.</summary>
    public required string Guest { get; init; }

    /// <summary>What for.</summary>
    public required string About { get; init; }

    /// <summary>When.</summary>
    public long At { get; init; }

    /// <summary>How long.</summary>
    public long Minutes { get; init; }

    /// <summary>Name of who keeps it; null for nobody yet.</summary>
    public string? Host { get; init; }

    /// <summary>1 when it stands in a calendar.</summary>
    public long InCalendar { get; init; }

    /// <summary>When the confirmation went out; null for never.</summary>
    public long? MailedAt { get; init; }
}
