using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.TwoFactor;

/// <summary>The set-up of an app: scan, confirm, name; then the recovery codes, shown in the answer to the confirmation and never again.</summary>
[OpenWhileEnrolling]
public sealed class EnrolPage(BeginApp begin, ConfirmApp confirm, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/two-factor/enrol";

    public BegunApp Begun { get; private set; } = null!;

    public QrCode.Drawing Drawing { get; private set; } = null!;

    public string? Name { get; private set; }

    /// <summary>Shown once; null while the code is still to be confirmed.</summary>
    public CodesShown? Codes { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Name = T["enrol.name.default"];
        return await ShowAsync() ?? Page();
    }

    public async Task<IActionResult> OnPostAsync(string? id, string? code, string? name)
    {
        Name = name ?? "";
        var outcome = await confirm.Run(Me, new ConfirmAppForm(id ?? "", PlainCode.From(code), Name), Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal);
        Api.SetCookie(HttpContext, outcome.Value.Fresh);
        if (outcome.Value.Codes is { } codes)
        {
            Codes = new CodesShown(this, codes, AtSetUp: true);
            return Page();
        }
        Flash.Set(Response, "app_added", Name.Trim());
        return Redirect(TwoFactorPage.Address);
    }

    public async Task<IActionResult> OnPostCancelAsync()
    {
        await begin.Cancel(Me);
        return Redirect(TwoFactorPage.Address);
    }

    private async Task<IActionResult> RefusedAsync(Refusal refusal)
    {
        if (refusal == Sessions.SessionRefusals.Ended) return Redirect("/sign-in");
        if (RequireProof.IsMissing(refusal))
        {
            kept.Keep(HttpContext, Me, "confirm_app");
            return Redirect(StepUpPage.Address(Address));
        }
        return await ShowAsync() ?? Refuse(refusal);
    }

    /// <returns>Where to go instead, when there is nothing to show here.</returns>
    private async Task<IActionResult?> ShowAsync()
    {
        var found = await begin.Look(Me);
        if (!found.Ok) return Redirect(StepUpPage.Address(Address, second: true));
        if (found.Value is null)
        {
            Flash.Set(Response, new Flash("enrolment_over", [], ""));
            return Redirect(TwoFactorPage.Address);
        }
        Begun = found.Value;
        Drawing = QrCode.Draw(Begun.Uri);
        return null;
    }
}
