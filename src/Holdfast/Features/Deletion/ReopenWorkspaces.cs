using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Deletion;

/// <summary>An owner is there again: workspaces of theirs that were to go with somebody's account open, theirs or another owner's, and go with nobody's any more.</summary>
internal static class ReopenWorkspaces
{
    /// <summary>In the transaction that brings the owner back.</summary>
    public static async Task In(WriteTx tx, string accountId)
    {
        // Held before the look: another owner who closes one at this moment has done so, or sees that this one is back.
        foreach (var workspace in await WorkspaceTable.OwnedBy(tx, accountId)) await WorkspaceTable.Hold(tx, workspace);
        foreach (var workspace in await DeletionTable.ClosedOf(tx, accountId)) await One(tx, workspace);
    }

    public static async Task One(WriteTx tx, string workspace)
    {
        await WorkspaceTable.Open(tx, workspace);
        await DeletionTable.DropWorkspace(tx, workspace);
        tx.Announce(new Announcement("workspace_opened", workspace));
    }
}
