using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.TwoFactor;

/// <summary>After a recovery code: set up the new device, now or later. That it is wanted stands in the row, so it is asked again until one or the other.</summary>
public sealed class NewDevicePage(Db db, BeginApp begin, ChangeApps apps, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/two-factor/new-device";

    public Factors Factors { get; private set; } = Factors.None;

    public async Task<IActionResult> OnGetAsync()
    {
        Factors = await db.Read(tx => TwoFactorTable.Of(tx, Me.Account.Id));
        return Factors.WantsNewDevice ? Page() : Redirect(TwoFactorPage.Address);
    }

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = await begin.Run(Me, Client);
        if (outcome.Ok) return Redirect(EnrolPage.Address);
        if (!RequireProof.IsMissing(outcome.Refusal)) return Redirect(TwoFactorPage.Address);
        kept.Keep(HttpContext, Me, "add_app");
        return Redirect(StepUpPage.Address(Address));
    }

    public async Task<IActionResult> OnPostLaterAsync()
    {
        await apps.PutOffNewDevice(Me, Client);
        return Redirect(ReturnAddress.Home);
    }
}
