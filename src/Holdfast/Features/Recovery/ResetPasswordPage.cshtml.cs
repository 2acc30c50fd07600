using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Recovery;

/// <summary>GET shows, POST acts: mail scanners that open every link use nothing up.</summary>
[OpenToAll]
public sealed class ResetPasswordPage(ResetPassword reset) : MailedLinkPage
{
    /// <summary>Null when the link is not open.</summary>
    public OpenResetLink? Open { get; private set; }

    protected override string At => "/reset-password";

    public async Task<IActionResult> OnPostAsync(string? newPassword, string? newPasswordAgain)
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        var outcome = await reset.Run(link, PlainPassword.From(newPassword), PlainPassword.From(newPasswordAgain), Client);
        if (!outcome.Ok)
        {
            Open = await reset.Look(link);
            return Open is null ? await ShowAsync() : Refuse(outcome.Refusal);
        }
        MailedLink.Forget(Response);
        Flash.Set(Response, "password_reset");
        return Redirect("/sign-in");
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        Open = MailedLink.TryFind(Request, out var link) ? await reset.Look(link) : null;
        if (Open is null) Response.StatusCode = 404;
        // The form may ask for a new link, or choose a password: either is told with the device.
        Client.AskForHints(Response);
        return Page();
    }
}
