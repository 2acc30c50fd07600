using System.Text;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.TwoFactor;

/// <summary>Recovery codes as a page shows them, once.</summary>
/// <param name="AtSetUp">They came with a first app or a new device: the last of three steps.</param>
/// <param name="ByPasskey">They came with a passkey, which has no steps to show.</param>
public sealed record CodesShown(HoldfastPage Page, IReadOnlyList<RecoveryCode> Codes, bool AtSetUp, bool ByPasskey = false);

/// <summary>
/// New recovery codes, and what becomes of those just shown. The server has only their hashes: what is downloaded or shown again comes from the page itself, and only when it is really this person's codes.
/// </summary>
[OpenWhileEnrolling]
public sealed class CodesPage(Db db, MakeRecoveryCodes make, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/two-factor/codes";

    public Factors Factors { get; private set; } = Factors.None;

    public CodesShown? Codes { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        Factors = await db.Read(tx => TwoFactorTable.Of(tx, Me.Account.Id));
        return Factors.IsOn ? Page() : Redirect(TwoFactorPage.Address);
    }

    public async Task<IActionResult> OnPostMakeAsync()
    {
        var outcome = await make.Run(Me, Client);
        if (outcome.Ok)
        {
            Codes = new CodesShown(this, outcome.Value, AtSetUp: false);
            return Page();
        }
        if (!RequireProof.IsMissing(outcome.Refusal)) return Redirect(TwoFactorPage.Address);
        kept.Keep(HttpContext, Me, "make_codes");
        return Redirect(StepUpPage.Address(Address));
    }

    public async Task<IActionResult> OnPostSavedAsync(string[]? codes, bool saved, bool atSetUp)
    {
        if (!saved)
        {
            if (await make.Recognise(Me, codes ?? []) is not { } shown) return Redirect(Address);
            Codes = new CodesShown(this, shown, atSetUp);
            return Refuse(new Refusal("recovery_code.not_saved", 400, "saved"));
        }
        await make.Saved(Me, Client);
        Flash.Set(Response, "codes_saved");
        return Redirect(TwoFactorPage.Address);
    }

    public async Task<IActionResult> OnPostDownloadAsync(string[]? codes)
    {
        if (await make.Recognise(Me, codes ?? []) is not { } shown) return Redirect(Address);
        var text = new StringBuilder();
        text.Append(T["codes.file.head", Settings.Product.Name, Me.Account.Email, Moments.Full(Now)]).Append("\r\n\r\n");
        foreach (var code in shown) text.Append("[ ] ").Append(code.Reveal()).Append("\r\n");
        text.Append("\r\n").Append(T["codes.file.foot"]).Append("\r\n");
        return File(Encoding.UTF8.GetBytes(text.ToString()), "text/plain; charset=utf-8", "recovery-codes.txt");
    }
}
