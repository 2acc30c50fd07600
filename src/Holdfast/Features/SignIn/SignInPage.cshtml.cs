using System.Buffers.Text;
using Holdfast.Features.Deletion;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.SignIn;

[OpenToAll, OpenWhileEnrolling, OpenWhileClosing]
public sealed class SignInPage(SignIn signIn, SignInByPasskey byPasskey, CheckSession check) : HoldfastPage
{
    [BindProperty(SupportsGet = true, Name = "return")]
    public string? Return { get; set; }

    public string? Email { get; private set; }

    public bool Keep { get; private set; }

    /// <summary>In base64url, for the browser to forget; null when there is none.</summary>
    public string? UnknownPasskey { get; private set; }

    /// <summary>Why the session that this browser had is over; null when it had none.</summary>
    public string? EndedText => HttpContext.Features.Get<OverSession>() is { } over && over.Why != EndReason.SignedOut
        ? T[$"sign_in.ended.{over.Why}", Moments.Ago(over.Session.EndedAt ?? Now)]
        : null;

    /// <summary>On plain http the browser drops a Secure cookie without a word, anywhere but on this machine.</summary>
    public bool DropsCookies => !Request.IsHttps && !Client.IsThisMachine(Request.Host);

    public IActionResult OnGet()
    {
        // Where two-factor comes first, the part of the product that sent the person here would only send them back.
        if (Visitor is { Account.ClosedAt: not null }) return LocalRedirect(ClosingPage.Address);
        if (Visitor is not null) return LocalRedirect(Visitor.TwoFactorRule.MustEnrol(Now) ? TwoFactorPage.Address : ReturnAddress.Local(Return));
        Client.AskForHints(Response);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? email, string? password, bool keep, string? timeZone, string? ticket, string? credential)
    {
        (Email, Keep) = (email ?? "", keep);
        if (!string.IsNullOrEmpty(credential)) return await WithPasskeyAsync(new PasskeyAnswer(ticket ?? "", credential), timeZone);
        var form = new SignInForm(Email, PlainPassword.From(password), keep, timeZone, Cookies.Hash(Request, Cookies.Session), Cookies.Hash(Request, Cookies.Remembered));
        var outcome = await signIn.Run(form, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        if (outcome.Value is SignInStep.Pending pending)
        {
            Cookies.SetPending(Response, pending.Token);
            return LocalRedirect(SecondStepPage.Address(Return));
        }
        var signedIn = ((SignInStep.SignedIn)outcome.Value).Result;
        Api.SetCookies(HttpContext, signedIn);
        // Somebody whom a rule asks for two-factor is told at each sign-in how many days are left.
        var asked = (await check.Run(signedIn.Fresh.Token.Hash, isUse: true)).SignedIn?.TwoFactorRule.EnrolBy is not null;
        return LocalRedirect(asked ? $"{TwoFactorPage.Address}?return={Uri.EscapeDataString(ReturnAddress.Local(Return))}" : ReturnAddress.Local(Return));
    }

    private async Task<IActionResult> WithPasskeyAsync(PasskeyAnswer answer, string? timeZone)
    {
        var outcome = await byPasskey.Run(new PasskeySignInForm(answer, Keep, timeZone, Cookies.Hash(Request, Cookies.Session)), Cookies.Hash(Request, Cookies.Passkey), Client);
        if (!outcome.Ok)
        {
            if (outcome.Refusal == PasskeyRefusals.Unknown && PasskeyCeremony.IdOf(answer.Credential) is { } id) UnknownPasskey = Base64Url.EncodeToString(id);
            return Refuse(outcome.Refusal);
        }
        Api.SetCookies(HttpContext, outcome.Value);
        return LocalRedirect(ReturnAddress.Local(Return));
    }
}
