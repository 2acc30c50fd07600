using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>An owner is there again: workspaces of theirs that were to go with somebody's account open, theirs or another owner's, and go with nobody's any more. Their people hear of it.</summary>
public sealed class ReopenWorkspaces(TellMembers tellMembers)
{
    /// <summary>In the transaction that brings the owner back.</summary>
    public async Task In(WriteTx tx, Account owner, DateTimeOffset now)
    {
        // Held before the look: another owner who closes one at this moment has done so, or sees that this one is back.
        foreach (var workspace in await WorkspaceTable.OwnedBy(tx, owner.Id)) await WorkspaceTable.Hold(tx, workspace);
        foreach (var workspace in await DeletionTable.ClosedOf(tx, owner.Id)) await One(tx, workspace, owner, now);
    }

    /// <param name="owner">Whom it has as an owner.</param>
    public async Task One(WriteTx tx, string workspace, Account owner, DateTimeOffset now)
    {
        await Silently(tx, workspace, owner.Id, now);
        await tellMembers.Run(tx, "workspace_back", workspace, owner, null, now);
    }

    /// <summary>For a moment only: nobody is told.</summary>
    internal static async Task Silently(WriteTx tx, string workspace, string ownerId, DateTimeOffset now)
    {
        await WorkspaceTable.Open(tx, workspace);
        await DeletionTable.DropWorkspace(tx, workspace);
        var name = (await WorkspaceTable.ById(tx, workspace))?.Name ?? "";
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.WorkspaceReopened, ownerId, Client.Server) { ActorId = "", WorkspaceId = workspace, Personal = new Dictionary<string, string> { ["workspace"] = name } });
        tx.Announce(new Announcement("workspace_opened", workspace));
    }
}
