using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Audit;

/// <summary>What is wrong with a chain: the first thing found.</summary>
/// <param name="What">Last part of the text key <c>cli.audit.fault.…</c>: <c>head_changed</c>, <c>key_unknown</c>, <c>missing</c>, <c>entry_missing</c>, <c>changed</c>, <c>reordered</c>, <c>personal_changed</c>, <c>truncated</c>, <c>inserted</c>, <c>unchained</c>, <c>lost_waiting</c>, <c>not_as_noted</c>.</param>
/// <param name="Number">Where; 0 when it is about no number.</param>
/// <param name="EntryId">Of the entry in question; empty when there is none.</param>
/// <param name="Other">For <c>reordered</c> the number at which the right one stands; for <c>truncated</c> the number that the end claims.</param>
public sealed record ChainFault(string What, long Number, string EntryId = "", long Other = 0);

/// <param name="Chain">Id of a workspace; empty for what belongs to none.</param>
/// <param name="Entries">That were gone through.</param>
/// <param name="Erased">Of those, how many have no personal side any more.</param>
/// <param name="Waiting">Not sealed yet.</param>
/// <param name="Fault">Null when all is well.</param>
public sealed record ChainReport(string Chain, ChainHead? Head, long Entries, long Erased, long Waiting, ChainFault? Fault);

/// <summary>Goes through a chain of the security log and computes every hash again. Only looks; a server may run meanwhile.</summary>
/// <param name="keys">Null where there is no key file: the end's seal is then not looked at.</param>
public sealed class VerifyAudit(Db db, KeyRing? keys)
{
    private const int Page = 1000;

    /// <param name="chain">Id of a workspace, or empty.</param>
    /// <param name="waiting">How many of its entries are known to wait.</param>
    /// <param name="noted">An end that was noted elsewhere before: the chain must still lead through it.</param>
    /// <param name="progress">Told how many more entries were gone through.</param>
    /// <param name="each">Told of every entry that is as it should be, in order.</param>
    public async Task<ChainReport> Run(string chain, long waiting, NotedHead? noted, Action<int> progress, CancellationToken stop, Action<ChainedEntry>? each = null)
    {
        for (var tries = 0; ; tries++)
        {
            var head = await db.Read(tx => AuditChainTable.Head(tx, chain), stop);
            var (entries, erased, fault) = await Walk(chain, head, progress, each, stop);
            fault ??= await Around(chain, stop) ?? await Noted(chain, head, noted, stop);
            // Entries may have been deleted for their age while we read: then look once more, from where it begins now.
            if (fault is not null && tries < 3 && (await db.Read(tx => AuditChainTable.Head(tx, chain), stop))?.PrunedThrough > head?.PrunedThrough) continue;
            return new ChainReport(chain, head, entries, erased, waiting, fault);
        }
    }

    private async Task<(long Entries, long Erased, ChainFault? Fault)> Walk(string chain, ChainHead? head, Action<int> progress, Action<ChainedEntry>? each, CancellationToken stop)
    {
        if (head is null) return (0, 0, null);
        if (keys is not null && !head.IsSealedBy(keys)) return (0, 0, new ChainFault(keys.Fingerprints.Contains(head.KeyId, StringComparer.Ordinal) ? "head_changed" : "key_unknown", head.Number));
        var (number, hash, entries, erased) = (head.PrunedThrough, head.PrunedHash, 0L, 0L);
        while (number < head.Number && await db.Read(tx => AuditChainTable.Links(tx, chain, number, head.Number, Page), stop) is { Count: > 0 } links)
        {
            foreach (var link in links)
            {
                if (Wrong(chain, link, number + 1, hash, links) is { } fault) return (entries, erased, fault);
                (number, hash, entries) = (link.Number, link.Hash, entries + 1);
                if (link.Details is null) erased++;
                each?.Invoke(link);
            }
            progress(links.Count);
        }
        return (entries, erased, number < head.Number || !hash.AsSpan().SequenceEqual(head.Hash) ? new ChainFault("truncated", number, Other: head.Number) : null);
    }

    private static ChainFault? Wrong(string chain, ChainedEntry link, long expected, byte[] before, List<ChainedEntry> around)
    {
        if (link.Number == expected && link.IsThere && link.WorkspaceId == chain && link.HashAfter(before, chain, expected).AsSpan().SequenceEqual(link.Hash))
        {
            return link.PersonalFits ? null : new ChainFault("personal_changed", expected, link.EntryId);
        }
        // Does another one belong here? It was moved, with its hash or without.
        var here = link.Number == expected ? link.Hash : null;
        var right = around.FirstOrDefault(other => other.EntryId != link.EntryId && other.IsThere && other.HashAfter(before, chain, expected) is var hash && (hash.AsSpan().SequenceEqual(other.Hash) || (here is not null && hash.AsSpan().SequenceEqual(here))));
        if (right is not null) return new ChainFault("reordered", expected, right.EntryId, right.Number);
        if (link.Number != expected) return new ChainFault("missing", expected);
        return new ChainFault(link.IsThere ? "changed" : "entry_missing", expected, link.EntryId);
    }

    /// <summary>What is beside the chain and belongs into none.</summary>
    private Task<ChainFault?> Around(string chain, CancellationToken stop) => db.Read(async tx =>
    {
        if (await AuditChainTable.BeyondHead(tx, chain) is { } beyond) return new ChainFault("inserted", beyond.Number, beyond.EntryId);
        if (await AuditChainTable.Unchained(tx, chain) is { } stranger) return new ChainFault("unchained", 0, stranger);
        return await AuditChainTable.LostWaiting(tx, chain) is { } lost ? new ChainFault("lost_waiting", 0, lost) : null;
    }, stop);

    private async Task<ChainFault?> Noted(string chain, ChainHead? head, NotedHead? noted, CancellationToken stop)
    {
        if (noted is null || noted.Number < head?.PrunedThrough) return null;
        var hash = noted.Number == 0 ? ChainHead.NoHash : noted.Number == head?.PrunedThrough ? head.PrunedHash : await db.Read(tx => AuditChainTable.HashAt(tx, chain, noted.Number), stop);
        return hash is not null && Convert.ToHexStringLower(hash) == noted.Hash ? null : new ChainFault("not_as_noted", noted.Number);
    }
}

/// <summary>An end of a chain as somebody wrote it down outside the database.</summary>
/// <param name="Hash">Lower-case hexadecimal.</param>
public sealed record NotedHead(string Chain, long Number, string Hash);
