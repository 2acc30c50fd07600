using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>
/// Looks at each workspace that was to go with an account once more, holding it: it goes only where nobody is left who could keep it, and then nothing brings it back. Before the first system is told which ones go; and before they are emptied here.
/// </summary>
public sealed class SettleWorkspaces(ReopenWorkspaces reopen, TimeProvider clock)
{
    /// <returns>Ids of those that go: the same at every call from the first on.</returns>
    public async Task<IReadOnlyList<string>> In(WriteTx tx, DeletionCase running)
    {
        var going = new List<string>();
        foreach (var workspace in await DeletionTable.Workspaces(tx, running)) if (await One(tx, running, workspace)) going.Add(workspace);
        return going;
    }

    /// <returns>Whether it goes.</returns>
    public async Task<bool> One(WriteTx tx, DeletionCase running, string workspace)
    {
        if (!await WorkspaceTable.Hold(tx, workspace)) return false;
        if (await DeletionTable.IsEmptied(tx, running, workspace)) return true;
        if (await HoldOtherOwner(tx, workspace, running.AccountId) is not { } other)
        {
            await DeletionTable.NoteEmptied(tx, running, workspace, clock.GetUtcNow());
            return true;
        }
        if (other.ClosedAt is not null && await DeletionTable.OpenOf(tx, other.AccountId) is { State: DeletionState.Grace } theirs)
        {
            // Who owns it beside the person may still keep their account: it stays closed, and goes with theirs or comes back with it.
            await DeletionTable.DropWorkspace(tx, workspace);
            await DeletionTable.AddWorkspace(tx, theirs, workspace, null);
        }
        else await reopen.One(tx, workspace, (await AccountTable.ById(tx, other.AccountId))!, clock.GetUtcNow());
        return false;
    }

    /// <summary>Looked for again once they are held: a deletion of theirs that begins at this moment has begun, and they own nothing any more, or it sees this workspace among its own.</summary>
    private static async Task<OtherOwner?> HoldOtherOwner(WriteTx tx, string workspace, string accountId)
    {
        OtherOwner? other;
        for (var held = ""; (other = await WorkspaceTable.OtherOwner(tx, workspace, accountId)) is not null && other.AccountId != held; held = other.AccountId) await AccountTable.Hold(tx, other.AccountId);
        return other;
    }
}
