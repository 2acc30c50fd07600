using Holdfast.Features.Audit;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>An owner is there again: workspaces of theirs that were to go with somebody's account open, theirs or another owner's, and go with nobody's any more.</summary>
internal static class ReopenWorkspaces
{
    /// <summary>In the transaction that brings the owner back.</summary>
    /// <returns>Ids of those that opened.</returns>
    public static async Task<IReadOnlyList<string>> In(WriteTx tx, string accountId, DateTimeOffset now)
    {
        // Held before the look: another owner who closes one at this moment has done so, or sees that this one is back.
        foreach (var workspace in await WorkspaceTable.OwnedBy(tx, accountId)) await WorkspaceTable.Hold(tx, workspace);
        var closed = await DeletionTable.ClosedOf(tx, accountId);
        foreach (var workspace in closed) await One(tx, workspace, accountId, now);
        return closed;
    }

    /// <param name="ownerId">Whom it has as an owner.</param>
    public static async Task One(WriteTx tx, string workspace, string ownerId, DateTimeOffset now)
    {
        await WorkspaceTable.Open(tx, workspace);
        await DeletionTable.DropWorkspace(tx, workspace);
        var name = (await WorkspaceTable.ById(tx, workspace))?.Name ?? "";
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.WorkspaceReopened, ownerId, Client.Server) { ActorId = "", WorkspaceId = workspace, Personal = new Dictionary<string, string> { ["workspace"] = name } });
        tx.Announce(new Announcement("workspace_opened", workspace));
    }
}
