using Holdfast.Features.StepUp;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.OAuth;

/// <summary>Applications by others that people of the workspace let into it.</summary>
[InWorkspace(Permission.UsersView)]
public sealed class MemberAppsPage(ListGrants list, OAuthWords words) : WorkspacePage
{
    public MemberGrants Grants { get; private set; } = new([], null);

    public bool MayRevoke => Actor.May(Permission.UsersEdit);

    public IEnumerable<string> Parts(MemberGrant grant) => words.Of(grant, Actor.Workspace, T);

    public async Task OnGetAsync(string? before) => Grants = await list.InWorkspace(Actor, before);
}

/// <summary>Asks once more before what a member allowed an application is taken back.</summary>
[InWorkspace(Permission.UsersEdit)]
public sealed class RevokeMemberAppPage(LookAtUser look, ListGrants list, RevokeMemberGrant revoke, KeptForm kept) : OneUserPage(look)
{
    public AllowedApplication Application { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id, string grant)
    {
        if (await LoadAsync(id, grant) is { } refusal) return await RefuseWhole(refusal);
        return IsNotAbove ? Page() : await RefuseWhole(RoleRefusals.AboveYours);
    }

    public async Task<IActionResult> OnPostAsync(string id, string grant)
    {
        if (await LoadAsync(id, grant) is { } missing) return await RefuseWhole(missing);
        var outcome = await revoke.Run(Actor, id, grant, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "member", $"{Address}/apps/{grant}", () => Task.CompletedTask);
        Flash.Set(Response, "member_app_revoked", outcome.Value, Person.Name);
        return Redirect(Actor.May(Permission.UsersView) ? Address : Base);
    }

    private async Task<Refusal?> LoadAsync(string id, string grant)
    {
        if (await LoadAsync(id) is { } refusal) return refusal;
        if ((await list.OfMember(Actor, Person)).FirstOrDefault(a => a.Grant.Id == grant) is not { } found) return RevokeGrant.NotFound;
        Application = found;
        return null;
    }
}
