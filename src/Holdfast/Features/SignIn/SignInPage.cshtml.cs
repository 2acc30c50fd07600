using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.SignIn;

[OpenToAll]
public sealed class SignInPage(SignIn signIn) : HoldfastPage
{
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    public string? Email { get; private set; }

    public bool Keep { get; private set; }

    /// <summary>Why the session that this browser had is over; null when it had none.</summary>
    public string? EndedText => HttpContext.Features.Get<OverSession>() is { } over && over.Why != EndReason.SignedOut
        ? T[$"sign_in.ended.{over.Why}", Moments.Ago(over.Session.EndedAt ?? Now)]
        : null;

    /// <summary>On plain http the browser drops a Secure cookie without a word, anywhere but on this machine.</summary>
    public bool DropsCookies => !Request.IsHttps && !Client.IsThisMachine(Request.Host);

    public IActionResult OnGet()
    {
        if (Visitor is not null) return LocalRedirect(ReturnAddress.Local(Return));
        Client.AskForHints(Response);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? email, string? password, bool keep, string? timeZone)
    {
        (Email, Keep) = (email ?? "", keep);
        TokenHash? replaces = SecretToken.TryHash(Cookies.Find(Request, Cookies.Session), out var old) ? old : null;
        var outcome = await signIn.Run(new SignInForm(Email, PlainPassword.From(password), keep, timeZone, replaces), Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Api.SetCookies(HttpContext, outcome.Value);
        return LocalRedirect(ReturnAddress.Local(Return));
    }
}
