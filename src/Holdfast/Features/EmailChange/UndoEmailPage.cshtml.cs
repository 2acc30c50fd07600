using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.EmailChange;

/// <summary>GET shows, POST acts: mail scanners that open every link put nothing back.</summary>
[OpenToAll]
public sealed class UndoEmailPage(UndoEmailChange undo) : MailedLinkPage
{
    public const string Address = "/undo-email";

    /// <summary>Null when the link is over.</summary>
    public EmailChange? Change { get; private set; }

    public int? SignedOut { get; private set; }

    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync()
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        var change = await undo.Look(link);
        var outcome = await undo.Run(link, Client);
        if (!outcome.Ok)
        {
            await ShowAsync();
            return Change is null ? Page() : Refuse(outcome.Refusal);
        }
        MailedLink.Forget(Response);
        Api.ForgetSession(HttpContext);
        (Change, SignedOut) = (change, outcome.Value);
        return Page();
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        Change = MailedLink.TryFind(Request, out var link) ? await undo.Look(link) : null;
        if (Change is null) Response.StatusCode = 404;
        return Page();
    }
}
