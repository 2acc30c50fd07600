using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Deletion;

/// <summary>No more waiting, and no way back. Open to those alone whose account waits to be deleted.</summary>
[OpenWhileClosing]
public sealed class DeleteNowPage(DeleteNow now, KeepAccount keep, Erasure.Connectors connectors, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/delete/now";

    /// <summary>Set once it has begun.</summary>
    public DeletionCase? Begun { get; private set; }

    /// <summary>How many systems are told.</summary>
    public int Systems => connectors.All.Count;

    public async Task<IActionResult> OnGetAsync() => await keep.Mine(Me) is null ? Redirect(DeleteAccountPage.Address) : Page();

    public async Task<IActionResult> OnPostAsync(string? confirm)
    {
        var outcome = await now.Run(Me, confirm ?? "", Client);
        if (outcome.Ok)
        {
            Begun = outcome.Value;
            Api.ForgetSession(HttpContext);
            return Page();
        }
        if (!RequireProof.IsMissing(outcome.Refusal)) return outcome.Refusal.Field is null ? await RefuseWhole(outcome.Refusal) : Refuse(outcome.Refusal);
        kept.Keep(HttpContext, Me, "delete_now");
        return Redirect(StepUpPage.Address(Address, second: outcome.Refusal.Code != "step_up.required"));
    }
}
