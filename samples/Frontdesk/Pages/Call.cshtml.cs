using Frontdesk.Desks;
using Frontdesk.Storage;
using Holdfast.Client;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Frontdesk.Pages;

/// <summary>One call: recording and transcript.</summary>
public sealed class CallModel(OpenDesk open, Db db, TimeProvider clock, IOptions<HoldfastOptions> options) : DeskPage(open, db, clock, options)
{
    /// <summary>The call.</summary>
    public CallRow Call { get; private set; } = null!;

    /// <summary>The page.</summary>
    public IActionResult OnGet(long id)
    {
        Call = Run(tx => tx.One<CallRow>(
            "SELECT c.id, c.caller, c.phone, c.came_at, c.seconds, c.outcome, c.summary, c.transcript, c.recording, c.erased, p.name AS taken_by FROM calls c LEFT JOIN people p ON p.desk_id = c.desk_id AND p.account_id = c.taken_by WHERE c.desk_id = @Id AND c.id = @id",
            new { Desk.Id, id }))!;
        return Call is null ? NotFound() : Page();
    }
}
