using Holdfast.Features.EmailChange;
using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Accounts;

public sealed class SettingsPage(ChangeProfile change, AskToChangeEmail changeEmail, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account";

    public string? Name { get; private set; }

    public string? Language { get; private set; }

    public string? TimeZone { get; private set; }

    /// <summary>A new address that waits to be confirmed; null when none does.</summary>
    public EmailChange.EmailChange? Waiting { get; private set; }

    /// <summary>What was typed as a new address and refused.</summary>
    public string Email { get; private set; } = "";

    public Task OnGetAsync() => Load();

    public async Task<IActionResult> OnPostAsync(string? name, string? language, string? timeZone)
    {
        (Name, Language, TimeZone) = (name ?? "", language, timeZone);
        var outcome = await change.Run(Me, new ProfileForm(Name, language, timeZone), Client);
        if (!outcome.Ok)
        {
            Waiting = await changeEmail.Waiting(Me);
            return Refuse(outcome.Refusal);
        }
        Flash.Set(Response, "settings_saved");
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostEmailAsync(string? email)
    {
        Email = email ?? "";
        var outcome = await changeEmail.Run(Me, Email, Client);
        if (outcome.Ok)
        {
            Flash.Set(Response, "email_asked", outcome.Value.NewEmail);
            return Redirect(Address);
        }
        return await RefusedOrProven(outcome.Refusal);
    }

    public async Task<IActionResult> OnPostSendAgainAsync()
    {
        var outcome = await changeEmail.SendAgain(Me);
        if (!outcome.Ok) return await RefusedOrProven(outcome.Refusal);
        Flash.Set(Response, "email_asked", outcome.Value.NewEmail);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostWithdrawAsync()
    {
        var outcome = await changeEmail.Withdraw(Me, Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal);
        Flash.Set(Response, "email_withdrawn");
        return Redirect(Address);
    }

    private async Task<IActionResult> RefusedOrProven(Refusal refusal)
    {
        if (!RequireProof.IsMissing(refusal)) return await Refused(refusal);
        kept.Keep(HttpContext, Me, "change_email");
        return Redirect(StepUpPage.Address(Address));
    }

    private async Task<IActionResult> Refused(Refusal refusal)
    {
        await Load();
        return Refuse(refusal);
    }

    private async Task Load()
    {
        (Name, Language, TimeZone) = (Me.Account.Name, Me.Account.Language, Me.Account.TimeZone);
        Waiting = await changeEmail.Waiting(Me);
    }

    /// <summary>Light, dark, or as the system says: kept in this browser, not in the account.</summary>
    public IActionResult OnPostTheme(string? theme, string? back)
    {
        if (theme is "light" or "dark") Response.Cookies.Append(Cookies.Theme, theme, new CookieOptions { MaxAge = TimeSpan.FromDays(400), SameSite = SameSiteMode.Lax, Secure = Request.IsHttps, HttpOnly = true, Path = "/" });
        else Response.Cookies.Delete(Cookies.Theme, new CookieOptions { Path = "/" });
        return LocalRedirect(ReturnAddress.Local(back));
    }
}
