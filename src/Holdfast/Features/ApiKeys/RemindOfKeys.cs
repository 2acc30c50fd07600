using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.ApiKeys;

/// <summary>Tells the maker of a key, once, that it ends soon: a program that is refused one morning helps nobody.</summary>
public sealed class RemindOfKeys(Db db, WorkspaceLetters letters, TimeProvider clock)
{
    public static readonly TimeSpan Before = TimeSpan.FromDays(7);

    /// <summary>Whoever made a key for a week or two knows when it ends.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromDays(14);

    private const int Step = 100;

    public async Task RunDue(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        while (true)
        {
            var ending = await db.Read(tx => ApiKeyTable.EndingBefore(tx, now + Before, Shortest, now, Step), stop);
            foreach (var key in ending) await db.Write(tx => Tell(tx, key, now), stop);
            if (ending.Count < Step) return;
        }
    }

    private async Task<bool> Tell(WriteTx tx, ApiKey key, DateTimeOffset now)
    {
        if (!await ApiKeyTable.NoteEndTold(tx, key, now)) return false;
        // A key that nobody stands behind does nothing already.
        if (await MemberTable.Find(tx, key.WorkspaceId, key.MadeBy) is not { } maker || key.WhyUnbacked(maker) is not null || await AccountTable.ById(tx, key.MadeBy) is not { IsActive: true } account) return false;
        await letters.Tell(tx, account, "api_key_ends", maker.Workspace, maker.ShownName ?? account.Name, now, other: key.Name, until: key.EndsAt);
        return true;
    }
}
