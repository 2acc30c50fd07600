using Holdfast.Features.Accounts;
using Holdfast.Features.Deletion;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>
/// After an older backup was restored: whoever stands in the list and is in the database again is erased again, from the first step, with the keys that the systems know from the first time. At the start, before anybody can sign in,
/// and by <c>holdfast erasure replay</c>.
/// </summary>
public sealed class ReplayErasures(Db db, BeginErasure begin, TimeProvider clock)
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
        await AccountTable.Hold(tx, entry.AccountId);
        if (!await IsBack(tx, entry)) return false;
        if (await DeletionTable.OpenOf(tx, entry.AccountId) is not { } open)
        {
            // The backup is from before the person asked: the deletion comes back under its own id, and with it the keys of its steps.
            open = new DeletionCase
            {
                AccountId = entry.AccountId, Id = entry.DeletionId, Number = await DeletionTable.NextNumber(tx), State = DeletionState.Grace, AskedAt = entry.At, DueAt = entry.At,
            };
            await DeletionTable.Insert(tx, open);
        }
        return await begin.In(tx, open, BegunBy.Restore, Client.Server, "", now);
    }
}
