using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Deletion;

/// <summary>GET shows, POST acts: mail scanners that open every link keep nothing. It signs nobody in.</summary>
[OpenToAll]
public sealed class KeepAccountPage(KeepAccount keep) : MailedLinkPage
{
    public const string Address = "/keep-account";

    /// <summary>Null when the link is over.</summary>
    public OpenDeletion? Open { get; private set; }

    public bool Kept { get; private set; }

    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = MailedLink.TryFind(Request, out var link) ? await keep.ByLink(link, Client) : NotMe.LinkRefusals.Over;
        if (!outcome.Ok) return await ShowAsync();
        MailedLink.Forget(Response);
        (Open, Kept) = (outcome.Value, true);
        return Page();
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        Open = MailedLink.TryFind(Request, out var link) ? await keep.Look(link) : null;
        if (Open is null) Response.StatusCode = 404;
        return Page();
    }
}
