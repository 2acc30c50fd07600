using Holdfast.Features.Audit;
using Holdfast.Features.OAuth;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Users;

/// <summary>What the pages about one person share.</summary>
public abstract class OneUserPage(LookAtUser look) : WorkspacePage
{
    public User Person { get; private set; } = null!;

    public string Address => $"{Base}/users/{Person.Account.Id}";

    /// <summary>The person's role is not above that of whoever looks.</summary>
    public bool IsNotAbove => Actor.Membership.Rights.WhyNotActOn(Person.Membership.Rights) is null;

    public bool MayAct => Actor.May(Permission.UsersEdit) && IsNotAbove;

    protected async Task<Refusal?> LoadAsync(string id)
    {
        var outcome = await look.Run(Actor, id);
        if (!outcome.Ok) return outcome.Refusal;
        Person = outcome.Value;
        return null;
    }
}

/// <summary>One person: profile, how safe the account is, what happened lately.</summary>
[InWorkspace(Permission.UsersView)]
public sealed class UserPage(LookAtUser look, ListGrants grants, OAuthWords words) : OneUserPage(look)
{
    private const int EventsShown = 15;

    private readonly LookAtUser _look = look;

    /// <summary>What they let applications by others do here.</summary>
    public IReadOnlyList<AllowedApplication> Applications { get; private set; } = [];

    public IEnumerable<string> Parts(AllowedApplication app) => words.Of(app, T);

    public ActivityPage Events { get; private set; } = new([], null);

    public UserMenu Menu => new(this, Person.Account.Id, Person.Name, Person.Membership.SuspendedAt is not null, Person.Account.Id == Me.Account.Id, IsNotAbove, Small: false);

    public bool MayRequestReset => Actor.May(Permission.UsersRecover) && Person.Factors.Count > 0 && Person.Account.Id != Me.Account.Id && Actor.Membership.Rights.WhyNotActOn(Person.Membership.Rights) is null;

    public string FactorsInWords => string.Join(", ", Person.Factors.GroupBy(method => method, StringComparer.Ordinal).Select(kind => T.Count($"user.factor.{kind.Key}", kind.Count())));

    public async Task<IActionResult> OnGetAsync(string id, string? after)
    {
        if (await LoadAsync(id) is { } refusal) return await RefuseWhole(refusal);
        Applications = await grants.OfMember(Actor, Person);
        Events = await _look.Events(Actor, Person, after, T, EventsShown);
        return Page();
    }
}

/// <summary>The name shown here, and the role.</summary>
[InWorkspace(Permission.UsersEdit)]
public sealed class EditUserPage(LookAtUser look, ActOnUser act, Db db, KeptForm kept) : OneUserPage(look)
{
    public string? Name { get; private set; }

    public string Role { get; private set; } = "";

    /// <summary>Roles that may be given by whoever looks, and the one that the person has.</summary>
    public IReadOnlyList<Role> Roles { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string id)
    {
        if (await LoadAllAsync(id) is { } refusal) return await RefuseWhole(refusal);
        if (!MayAct) return await RefuseWhole(RoleRefusals.AboveYours);
        (Name, Role) = (Person.Membership.ShownName, Person.Membership.Role);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, string? name, string? role)
    {
        if (await LoadAllAsync(id) is { } missing) return await RefuseWhole(missing);
        (Name, Role) = (name, role ?? Person.Membership.Role);
        var outcome = await act.Edit(Actor, id, name ?? "", role, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "member", $"{Address}/edit", () => Task.CompletedTask);
        Flash.Set(Response, "user_saved");
        return Redirect(id == Me.Account.Id ? Base : Address);
    }

    private async Task<Refusal?> LoadAllAsync(string id)
    {
        if (await LoadAsync(id) is { } refusal) return refusal;
        var own = await db.Read(tx => RoleTable.Of(tx, Actor.WorkspaceId));
        Roles = [.. Workspaces.Role.BuiltIn.Take(2).Concat(own.Select(r => r.Role)).Append(Workspaces.Role.Member).Where(role => role.Key == Person.Membership.Role || Actor.Membership.Rights.WhyNotGrant(role) is null)];
        return null;
    }
}

/// <summary>Asks once more before a letter goes out by which the person chooses a new password.</summary>
[InWorkspace(Permission.UsersRecover)]
public sealed class RecoverUserPage(LookAtUser look, ActOnUser actOn, KeptForm kept) : OneUserPage(look)
{
    public async Task<IActionResult> OnGetAsync(string id)
    {
        if (await LoadAsync(id) is { } refusal) return await RefuseWhole(refusal);
        return IsNotAbove ? Page() : await RefuseWhole(RoleRefusals.AboveYours);
    }

    public async Task<IActionResult> OnPostAsync(string id)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        var outcome = await actOn.Recover(Actor, id, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "member", $"{Address}/{UserAct.Recover}", () => Task.CompletedTask);
        Flash.Set(Response, "user_password-recovery", Person.Name);
        return Redirect(Actor.May(Permission.UsersView) ? Address : Base);
    }
}

/// <summary>Asks once more before something is done with a person, then says what happened.</summary>
[InWorkspace(Permission.UsersEdit)]
public sealed class ConfirmUserPage(LookAtUser look, ActOnUser actOn, KeptForm kept) : OneUserPage(look)
{
    /// <summary>One of <see cref="UserAct"/>.</summary>
    public string Act { get; private set; } = "";

    public string Icon => Act switch { UserAct.SignOut => "log-out", UserAct.Suspend => "ban", UserAct.Reactivate => "unlock", _ => "trash" };

    public async Task<IActionResult> OnGetAsync(string id, string act)
    {
        if (await LoadAsync(id, act) is { } refusal) return await RefuseWhole(refusal);
        // Said before anybody presses a button that cannot work.
        if (!MayAct) return await RefuseWhole(RoleRefusals.AboveYours);
        if (Act == UserAct.SignOut && ActOnUser.WhyNotAccountWide(Me.Account, Person) is { } beyond) return Refuse(beyond);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, string act)
    {
        if (await LoadAsync(id, act) is { } missing) return await RefuseWhole(missing);
        var outcome = Act switch
        {
            UserAct.SignOut => await actOn.SignOut(Actor, id, Client),
            UserAct.Suspend => await actOn.Suspend(Actor, id, Client),
            UserAct.Reactivate => await actOn.Reactivate(Actor, id, Client),
            _ => await actOn.Remove(Actor, id, Client),
        };
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "member", $"{Address}/{Act}", () => Task.CompletedTask);
        Flash.Set(Response, $"user_{Act}", Person.Name);
        return Redirect(Act == UserAct.Remove ? $"{Base}/users" : Address);
    }

    private async Task<Refusal?> LoadAsync(string id, string act)
    {
        Act = act;
        return UserAct.All.Contains(act, StringComparer.Ordinal) && act != UserAct.Recover ? await LoadAsync(id) : new Refusal("request.not_found", 404);
    }
}
