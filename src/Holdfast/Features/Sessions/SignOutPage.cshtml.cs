using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Sessions;

[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class SignOutPage(EndSessions end) : HoldfastPage
{
    public IActionResult OnGet() => Visitor is null ? Redirect("/sign-in") : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        if (Visitor is { } me)
        {
            await end.SignOut(me, Client);
            Flash.Set(Response, "signed_out");
        }
        Api.ForgetSession(HttpContext);
        return Redirect("/sign-in");
    }
}
