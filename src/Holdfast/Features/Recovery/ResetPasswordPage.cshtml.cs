using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Recovery;

[OpenToAll]
public sealed class ResetPasswordPage(ResetPassword reset) : HoldfastPage
{
    /// <summary>Of the new password, in characters; null when the link is not open.</summary>
    public int? Shortest { get; private set; }

    public async Task<IActionResult> OnGetAsync(string? token)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        if (token is not null) return MailedLink.MoveToCookie(HttpContext, token, "/reset-password");
        return await ShowAsync();
    }

    public async Task<IActionResult> OnPostAsync(string? newPassword, string? newPasswordAgain)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        var outcome = await reset.Run(link, PlainPassword.From(newPassword), PlainPassword.From(newPasswordAgain), Client);
        if (!outcome.Ok)
        {
            Shortest = await reset.Look(link);
            return Shortest is null ? await ShowAsync() : Refuse(outcome.Refusal);
        }
        MailedLink.Forget(Response);
        Flash.Set(Response, "password_reset");
        return Redirect("/sign-in");
    }

    private async Task<IActionResult> ShowAsync()
    {
        Shortest = MailedLink.TryFind(Request, out var link) ? await reset.Look(link) : null;
        if (Shortest is null) Response.StatusCode = 404;
        else Client.AskForHints(Response);
        return Page();
    }
}
