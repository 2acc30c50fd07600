using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>The three dots beside a person: what may be done with them.</summary>
/// <param name="IsMe">One does not act on oneself here.</param>
/// <param name="May">The role is not above that of whoever looks.</param>
public sealed record UserMenu(WorkspacePage Page, string AccountId, string Name, bool Suspended, bool IsMe, bool May, bool Small)
{
    public string Address => $"{Page.Base}/users/{AccountId}";

    /// <summary>Everyday acts first; what takes something away below the line.</summary>
    public IReadOnlyList<(string Act, string Icon)> Everyday => Allowed((UserAct.Recover, "mail"), (UserAct.SignOut, "log-out"), (UserAct.RequestReset, "lifering"));

    public IReadOnlyList<(string Act, string Icon)> Grave => Allowed(Suspended ? (UserAct.Reactivate, "unlock") : (UserAct.Suspend, "ban"), (UserAct.Remove, "trash"));

    private IReadOnlyList<(string Act, string Icon)> Allowed(params (string Act, string Icon)[] acts) => [.. acts.Where(a => Page.Actor.May(UserAct.Needs(a.Act)))];
}
