using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.NotMe;

/// <summary>GET shows, POST acts: mail scanners that open every link must not sign people out.</summary>
[OpenToAll]
public sealed class NotMePage(NotMe notMe) : MailedLinkPage
{
    public bool IsOpen { get; private set; }

    public int? SignedOut { get; private set; }

    protected override string At => "/not-me";

    public async Task<IActionResult> OnPostAsync()
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        var outcome = await notMe.Run(link, Client);
        if (!outcome.Ok) return await ShowAsync();
        MailedLink.Forget(Response);
        Api.ForgetSession(HttpContext);
        SignedOut = outcome.Value;
        return Page();
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        IsOpen = MailedLink.TryFind(Request, out var link) && await notMe.IsOpen(link);
        if (!IsOpen) Response.StatusCode = 404;
        return Page();
    }
}
