using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.SignUp;

/// <summary>"Make your account": the same answer for every address.</summary>
[OpenToAll]
public sealed class SignUpPage(AskToSignUp ask) : HoldfastPage
{
    public const string Address = "/sign-up";

    public string? Name { get; private set; }

    public string? Email { get; private set; }

    /// <summary>Secret that asks for the letter once more; null before anything was asked.</summary>
    public string? Again { get; private set; }

    /// <summary>The letter was asked for once more.</summary>
    public bool IsAgain { get; private set; }

    public bool IsOpen => Settings.SignUp.Mode == SignUpMode.Open;

    public IActionResult OnGet()
    {
        if (Visitor is not null) return Redirect(ReturnAddress.Home);
        if (IsOpen) Client.AskForHints(Response);
        else Response.StatusCode = 404;
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? name, string? email, string? password, string? timeZone)
    {
        (Name, Email) = (name ?? "", email ?? "");
        var outcome = await ask.Run(new SignUpForm(Name, Email, PlainPassword.From(password), timeZone, T.Culture.Name), Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        // Not by a redirect: what was typed would have to travel with it.
        (Email, Again) = (Email.Trim(), outcome.Value.Reveal());
        return Page();
    }

    public async Task<IActionResult> OnPostAgainAsync(string? again, string? email)
    {
        if (!SecretToken.TryHash(again, out var hash)) return Redirect(Address);
        (Email, Again, IsAgain) = (email ?? "", again, true);
        var outcome = await ask.Again(hash, Client);
        return outcome.Ok ? Page() : Refuse(outcome.Refusal);
    }
}
