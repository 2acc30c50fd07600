using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Accounts;

public sealed class SettingsPage(ChangeProfile change) : HoldfastPage
{
    public string? Name { get; private set; }

    public string? Language { get; private set; }

    public string? TimeZone { get; private set; }

    public void OnGet() => (Name, Language, TimeZone) = (Me.Account.Name, Me.Account.Language, Me.Account.TimeZone);

    public async Task<IActionResult> OnPostAsync(string? name, string? language, string? timeZone)
    {
        (Name, Language, TimeZone) = (name ?? "", language, timeZone);
        var outcome = await change.Run(Me, new ProfileForm(Name, language, timeZone), Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Flash.Set(Response, "settings_saved");
        return Redirect("/account");
    }

    /// <summary>Light, dark, or as the system says: kept in this browser, not in the account.</summary>
    public IActionResult OnPostTheme(string? theme, string? back)
    {
        if (theme is "light" or "dark") Response.Cookies.Append(Cookies.Theme, theme, new CookieOptions { MaxAge = TimeSpan.FromDays(400), SameSite = SameSiteMode.Lax, Secure = Request.IsHttps, HttpOnly = true, Path = "/" });
        else Response.Cookies.Delete(Cookies.Theme, new CookieOptions { Path = "/" });
        return LocalRedirect(ReturnAddress.Local(back));
    }
}
