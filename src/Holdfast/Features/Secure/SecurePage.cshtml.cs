using Holdfast.Features.Passwords;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Secure;

/// <summary>"Secure my account": three steps in their order, each on this page, and a summary.</summary>
public sealed class SecurePage(SecureAccount secure, Db db, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/secure";

    /// <summary>Null when nothing has begun.</summary>
    public SecureRun? Run { get; private set; }

    /// <summary>The one that has just ended.</summary>
    public SecureRun? Finished { get; private set; }

    public Factors Factors { get; private set; } = Factors.None;

    public SecureStep Next => Run?.Next ?? SecureStep.SignOut;

    /// <summary>Workspaces whose admins are told; empty for none.</summary>
    public string Places => string.Join(", ", Me.Memberships.Where(m => m.SuspendedAt is null).Select(m => m.Workspace));

    /// <param name="done">Id of a run of one's own that has come to its end.</param>
    public async Task OnGetAsync(string? done)
    {
        await LoadAsync();
        if (Ids.IsWellFormed(done) && await db.Read(tx => SecureTable.Find(tx, Me.Account.Id, done!)) is { FactorsAt: not null } run) Finished = run;
    }

    public async Task<IActionResult> OnPostSignOutAsync()
    {
        var outcome = await secure.SignOut(Me, Client);
        return outcome.Ok ? Redirect(Address) : await RefusedAsync(outcome.Refusal, "secure_begin");
    }

    public async Task<IActionResult> OnPostPasswordAsync(string? currentPassword, string? newPassword, string? newPasswordAgain)
    {
        var outcome = await secure.Password(Me, new ChangePasswordForm(PlainPassword.From(currentPassword), PlainPassword.From(newPassword), PlainPassword.From(newPasswordAgain), SignOutOthers: true), Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "secure_begin");
        Api.SetCookie(HttpContext, outcome.Value.Fresh);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostFactorsAsync()
    {
        var outcome = await secure.Factors(Me, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, "secure_factors");
        return Redirect($"{Address}?done={outcome.Value.Id}");
    }

    public async Task<IActionResult> OnPostLaterAsync()
    {
        await secure.PutOff(Me);
        return Redirect("/account/security");
    }

    private async Task LoadAsync() => (Run, Factors) = await db.Read<(SecureRun?, Factors)>(async tx => (await SecureTable.Open(tx, Me.Account.Id), await TwoFactorTable.Of(tx, Me.Account.Id)));

    private async Task<IActionResult> RefusedAsync(Refusal refusal, string what)
    {
        if (RequireProof.IsMissing(refusal))
        {
            kept.Keep(HttpContext, Me, what);
            return Redirect(StepUpPage.Address(Address, second: refusal.Code != "step_up.required"));
        }
        if (refusal.Status == 401) return Redirect("/sign-in");
        await LoadAsync();
        return Refuse(refusal);
    }
}
