using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>All calls of a desk, newest first.</summary>
public sealed class CallsModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>The calls.</summary>
    public IReadOnlyList<CallRow> Calls { get; private set; } = [];

    /// <summary>The page.</summary>
    public void OnGet() => Calls = Run(tx => tx.Many<CallRow>("SELECT id, caller, phone, came_at, seconds, outcome, summary, recording FROM calls WHERE desk_id = @Id ORDER BY came_at DESC, id", new { Desk.Id }));
}
