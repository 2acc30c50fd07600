using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Workspaces;

/// <summary>A person's own place in a workspace: what they are there, what it asks of them, and the way out.</summary>
[InWorkspace(Permission.None)]
public sealed class PlacePage : WorkspacePage
{
    public void OnGet() { }

    /// <summary>Where the workspace's own part begins for somebody with this role.</summary>
    public static string Entrance(Membership place) =>
        place.Rights.Allows(Permission.UsersView) ? $"/w/{place.Slug}/users" : place.Rights.Allows(Permission.SettingsEdit) ? $"/w/{place.Slug}/settings" : $"/w/{place.Slug}";
}

/// <summary>Asks once more, then leaves.</summary>
[InWorkspace(Permission.None)]
public sealed class LeavePage(LeaveWorkspace leave) : WorkspacePage
{
    public void OnGet() { }

    public async Task<IActionResult> OnPostAsync()
    {
        var outcome = await leave.Leave(Actor, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Flash.Set(Response, "workspace_left", Actor.Workspace);
        return Redirect("/account#workspaces");
    }
}

/// <summary>An owner names who follows.</summary>
[InWorkspace(Permission.None)]
public sealed class HandOverPage(LeaveWorkspace leave, StepUp.KeptForm kept) : WorkspacePage
{
    public string? Email { get; private set; }

    public bool Stay { get; private set; }

    public async Task<IActionResult> OnGetAsync() => Actor.Membership.Rights.Rank == Rank.Owner ? Page() : await RefuseWhole(OwnershipRefusals.OwnersOnly);

    public async Task<IActionResult> OnPostAsync(string? email, bool stay)
    {
        (Email, Stay) = (email ?? "", stay);
        var outcome = await leave.HandOver(Actor, Email, Stay, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "hand_over", $"{Base}/hand-over", () => Task.CompletedTask);
        Flash.Set(Response, "handed_over", Actor.Workspace, outcome.Value.Name);
        return Redirect(Base);
    }
}
