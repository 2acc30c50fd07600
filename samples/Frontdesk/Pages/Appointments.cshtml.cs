using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>All appointments of a desk, earliest first.</summary>
public sealed class AppointmentsModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>The appointments.</summary>
    public IReadOnlyList<AppointmentRow> Appointments { get; private set; } = [];

    /// <summary>The page.</summary>
    public void OnGet() => Appointments = Run(tx => tx.Many<AppointmentRow>(
        "SELECT a.guest, a.about, a.at, a.minutes, a.in_calendar, a.mailed_at, p.name AS host FROM appointments a LEFT JOIN people p ON p.desk_id = a.desk_id AND p.account_id = a.host_id WHERE a.desk_id = @Id ORDER BY a.at, a.id", new { Desk.Id }));
}
