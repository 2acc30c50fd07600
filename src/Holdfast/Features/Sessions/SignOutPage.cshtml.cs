using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Sessions;

[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class SignOutPage(EndSessions end) : HoldfastPage
{
    /// <summary>Where to go on as somebody else; null for nowhere.</summary>
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    public string Back => ReturnAddress.Local(Return);

    public IActionResult OnGet() => Visitor is null ? Redirect("/sign-in") : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        if (Visitor is { } me)
        {
            await end.SignOut(me, Client);
            Flash.Set(Response, "signed_out");
        }
        Api.ForgetSession(HttpContext);
        return Redirect(Return is null ? "/sign-in" : $"/sign-in?return={Uri.EscapeDataString(Back)}");
    }
}
