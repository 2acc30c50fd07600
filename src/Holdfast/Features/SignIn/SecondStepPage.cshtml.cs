using Holdfast.Features.TwoFactor;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.SignIn;

/// <summary>The second step: a code of the app, a passkey, or a recovery code. All that it needs to know stands in the row that the pending cookie names.</summary>
[OpenToAll, OpenWhileEnrolling]
public sealed class SecondStepPage(SecondStep second) : HoldfastPage
{
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    /// <summary>The way that the person chose; the usual one when they did not.</summary>
    [BindProperty(SupportsGet = true, Name = "with")]
    public string? With { get; set; }

    public OpenPending Open { get; private set; } = null!;

    public IReadOnlyList<string> Ways => Open.Factors.Ways;

    public string Way => With is not null && Ways.Contains(With, StringComparer.Ordinal) ? With : Ways[0];

    /// <summary>The button for a passkey is on the page of every way, so that one press is enough.</summary>
    public bool OffersPasskey => Ways.Contains(Sessions.ProofMethod.Passkey, StringComparer.Ordinal) && Way != Sessions.ProofMethod.RecoveryCode;

    /// <summary>A link leads to each of these.</summary>
    public IReadOnlyList<string> OtherWays => [.. Ways.Where(way => way != Way && !(way == Sessions.ProofMethod.Passkey && OffersPasskey))];

    public string LinkTo(string way) => $"{Address(Return)}&with={way}";

    public static string Address(string? backTo) => $"/sign-in/verify?return={Uri.EscapeDataString(ReturnAddress.Local(backTo))}";

    public async Task<IActionResult> OnGetAsync() => await LookAsync() ? Page() : Over();

    public async Task<IActionResult> OnPostAsync(string? code, string? ticket, string? credential, string? timeZone, bool remember)
    {
        if (!await LookAsync()) return Over();
        var form = new SecondStepForm(SecondProof.Of(Way, code, ticket, credential), timeZone, remember);
        var outcome = await second.Run(Cookies.Hash(Request, Cookies.Pending)!.Value, form, Client);
        if (!outcome.Ok) return outcome.Refusal == PendingRefusals.Over ? Over() : Refuse(outcome.Refusal);
        Api.SetCookies(HttpContext, outcome.Value);
        return LocalRedirect(outcome.Value.Method == Sessions.ProofMethod.RecoveryCode ? "/account/two-factor/new-device" : ReturnAddress.Local(Return));
    }

    public async Task<IActionResult> OnPostCancelAsync()
    {
        if (Cookies.Hash(Request, Cookies.Pending) is { } pending) await second.Cancel(pending);
        Cookies.Delete(Response, Cookies.Pending);
        return Redirect("/sign-in");
    }

    private async Task<bool> LookAsync()
    {
        if (Cookies.Hash(Request, Cookies.Pending) is not { } pending || await second.Look(pending, Client) is not { } open) return false;
        Open = open;
        return true;
    }

    private RedirectResult Over()
    {
        if (!Cookies.Find(Request, Cookies.Pending).IsEmpty) Flash.Set(Response, new Flash("pending_over", [], ""));
        Cookies.Delete(Response, Cookies.Pending);
        return Redirect($"/sign-in?return={Uri.EscapeDataString(ReturnAddress.Local(Return))}");
    }
}
