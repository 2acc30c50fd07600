using Holdfast.Features.SignUp;
using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.EmailChange;

/// <summary>GET shows, POST acts. Two kinds of letters lead here: about another address, which takes a session of the account, and about a new account, which takes its password.</summary>
[OpenToAll]
public sealed class ConfirmEmailPage(ConfirmEmail confirm, ConfirmSignUp confirmSignUp) : MailedLinkPage
{
    public const string Address = "/confirm-email";

    /// <summary>Null when the link is over.</summary>
    public EmailChange? Change { get; private set; }

    /// <summary>The account that the link makes; null when it is about something else.</summary>
    public OpenSignUp? SignUp { get; private set; }

    public bool IsMine => Visitor is { } me && me.Account.Id == Change?.AccountId;

    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync(string? password)
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        if (await confirmSignUp.Look(link) is not null) return await MakeAccountAsync(link, PlainPassword.From(password));
        if (Visitor is not { } me) return Redirect($"/sign-in?return={Uri.EscapeDataString(Address)}");
        var outcome = await confirm.Run(me, link, Client);
        if (!outcome.Ok)
        {
            await ShowAsync();
            return Change is null ? Page() : Refuse(outcome.Refusal);
        }
        MailedLink.Forget(Response);
        Flash.Set(Response, "email_changed", outcome.Value.NewEmail);
        return Redirect("/account");
    }

    private async Task<IActionResult> MakeAccountAsync(TokenHash link, PlainPassword password)
    {
        var outcome = await confirmSignUp.Run(link, password, Client);
        if (!outcome.Ok)
        {
            await ShowAsync();
            // The last try at the password, or somebody was quicker: there is no form left to say it at.
            return SignUp is not null || outcome.Refusal == SignUpRefusals.Taken ? Refuse(outcome.Refusal) : Page();
        }
        MailedLink.Forget(Response);
        Api.SetCookies(HttpContext, outcome.Value);
        Flash.Set(Response, "sign_up_done");
        return Redirect(ReturnAddress.Home);
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        if (MailedLink.TryFind(Request, out var link))
        {
            Change = await confirm.Look(link);
            SignUp = Change is null ? await confirmSignUp.Look(link) : null;
        }
        if (SignUp is not null) Client.AskForHints(Response);
        else if (Change is null) Response.StatusCode = 404;
        return Page();
    }
}
