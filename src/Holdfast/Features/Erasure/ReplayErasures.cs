using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>
/// After an older backup was restored: whoever stands in the list and is in the database again is erased again, from the first step, with the keys that the systems know from the first time; and no workspace is left without an owner by
/// it. At the start of the server, before anybody can sign in: nobody else knows all its connectors.
/// </summary>
public sealed class ReplayErasures(Db db, BeginErasure begin, ErasureLetters letters, TimeProvider clock, HoldfastSettings settings, ILogger<ReplayErasures> logger)
{
    /// <returns>How many accounts are erased again.</returns>
    public async Task<int> Run(IReadOnlyList<ErasedEntry> entries)
    {
        var again = 0;
        foreach (var entry in entries)
        {
            if (await db.Read(tx => IsBack(tx, entry)) && await db.Write(tx => Begin(tx, entry))) again++;
        }
        return again;
    }

    private static async Task<bool> IsBack(ReadTx tx, ErasedEntry entry) => await AccountTable.ById(tx, entry.AccountId) is { ErasingAt: null };

    private async Task<bool> Begin(WriteTx tx, ErasedEntry entry)
    {
        var now = clock.GetUtcNow();
        foreach (var workspace in await WorkspaceTable.OwnedBy(tx, entry.AccountId)) await WorkspaceTable.Hold(tx, workspace);
        await AccountTable.Hold(tx, entry.AccountId);
        if (!await IsBack(tx, entry)) return false;
        var open = await DeletionTable.OpenOf(tx, entry.AccountId);
        if (open is not null && open.Id != entry.DeletionId)
        {
            // The backup is from the days of grace of an earlier deletion, which the person called off: its keys are not those that the systems know.
            await DeletionTable.Keep(tx, open, now);
            foreach (var workspace in await DeletionTable.Workspaces(tx, open)) await ReopenWorkspaces.Silently(tx, workspace, entry.AccountId, now);
            open = null;
        }
        if (open is null)
        {
            // The backup is from before the person asked: the deletion comes back under its own id, and with it the keys of its steps and the address of its receipt.
            open = new DeletionCase
            {
                AccountId = entry.AccountId, Id = entry.DeletionId, Number = await DeletionTable.TakeNumber(tx, entry.Number), State = DeletionState.Grace, AskedAt = entry.At, DueAt = entry.At,
            };
            await DeletionTable.Insert(tx, open);
        }
        foreach (var place in await WorkspaceTable.SoleOwnerOf(tx, entry.AccountId)) await Decide(tx, open, entry, place, now);
        return await begin.In(tx, open, BegunBy.Restore, Client.Server, "", now);
    }

    /// <summary>As the person decided, where the list tells it and it can still be so. Else one that holds nobody else goes, and in any other the member takes over who would most naturally, and operators hear of it.</summary>
    private async Task Decide(WriteTx tx, DeletionCase open, ErasedEntry entry, SoleWorkspace place, DateTimeOffset now)
    {
        var fate = entry.Workspaces.FirstOrDefault(one => one.WorkspaceId == place.Id);
        if (fate is { HeirId: { } chosen } && await CanOwn(tx, place.Id, chosen))
        {
            await Give(tx, open, place, chosen, now);
            return;
        }
        if (fate is { HeirId: null } || place.People == 1)
        {
            await WorkspaceTable.Close(tx, place.Id, now);
            await DeletionTable.AddWorkspace(tx, open, place.Id, null);
            return;
        }
        var heir = await WorkspaceTable.LikelyHeir(tx, place.Id, entry.AccountId);
        if (heir is not null) await Give(tx, open, place, heir.Id, now);
        await letters.NewOwner(tx, place.Name, heir?.Name, now);
        logger.LogWarning("Workspace {Workspace} lost its owner to a deletion that was made again after a restore; its owner is now {Heir}", place.Id, heir?.Id ?? "nobody");
    }

    private static async Task<bool> CanOwn(ReadTx tx, string workspaceId, string accountId) =>
        await MemberTable.Find(tx, workspaceId, accountId) is { SuspendedAt: null } && await AccountTable.ById(tx, accountId) is { IsActive: true };

    private async Task Give(WriteTx tx, DeletionCase open, SoleWorkspace place, string heirId, DateTimeOffset now)
    {
        await MemberTable.MakeOwner(tx, place.Id, heirId);
        await DeletionTable.AddWorkspace(tx, open, place.Id, heirId);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.OwnershipReceived, heirId, Client.Server)
        {
            ActorId = "", WorkspaceId = place.Id, Data = new Dictionary<string, string> { ["role"] = Role.Owner.Key }, Personal = new Dictionary<string, string> { ["workspace"] = place.Name, ["by"] = settings.Product.Name },
        });
        tx.Announce(new Announcement("account", heirId));
    }
}
