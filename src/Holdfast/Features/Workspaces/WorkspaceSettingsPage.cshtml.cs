using Holdfast.Features.Accounts;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Workspaces;

/// <summary>A workspace's name, its two-factor rule and its roles.</summary>
[InWorkspace(Permission.SettingsEdit)]
public sealed class WorkspaceSettingsPage(Db db, RenameWorkspace rename, RequireTwoFactor require, KeptForm kept) : WorkspacePage
{
    public string? Name { get; private set; }

    public WorkspaceRow Row { get; private set; } = null!;

    public IReadOnlyList<RoleRow> Roles { get; private set; } = [];

    public Affected Affected { get; private set; } = new(0, 0, []);

    /// <summary>Who turned the rule on; null when it is off or they are gone.</summary>
    public string? SetBy { get; private set; }

    public Task OnGetAsync() => LoadAsync();

    public async Task<IActionResult> OnPostAsync(string? name)
    {
        Name = name ?? "";
        var outcome = await rename.Run(Actor, Name, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "", Base + "/settings", LoadAsync);
        Flash.Set(Response, "workspace_renamed");
        return Redirect(Base + "/settings");
    }

    /// <summary>"Everyone" goes on to the page that shows whom it affects; "owners and admins" turns the rule off.</summary>
    public async Task<IActionResult> OnPostTwoFactorAsync(string? rule, int? grace)
    {
        if (rule == "all") return Redirect($"{Base}/settings/two-factor?grace={Math.Clamp(grace ?? 0, 0, RequireTwoFactor.MostDays)}");
        await LoadAsync();
        if (Row.EveryoneSince is null) return Redirect(Base + "/settings#two-factor");
        var outcome = await require.TurnOff(Actor, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "workspace_two_factor", Base + "/settings", LoadAsync);
        Flash.Set(Response, "workspace_two_factor_off");
        return Redirect(Base + "/settings");
    }

    private async Task LoadAsync()
    {
        (Row, Roles, SetBy) = await db.Read(async tx =>
        {
            var row = (await WorkspaceTable.ById(tx, Actor.WorkspaceId))!;
            return (row, await RoleTable.Of(tx, row.Id), row.EveryoneBy is { } by ? (await AccountTable.ById(tx, by))?.Name : null);
        });
        Affected = await require.Look(Actor);
        Name ??= Row.Name;
    }
}

/// <summary>Whom the rule for everybody would meet, before it is turned on.</summary>
[InWorkspace(Permission.SettingsEdit)]
public sealed class EveryonePage(RequireTwoFactor require, KeptForm kept) : WorkspacePage
{
    public int Grace { get; private set; }

    public Affected Affected { get; private set; } = new(0, 0, []);

    public DateTimeOffset From => Now.AddDays(Grace);

    public async Task OnGetAsync(int? grace)
    {
        Grace = Math.Clamp(grace ?? 14, 0, RequireTwoFactor.MostDays);
        await LoadAsync();
    }

    public async Task<IActionResult> OnPostAsync(int? grace, bool mail)
    {
        Grace = Math.Clamp(grace ?? 14, 0, RequireTwoFactor.MostDays);
        var outcome = await require.TurnOn(Actor, grace ?? -1, mail, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "workspace_two_factor", $"{Base}/settings/two-factor?grace={Grace}", LoadAsync);
        Flash.Set(Response, outcome.Value switch { 0 => "workspace_two_factor_on", 1 => "workspace_two_factor_on.one", _ => "workspace_two_factor_on.other" }, outcome.Value.ToString(T.Culture));
        return Redirect(Base + "/settings");
    }

    private async Task LoadAsync() => Affected = await require.Look(Actor);
}

/// <summary>A role of the workspace's own: made, renamed, changed, deleted.</summary>
[InWorkspace(Permission.SettingsEdit)]
public sealed class RolePage(Db db, ChangeRoles roles, KeptForm kept) : WorkspacePage
{
    public const string New = "new";

    /// <summary>Null while it is being made.</summary>
    public RoleRow? Row { get; private set; }

    public string Name { get; private set; } = "";

    public IReadOnlyList<string> Chosen { get; private set; } = [];

    public async Task<IActionResult> OnGetAsync(string role)
    {
        if (!await LoadAsync(role)) return await RefuseWhole(RoleRefusals.Unknown);
        if (Row is not null) (Name, Chosen) = (Row.Name, Row.Role.Permissions);
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string role, string? name, string[]? permissions)
    {
        (Name, Chosen) = (name ?? "", permissions ?? []);
        var form = new RoleForm(Name, Chosen);
        var outcome = role == New ? await roles.Make(Actor, form, Client) : await roles.Change(Actor, role, form, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "role", $"{Base}/settings/roles/{Uri.EscapeDataString(role)}", () => LoadAsync(role));
        Flash.Set(Response, role == New ? "role_made" : "role_changed", outcome.Value.CustomName!);
        return Redirect(Base + "/settings#roles");
    }

    public async Task<IActionResult> OnPostDeleteAsync(string role)
    {
        var outcome = await roles.Delete(Actor, role, Client);
        if (!outcome.Ok)
        {
            await LoadAsync(role);
            if (Row is not null) (Name, Chosen) = (Row.Name, Row.Role.Permissions);
            return await RefusedAsync(outcome.Refusal, kept, "role", $"{Base}/settings/roles/{Uri.EscapeDataString(role)}", () => Task.CompletedTask);
        }
        Flash.Set(Response, "role_deleted", outcome.Value.CustomName!);
        return Redirect(Base + "/settings#roles");
    }

    private async Task<bool> LoadAsync(string role)
    {
        if (role == New) return true;
        Row = (await db.Read(tx => RoleTable.Of(tx, Actor.WorkspaceId))).FirstOrDefault(r => r.Id == role);
        return Row is not null;
    }
}
