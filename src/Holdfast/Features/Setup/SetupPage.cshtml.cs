using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Setup;

/// <summary>The link's secret leaves the address bar at once: it moves into a short-lived cookie, then the page is opened without it.</summary>
[OpenToAll]
public sealed class SetupPage(SetUp setUp) : HoldfastPage
{
    public DateTimeOffset? EndsAt { get; private set; }

    public string? Name { get; private set; }

    public string? Workspace { get; private set; }

    public string? Email { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? token)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        if (token is not null)
        {
            if (SecretToken.TryHash(token, out _)) Cookies.Set(Response, Cookies.SetupLink, token, SetUp.LinkLifetime, SameSiteMode.Strict);
            return Redirect("/setup");
        }
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync(string? name, string? workspace, string? email, string? password, string? timeZone)
    {
        (Name, Workspace, Email) = (name ?? "", workspace ?? "", email ?? "");
        if (!SecretToken.TryHash(Cookies.Find(Request, Cookies.SetupLink), out var link)) return await ShowAsync();
        EndsAt = await setUp.OpenUntil(link);
        if (EndsAt is null) return await ShowAsync();
        var outcome = await setUp.Run(link, new SetUpForm(Name, Workspace, Email, PlainPassword.From(password), timeZone), Client);
        if (!outcome.Ok) return outcome.Refusal.Field is null && outcome.Refusal.Status is 403 or 409 ? await RefuseWhole(outcome.Refusal) : Refuse(outcome.Refusal);
        Cookies.Delete(Response, Cookies.SetupLink);
        Api.SetCookies(HttpContext, outcome.Value);
        Flash.Set(Response, "set_up");
        return Redirect(ReturnAddress.Home);
    }

    private async Task<IActionResult> ShowAsync()
    {
        EndsAt = SecretToken.TryHash(Cookies.Find(Request, Cookies.SetupLink), out var link) ? await setUp.OpenUntil(link) : null;
        if (EndsAt is null) Response.StatusCode = 404;
        else Client.AskForHints(Response);
        return Page();
    }
}
