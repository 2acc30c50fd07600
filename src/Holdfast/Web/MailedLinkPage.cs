using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Holdfast.Web;

/// <summary>What pages that a mailed link opens share: the token moves out of the address before anything is shown, nothing tells other sites where one was, and opening it uses nothing up: mail scanners open every link.</summary>
public abstract class MailedLinkPage : HoldfastPage
{
    /// <summary>The page's own address, without the token.</summary>
    protected abstract string At { get; }

    public override Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        SecurityHeaders.NoReferrer(HttpContext);
        return base.OnPageHandlerExecutionAsync(context, next);
    }

    public async Task<IActionResult> OnGetAsync(string? token) => token is null ? await ShowAsync() : MailedLink.MoveToCookie(HttpContext, token, At);

    /// <summary>What the link leads to, or that it is over.</summary>
    protected abstract Task<IActionResult> ShowAsync();
}
