using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>All leads of a desk, newest first.</summary>
public sealed class LeadsModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    internal const string Select =
        "SELECT l.id, l.name, l.phone, l.email, l.wish, l.state, l.came_at, l.crm_at, p.name AS owner FROM leads l LEFT JOIN people p ON p.desk_id = l.desk_id AND p.account_id = l.owner_id WHERE l.desk_id = @Id";

    /// <summary>The leads.</summary>
    public IReadOnlyList<LeadRow> Leads { get; private set; } = [];

    /// <summary>The page.</summary>
    public void OnGet() => Leads = Run(tx => tx.Many<LeadRow>($"{Select} ORDER BY l.came_at DESC, l.id", new { Desk.Id }));
}
