using Holdfast.Features.Export;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Deletion;

/// <summary>All that is open to somebody whose account waits to be deleted: keep it, take the data along, delete now, sign out.</summary>
[OpenWhileClosing]
public sealed class ClosingPage(KeepAccount keep, LookAtExport exports) : HoldfastPage
{
    public const string Address = "/account/closing";

    public DeletionCase Case { get; private set; } = null!;

    public DataExport? Export { get; private set; }

    public int DaysLeft => (int)Math.Max(0, Math.Ceiling((Case.DueAt - Now).TotalDays));

    public int Days => (int)Math.Max(1, Math.Ceiling((Case.DueAt - Case.AskedAt).TotalDays));

    public async Task<IActionResult> OnGetAsync()
    {
        if (await keep.Mine(Me) is not { } open) return Redirect(ReturnAddress.Home);
        Case = open.Case;
        Export = await exports.Latest(Me);
        return Page();
    }

    /// <summary>"Keep my account": the session that asks is an ordinary one from then on.</summary>
    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = await keep.ByPerson(Me, Client);
        if (!outcome.Ok) return await RefuseWhole(outcome.Refusal);
        Flash.Set(Response, "account_kept");
        return Redirect(ReturnAddress.Home);
    }
}
