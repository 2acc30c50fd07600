using Frontdesk.Desks;
using Frontdesk.Numbers;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>What happened, and what comes.</summary>
public sealed class OverviewModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    private const long Week = 7L * 24 * 60 * 60 * 1000;

    /// <summary>The desk's number; null for none.</summary>
    public PhoneNumber? Number { get; private set; }

    /// <summary>Calls of the last seven days.</summary>
    public long Calls { get; private set; }

    /// <summary>Leads that nobody has called back.</summary>
    public long Open { get; private set; }

    /// <summary>The last calls.</summary>
    public IReadOnlyList<CallRow> Last { get; private set; } = [];

    /// <summary>What is still to come.</summary>
    public IReadOnlyList<AppointmentRow> Ahead { get; private set; } = [];

    /// <summary>The page.</summary>
    public void OnGet() => Run(tx =>
    {
        Number = NumberPool.Of(tx, Desk.Id);
        Calls = tx.Count("SELECT COUNT(*) FROM calls WHERE desk_id = @Id AND came_at > @since", new { Desk.Id, since = Now - Week });
        Open = tx.Count("SELECT COUNT(*) FROM leads WHERE desk_id = @Id AND state = 'new'", new { Desk.Id });
        Last = tx.Many<CallRow>("SELECT id, caller, phone, came_at, seconds, outcome, summary FROM calls WHERE desk_id = @Id ORDER BY came_at DESC, id LIMIT 4", new { Desk.Id });
        Ahead = tx.Many<AppointmentRow>("SELECT guest, about, at, minutes FROM appointments WHERE desk_id = @Id AND at > @Now ORDER BY at, id", new { Desk.Id, Now });
        return 0;
    });
}
