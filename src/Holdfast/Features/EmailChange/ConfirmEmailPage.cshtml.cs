using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.EmailChange;

/// <summary>GET shows, POST acts. Open to strangers only so that the link leaves the address bar before they sign in: acting takes a session of the account.</summary>
[OpenToAll]
public sealed class ConfirmEmailPage(ConfirmEmail confirm) : MailedLinkPage
{
    public const string Address = "/confirm-email";

    /// <summary>Null when the link is over.</summary>
    public EmailChange? Change { get; private set; }

    public bool IsMine => Visitor is { } me && me.Account.Id == Change?.AccountId;

    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
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

    protected override async Task<IActionResult> ShowAsync()
    {
        Change = MailedLink.TryFind(Request, out var link) ? await confirm.Look(link) : null;
        if (Change is null) Response.StatusCode = 404;
        return Page();
    }
}
