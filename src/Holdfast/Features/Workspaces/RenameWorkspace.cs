using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>Another name for a workspace. Its address stays: programs use it.</summary>
public sealed class RenameWorkspace(Db db, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="WorkspaceActor.Again"/>, and at the field <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c> (400).</summary>
    public async Task<Outcome<Done>> Run(WorkspaceActor actor, string name, Client client)
    {
        name = name.Trim();
        if (Fields.Line(name, "name", WorkspaceTable.LongestName) is { } wrong) return wrong;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            if (await actor.Again(tx, Permission.SettingsEdit) is { Ok: false } refused) return refused.Refusal;
            await WorkspaceTable.Rename(tx, actor.WorkspaceId, name);
            await AuditLog.Record(tx, clock.GetUtcNow(), WorkspaceEvent.Of(AuditKind.WorkspaceRenamed, actor, actor.Me.Account.Id, client, name: name));
            tx.Announce(new Announcement("workspace", actor.WorkspaceId));
            return Done.It;
        });
    }
}
