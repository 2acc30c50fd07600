using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.StepUp;

/// <summary>Asks for a proof, then takes the person back to what they were doing: the kept form is sent again by itself, or by one button without script.</summary>
[OpenWhileEnrolling, OpenWhileClosing]
public sealed class StepUpPage(StepUp stepUp, KeptForm kept) : HoldfastPage
{
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    /// <summary>The way that the person chose; the usual one when they did not.</summary>
    [BindProperty(SupportsGet = true, Name = "with")]
    public string? With { get; set; }

    /// <summary>Only a second factor will do. A hint for this page alone: what is done after it asks for itself.</summary>
    [BindProperty(SupportsGet = true, Name = "second")]
    public bool Second { get; set; }

    public KeptAction? Kept { get; private set; }

    public bool Confirmed { get; private set; }

    public string Back => ReturnAddress.Local(Return);

    /// <summary>Where to ask for a proof, and where to go on after it.</summary>
    public static string Address(string back, bool second = false) => $"/step-up?return={Uri.EscapeDataString(back)}{(second ? "&second=true" : "")}";

    /// <summary>What this person can prove themselves with here, the usual way first.</summary>
    public IReadOnlyList<string> Ways => !Me.Factors.IsOn ? [ProofMethod.Password] : Second || Kept is { WantsSecondFactor: true } ? Me.Factors.Ways : [.. Me.Factors.Ways, ProofMethod.Password];

    public string Way => With is not null && Ways.Contains(With, StringComparer.Ordinal) ? With : Ways[0];

    /// <summary>The button for a passkey is on the page of every way, so that one press is enough.</summary>
    public bool OffersPasskey => Ways.Contains(ProofMethod.Passkey, StringComparer.Ordinal);

    /// <summary>A link leads to each of these.</summary>
    public IReadOnlyList<string> OtherWays => [.. Ways.Where(way => way != Way && way != ProofMethod.Passkey)];

    public string LinkTo(string way) => $"{Address(Back, Second)}&with={way}";

    public void OnGet() => Kept = kept.Look(HttpContext, Me);

    public async Task<IActionResult> OnPostAsync(string? password, string? code, string? ticket, string? credential)
    {
        Kept = kept.Look(HttpContext, Me);
        var outcome = Way == ProofMethod.Password && string.IsNullOrEmpty(credential)
            ? await stepUp.ByPassword(Me, PlainPassword.From(password), Client)
            : await stepUp.BySecondFactor(Me, SecondProof.Of(Way, code, ticket, credential), Client);
        if (!outcome.Ok) return outcome.Refusal == SessionRefusals.Ended ? Redirect("/sign-in") : Refuse(outcome.Refusal);
        Api.SetCookie(HttpContext, outcome.Value);
        KeptForm.Forget(Response);
        if (Kept is null) return LocalRedirect(Back);
        Confirmed = true;
        return Page();
    }
}
