using Holdfast.Features.OAuth;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.TwoFactor;

/// <summary>A person's second factors: what there is, what can be done, and, where a role asks for it and there is none, the way in.</summary>
[OpenWhileEnrolling]
public sealed class TwoFactorPage(Db db, BeginApp begin, ChangeApps apps, TurnOff turnOff, ForgetBrowsers browsers, ListPasskeys passkeys, ChangePasskeys changePasskeys, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/two-factor";

    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    public string Back => ReturnAddress.Local(Return);

    public Factors Factors { get; private set; } = Factors.None;

    public TwoFactorRule TwoFactorRule => Me.TwoFactorRule;

    public PasskeyList Passkeys { get; private set; } = null!;

    public IReadOnlyList<TrustedBrowser> Remembered { get; private set; } = [];

    /// <summary>Turning it off asks for a longer password in the same step.</summary>
    public bool NeedsLongerPassword { get; private set; }

    /// <summary>Where an application waits for the person; null when none does, or two-factor is not set up yet.</summary>
    public string? Waiting { get; private set; }

    public async Task OnGetAsync()
    {
        await LoadAsync();
        if (Factors.IsOn) Waiting = Onward.Look(HttpContext);
        else Onward.Remember(HttpContext, Return);
    }

    public async Task<IActionResult> OnPostBeginAsync()
    {
        var outcome = await begin.Run(Me, Client);
        return outcome.Ok ? Redirect(EnrolPage.Address) : await RefusedAsync(outcome.Refusal, "add_app");
    }

    public async Task<IActionResult> OnPostRenameAsync(string? id, string? name)
    {
        var outcome = await apps.Rename(Me, id ?? "", name ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "");
        Flash.Set(Response, "app_renamed");
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostRemoveAsync(string? id)
    {
        var outcome = await apps.Remove(Me, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "remove_app");
        Flash.Set(Response, "app_removed", outcome.Value);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostRenamePasskeyAsync(string? id, string? name)
    {
        var outcome = await changePasskeys.Rename(Me, id ?? "", name ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "");
        Flash.Set(Response, "passkey_renamed");
        return Redirect(Address + "#passkeys");
    }

    public async Task<IActionResult> OnPostRemovePasskeyAsync(string? id)
    {
        var outcome = await changePasskeys.Remove(Me, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "remove_passkey");
        Flash.Set(Response, "passkey_removed", outcome.Value);
        return Redirect(Address + "#passkeys");
    }

    public async Task<IActionResult> OnPostConfirmPasskeyAsync(string? id)
    {
        var outcome = await changePasskeys.Confirm(Me, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "confirm_passkey");
        Flash.Set(Response, "passkey_confirmed", outcome.Value);
        return Redirect(Address + "#passkeys");
    }

    public async Task<IActionResult> OnPostTurnOffAsync(string? code, string? ticket, string? credential, string? currentPassword, string? newPassword, string? newPasswordAgain)
    {
        var password = newPassword is null ? null : new ChangePasswordForm(PlainPassword.From(currentPassword), PlainPassword.From(newPassword), PlainPassword.From(newPasswordAgain), SignOutOthers: true);
        var outcome = await turnOff.Run(Me, new TurnOffForm(SecondProof.Of(Sessions.ProofMethod.Totp, code, ticket, credential), password), Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "");
        Api.SetCookie(HttpContext, outcome.Value);
        Flash.Set(Response, "two_factor_off");
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostForgetAsync(string? id)
    {
        var outcome = await browsers.Run(Me, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "");
        Flash.Set(Response, "browser_forgotten");
        return Redirect(Address);
    }

    private async Task<IActionResult> RefusedAsync(Refusal refusal, string what)
    {
        if (refusal == Sessions.SessionRefusals.Ended) return Redirect("/sign-in");
        if (RequireProof.IsMissing(refusal))
        {
            kept.Keep(HttpContext, Me, what);
            return Redirect(StepUpPage.Address(Address));
        }
        await LoadAsync();
        return Refuse(refusal);
    }

    private async Task LoadAsync()
    {
        Factors = await db.Read(tx => TwoFactorTable.Of(tx, Me.Account.Id));
        Passkeys = await passkeys.Run(Me);
        if (!Factors.IsOn) return;
        NeedsLongerPassword = !TwoFactorRule.Exists && await turnOff.NeedsLongerPassword(Me);
        if (Settings.TwoFactor.MayRemember) Remembered = await browsers.List(Me);
    }
}
