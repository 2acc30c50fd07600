using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.ResetCases;

/// <summary>GET shows, POST acts: mail scanners that open every link stop nothing. Whoever is signed in finds their own case here without a link.</summary>
[OpenToAll]
public sealed class StopResetPage(StopReset stop) : MailedLinkPage
{
    public const string Address = "/stop-reset";

    /// <summary>Null when the link is over, or there is no case.</summary>
    public OpenReset? Open { get; private set; }

    public bool Stopped { get; private set; }

    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = MailedLink.TryFind(Request, out var link) && await stop.Look(link) is not null ? await stop.ByLink(link, Client)
            : Visitor is { } me ? await stop.ByPerson(me, Client)
            : NotMe.LinkRefusals.Over;
        if (!outcome.Ok) return await ShowAsync();
        MailedLink.Forget(Response);
        (Open, Stopped) = (outcome.Value, true);
        return Page();
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        Open = MailedLink.TryFind(Request, out var link) ? await stop.Look(link) : null;
        if (Open is null && Visitor is { } me) Open = await stop.Mine(me);
        if (Open is null) Response.StatusCode = 404;
        return Page();
    }
}
