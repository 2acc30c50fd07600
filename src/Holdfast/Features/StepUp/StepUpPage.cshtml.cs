using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.StepUp;

/// <summary>Asks for a proof, then takes the person back to what they were doing: the kept form is sent again by itself, or by one button without script.</summary>
public sealed class StepUpPage(StepUp stepUp, KeptForm kept) : HoldfastPage
{
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    public KeptAction? Kept { get; private set; }

    public bool Confirmed { get; private set; }

    public string Back => ReturnAddress.Local(Return);

    public void OnGet() => Kept = kept.Look(HttpContext, Me);

    public async Task<IActionResult> OnPostAsync(string? password)
    {
        Kept = kept.Look(HttpContext, Me);
        var outcome = await stepUp.ByPassword(Me, PlainPassword.From(password), Client);
        if (!outcome.Ok) return outcome.Refusal == SessionRefusals.Ended ? Redirect("/sign-in") : Refuse(outcome.Refusal);
        Api.SetCookie(HttpContext, outcome.Value);
        KeptForm.Forget(Response);
        if (Kept is null) return LocalRedirect(Back);
        Confirmed = true;
        return Page();
    }
}
