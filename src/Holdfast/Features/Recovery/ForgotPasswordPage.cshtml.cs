using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Recovery;

/// <summary>"Recover Password": an address in, the same answer for every address out.</summary>
[OpenToAll]
public sealed class ForgotPasswordPage(RequestRecovery request) : HoldfastPage
{
    public const string Address = "/forgot-password";

    public string? Email { get; private set; }

    /// <summary>What was typed, once it is written down that somebody asked.</summary>
    public string? AskedFor { get; private set; }

    public void OnGet() => Client.AskForHints(Response);

    public async Task<IActionResult> OnPostAsync(string? email)
    {
        Email = email ?? "";
        var outcome = await request.Run(Email, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        // Not by a redirect: what was typed would have to travel with it. Sent again by a reload, it changes nothing within the minute.
        AskedFor = Email.Trim();
        return Page();
    }
}
