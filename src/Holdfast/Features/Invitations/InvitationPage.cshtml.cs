using Holdfast.Secrets;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Invitations;

/// <summary>GET shows, POST acts. Strangers make an account here; whoever is signed in accepts with theirs.</summary>
[OpenToAll]
public sealed class InvitationPage(AcceptInvitation accept) : MailedLinkPage
{
    public const string Address = "/invitation";

    /// <summary>Null when the invitation has ended.</summary>
    public Offer? Offer { get; private set; }

    public string? Name { get; private set; }

    public bool IsHere => Visitor is { } me && Offer is { } offer && me.Memberships.Any(m => m.WorkspaceId == offer.Workspace.Id);

    /// <summary>Nobody is signed in, and the invited address has no account yet.</summary>
    public bool MakesAccount => Visitor is null && Offer is { HasAccount: false } && Settings.SignUp.Mode != Configuration.SignUpMode.Closed;


    protected override string At => Address;

    public async Task<IActionResult> OnPostAsync(string? name, string? password, string? timeZone)
    {
        if (!MailedLink.TryFind(Request, out var link)) return await ShowAsync();
        Name = name ?? "";
        if (Visitor is { } me)
        {
            var joined = await accept.AsMember(me, link, Client);
            if (!joined.Ok) return await RefusedAsync(joined.Refusal);
            MailedLink.Forget(Response);
            Flash.Set(Response, "invitation_accepted", joined.Value.Name);
            return Redirect($"/w/{joined.Value.Slug}");
        }
        var made = await accept.AsNew(link, new NewPersonForm(Name, PlainPassword.From(password), timeZone), Client);
        if (!made.Ok) return await RefusedAsync(made.Refusal);
        MailedLink.Forget(Response);
        Api.SetCookies(HttpContext, made.Value);
        Flash.Set(Response, "invitation_account_made");
        return Redirect(ReturnAddress.Home);
    }

    private async Task<IActionResult> RefusedAsync(Refusal refusal)
    {
        var page = await ShowAsync();
        return Offer is null ? page : Refuse(refusal);
    }

    protected override async Task<IActionResult> ShowAsync()
    {
        Offer = MailedLink.TryFind(Request, out var link) ? await accept.Look(link) : null;
        Name ??= Offer?.Invitation.Name;
        if (Offer is null) Response.StatusCode = 404;
        else if (Visitor is null) Client.AskForHints(Response);
        return Page();
    }
}
