using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>The three dots beside a person: what may be done with them.</summary>
/// <param name="IsMe">One does not act on oneself here.</param>
/// <param name="May">The role is not above that of whoever looks.</param>
public sealed record UserMenu(WorkspacePage Page, string AccountId, string Name, bool Suspended, bool IsMe, bool May, bool Small)
{
    public string Address => $"{Page.Base}/users/{AccountId}";

    /// <summary>Everyday acts first; what takes something away below the line.</summary>
    public IReadOnlyList<(string Act, string Icon)> Everyday => [(UserAct.SignOut, "log-out"), .. Page.Actor.May(Workspaces.Permission.UsersRecover) ? [(UserAct.RequestReset, "lifering")] : Array.Empty<(string, string)>()];

    public IReadOnlyList<(string Act, string Icon)> Grave => [Suspended ? (UserAct.Reactivate, "unlock") : (UserAct.Suspend, "ban"), (UserAct.Remove, "trash")];
}
