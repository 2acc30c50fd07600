using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

/// <summary>
/// Deletes entries of the security log that are older than <c>Audit:KeepDays</c>. First the end of the chain says, under its seal, up to which number and hash, and an entry of the chain itself tells of it; then the rows go. What is left follows that hash.
/// </summary>
public sealed class PruneAudit(Db db, KeyRing keys, TimeProvider clock, HoldfastSettings settings)
{
    private const int Step = 500;

    /// <summary>A chain is shortened once a day: an entry about it each time is then no noise.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    public async Task Run(CancellationToken stop)
    {
        if (settings.Audit.Keep is { } keep)
        {
            var now = clock.GetUtcNow();
            foreach (var head in (await db.Read(AuditChainTable.Heads, stop)).Where(head => head.PrunedAt is null || now - head.PrunedAt >= Pause))
            {
                if (await LastOlderThan(head, now - keep, stop) is { } last) await db.Write(tx => Mark(tx, head, last, now), stop);
            }
        }
        // Also what a server left that died in between.
        foreach (var head in await db.Read(AuditChainTable.WithPrunedRows, stop))
        {
            while (await db.Write(tx => Delete(tx, head), stop) >= Step) await Task.Yield();
        }
    }

    private async Task<long> Delete(WriteTx tx, ChainHead head) => await AuditChainTable.DeletePruned(tx, await AuditChainTable.Hold(tx, head), Step);

    /// <returns>The last link of those at the beginning that are all older; null when the first one is not.</returns>
    private async Task<ChainedEntry?> LastOlderThan(ChainHead head, DateTimeOffset moment, CancellationToken stop)
    {
        ChainedEntry? last = null;
        while (await db.Read(tx => AuditChainTable.Links(tx, head.Chain, last?.Number ?? head.PrunedThrough, head.Number, Step), stop) is { Count: > 0 } links)
        {
            // One that is missing is for verify to tell of, and stays told of: nothing from there on is deleted.
            var old = links.TakeWhile((link, index) => link.At < moment.ToUnixTimeMilliseconds() && link.Number == links[0].Number + index).ToList();
            if (old.Count > 0) last = old[^1];
            if (old.Count < links.Count) break;
        }
        return last;
    }

    private async Task<bool> Mark(WriteTx tx, ChainHead seen, ChainedEntry last, DateTimeOffset now)
    {
        var head = await AuditChainTable.Hold(tx, seen);
        // Another node was here first, or the end is not ours.
        if (head.PrunedThrough >= last.Number || !head.IsSealedBy(keys)) return false;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.LogPruned, "", Client.Server)
        {
            ActorId = "", WorkspaceId = head.Chain,
            Data = new Dictionary<string, string> { ["count"] = (last.Number - head.PrunedThrough).ToString(CultureInfo.InvariantCulture), ["through"] = last.Number.ToString(CultureInfo.InvariantCulture), ["hash"] = Convert.ToHexStringLower(last.Hash) },
        });
        await AuditChainTable.Save(tx, (head with { PrunedThrough = last.Number, PrunedHash = last.Hash, PrunedAt = now }).SealedBy(keys));
        return true;
    }
}
