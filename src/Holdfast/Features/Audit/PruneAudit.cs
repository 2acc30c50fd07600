using System.Collections.Concurrent;
using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

/// <summary>
/// Deletes entries of the security log that are older than <c>Audit:KeepDays</c>. The whole chain is verified before: what is put under our seal as its new beginning, and what goes, is what was written then. First the end of the chain says,
/// under its seal, up to which number and hash, and an entry of the chain itself tells of it; then the rows go. What is left follows that hash.
/// </summary>
public sealed class PruneAudit(Db db, KeyRing keys, TimeProvider clock, HoldfastSettings settings, ILogger<PruneAudit> logger)
{
    private const int Step = 500;

    /// <summary>A chain is looked at once a day: it is read as a whole, and told of in an entry.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromDays(1);

    /// <summary>When each chain is due to be looked at; those that are not named are due.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);

    public async Task Run(CancellationToken stop)
    {
        if (settings.Audit.Keep is { } keep)
        {
            var now = clock.GetUtcNow();
            foreach (var head in (await db.Read(AuditChainTable.Heads, stop)).Where(head => IsDue(head, now)))
            {
                _due[head.Chain] = now + Pause;
                if (await LastOlderThan(head, now - keep, stop) is { } last) await db.Write(tx => Mark(tx, head, last, now), stop);
            }
        }
        // Also what a server left that died in between.
        foreach (var head in await db.Read(AuditChainTable.WithPrunedRows, stop))
        {
            while (await db.Write(tx => Delete(tx, head), stop) >= Step) await Task.Yield();
        }
    }

    /// <summary>A clock that was set back makes nothing wait for longer than the pause.</summary>
    private bool IsDue(ChainHead head, DateTimeOffset now) =>
        (head.PrunedAt is not { } pruned || (now - pruned).Duration() >= Pause) && (!_due.TryGetValue(head.Chain, out var due) || due <= now || due > now + Pause);

    private async Task<long> Delete(WriteTx tx, ChainHead head) => await AuditChainTable.DeletePruned(tx, await AuditChainTable.Hold(tx, head), Step);

    /// <returns>The last link of those at the beginning that are all older; null when the first one is not, when the chain does not verify, and when nothing is older but entries that tell of such a deletion.</returns>
    private async Task<ChainedEntry?> LastOlderThan(ChainHead head, DateTimeOffset moment, CancellationToken stop)
    {
        var border = moment.ToUnixTimeMilliseconds();
        if (head.Number <= head.PrunedThrough) return null;
        // One row tells of most chains that there is nothing to do; one that is not there is for verify to tell of.
        if (await db.Read(tx => AuditChainTable.OldestAt(tx, head), stop) >= border) return null;
        ChainedEntry? last = null;
        var (over, worth) = (false, false);
        var report = await new VerifyAudit(db, keys).Run(head.Chain, 0, null, _ => { }, stop, link =>
        {
            if (over || link.At >= border || link.Number <= (last?.Number ?? 0))
            {
                over = true;
                return;
            }
            (last, worth) = (link, worth || link.Kind != AuditKind.LogPruned);
        });
        if (report.Fault is { } fault)
        {
            // What is wrong with it is evidence: nothing of it goes.
            logger.LogError("The security log's chain \"{Chain}\" does not verify ({Fault} at {Number}). Nothing of it is deleted for its age; run holdfast audit verify", head.Chain, fault.What, fault.Number);
            return null;
        }
        return worth ? last : null;
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
