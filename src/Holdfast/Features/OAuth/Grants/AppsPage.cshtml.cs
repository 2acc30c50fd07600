using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.OAuth;

/// <summary>Applications that may use the person's account: those by others, which they allowed, and ours, which end with the session.</summary>
public sealed class AppsPage(ListGrants list, OAuthWords words) : HoldfastPage
{
    public const string Address = "/account/apps";

    public ApplicationsOfPerson Applications { get; private set; } = new([], []);

    /// <summary>What it may do, in a few words each.</summary>
    public IEnumerable<string> Parts(AllowedApplication app) => words.Of(app, T);

    public async Task OnGetAsync() => Applications = await list.Of(Me);
}

/// <summary>Asks once more before an application loses its access.</summary>
public sealed class RevokeAppPage(ListGrants list, RevokeGrant revoke) : HoldfastPage
{
    public AllowedApplication Application { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id) => await LoadAsync(id) is { } refusal ? await RefuseWhole(refusal) : Page();

    public async Task<IActionResult> OnPostAsync(string id)
    {
        var outcome = await revoke.Run(Me, id, Client);
        if (!outcome.Ok) return await RefuseWhole(outcome.Refusal);
        Flash.Set(Response, "app_revoked", outcome.Value);
        return Redirect(AppsPage.Address);
    }

    private async Task<Refusal?> LoadAsync(string id)
    {
        if ((await list.Of(Me)).Allowed.FirstOrDefault(a => a.Grant.Id == id) is not { } found) return RevokeGrant.NotFound;
        Application = found;
        return null;
    }
}
