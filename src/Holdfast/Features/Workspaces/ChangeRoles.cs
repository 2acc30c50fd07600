using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <param name="Permissions">Of <see cref="Permission.All"/>, at least one.</param>
public sealed record RoleForm(string Name, IReadOnlyList<string> Permissions);

/// <summary>The roles of a workspace's own. Nobody puts into a role, or takes out of one, what they may not do themselves.</summary>
public sealed class ChangeRoles(Db db, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c>, <c>role.more_than_yours</c> (403), <c>role.name_taken</c>, <c>role.too_many</c> (409), and at the fields <c>form.…</c>, <c>role.empty</c>, <c>role.permission_unknown</c> (400).</summary>
    public async Task<Outcome<Role>> Make(WorkspaceActor actor, RoleForm form, Client client)
    {
        var now = clock.GetUtcNow();
        var role = new Role(Ids.New(now), form.Name.Trim(), Role.Sort(form.Permissions));
        if (Unfit(actor, role, form) is { } wrong) return wrong;
        return await db.Write<Outcome<Role>>(async tx =>
        {
            var again = await actor.Again(tx, Permission.SettingsEdit);
            if (!again.Ok) return again.Refusal;
            if (again.Value.Rights.WhyNotMake(role.Permissions) is { } more) return more;
            if (await RoleTable.Count(tx, actor.WorkspaceId) >= Role.Most) return RoleRefusals.TooMany;
            if (!await RoleTable.Insert(tx, actor.WorkspaceId, role, actor.Me.Account.Id, now)) return RoleRefusals.NameTaken;
            await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.RoleMade, actor, actor.Me.Account.Id, client, role));
            return role;
        });
    }

    /// <summary>Counts from everybody's next click on. Refuses as <see cref="Make"/>, and with <c>role.built_in</c> (409), <c>role.unknown</c> (404).</summary>
    public async Task<Outcome<Role>> Change(WorkspaceActor actor, string id, RoleForm form, Client client)
    {
        var role = new Role(id, form.Name.Trim(), Role.Sort(form.Permissions));
        if (Unfit(actor, role, form) is { } wrong) return wrong;
        return await db.Write<Outcome<Role>>(async tx =>
        {
            var again = await actor.Again(tx, Permission.SettingsEdit);
            if (!again.Ok) return again.Refusal;
            if (await RoleTable.Find(tx, actor.WorkspaceId, id) is not { } before) return RoleRefusals.Unknown;
            if (!before.IsCustom) return RoleRefusals.BuiltIn;
            if (again.Value.Rights.WhyNotMake(before.Permissions.Union(role.Permissions, StringComparer.Ordinal)) is { } more) return more;
            if (!await RoleTable.Change(tx, actor.WorkspaceId, role)) return RoleRefusals.NameTaken;
            await AuditLog.Record(tx, clock.GetUtcNow(), WorkspaceEvent.Of(AuditKind.RoleChanged, actor, actor.Me.Account.Id, client, role));
            tx.Announce(new Announcement("workspace", actor.WorkspaceId));
            return role;
        });
    }

    /// <summary>Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c>, <c>role.more_than_yours</c> (403), <c>role.built_in</c>, <c>role.in_use</c> (409), <c>role.unknown</c> (404).</summary>
    /// <returns>The role that is gone.</returns>
    public async Task<Outcome<Role>> Delete(WorkspaceActor actor, string id, Client client)
    {
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        return await db.Write<Outcome<Role>>(async tx =>
        {
            var again = await actor.Again(tx, Permission.SettingsEdit);
            if (!again.Ok) return again.Refusal;
            if (await RoleTable.Find(tx, actor.WorkspaceId, id) is not { } role) return RoleRefusals.Unknown;
            if (!role.IsCustom) return RoleRefusals.BuiltIn;
            if (again.Value.Rights.WhyNotMake(role.Permissions) is { } more) return more;
            if (!await RoleTable.Delete(tx, actor.WorkspaceId, id)) return RoleRefusals.InUse;
            await AuditLog.Record(tx, clock.GetUtcNow(), WorkspaceEvent.Of(AuditKind.RoleDeleted, actor, actor.Me.Account.Id, client, role));
            return role;
        });
    }

    private Refusal? Unfit(WorkspaceActor actor, Role role, RoleForm form) =>
        RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) ?? Refusal.Combine([
            Fields.Line(role.CustomName!, "name", Role.LongestName) ?? (Role.BuiltIn.Any(b => RoleTable.NameKey(role.CustomName!) == b.Key) ? RoleRefusals.NameTaken : null),
            form.Permissions.Any(p => !Permission.All.Contains(p, StringComparer.Ordinal)) ? RoleRefusals.PermissionUnknown : role.Permissions.Count == 0 ? RoleRefusals.Empty : null]);
}
