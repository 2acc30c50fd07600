using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Passkeys;

/// <summary>Adds a passkey. Making one is the browser's work, so this page needs script; recovery codes are shown in the answer and never again.</summary>
[OpenWhileEnrolling]
public sealed class AddPasskeyPage(BeginPasskey begin, AddPasskey add) : HoldfastPage
{
    public const string Address = "/account/two-factor/passkey";

    /// <summary>Shown once; null while there is none to be shown.</summary>
    public CodesShown? Codes { get; private set; }

    /// <summary>With this one recovery codes come along.</summary>
    public bool BringsCodes => !Me.Factors.IsOn || Me.Factors.WantsNewDevice;

    public IActionResult OnGet() => begin.WhyNot(Me) switch
    {
        null => Page(),
        { } refusal when RequireProof.IsMissing(refusal) => Redirect(StepUpPage.Address(Address, second: true)),
        { } refusal => Refuse(refusal),
    };

    public async Task<IActionResult> OnPostAsync(string? ticket, string? credential)
    {
        var outcome = await add.Run(Me, new AddPasskeyForm(new PasskeyAnswer(ticket ?? "", credential ?? ""), null, Say(Client.Device)), Client);
        if (!outcome.Ok)
        {
            if (outcome.Refusal == SessionRefusals.Ended) return Redirect("/sign-in");
            return RequireProof.IsMissing(outcome.Refusal) ? Redirect(StepUpPage.Address(Address, second: true)) : Refuse(outcome.Refusal);
        }
        Api.SetCookie(HttpContext, outcome.Value.Fresh);
        if (outcome.Value.Codes is { } codes)
        {
            Codes = new CodesShown(this, codes, AtSetUp: true, ByPasskey: true);
            return Page();
        }
        Flash.Set(Response, "passkey_added", outcome.Value.Passkey.Name);
        return Redirect(TwoFactorPage.Address + "#passkeys");
    }
}
