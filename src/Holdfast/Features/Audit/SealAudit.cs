using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.ExceptionServices;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Audit;

/// <summary>
/// Gives entries of the security log their place in the chain of their workspace. Whoever writes an entry waits for nobody: numbers and hashes come a moment later, from one sealer at a time for each chain, which holds the end of that chain
/// alone. Any number of nodes may run it.
/// </summary>
public sealed class SealAudit(Db db, KeyRing keys, ILogger<SealAudit> logger)
{
    /// <summary>How long an entry is unprotected at most while a server runs and keeps up.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Entries in one transaction.</summary>
    private const int Step = 200;

    private readonly ConcurrentDictionary<string, bool> _said = new(StringComparer.Ordinal);

    /// <summary>Seals what waits. A chain that cannot be gone on with keeps none of the others waiting.</summary>
    public async Task Run(CancellationToken stop)
    {
        ExceptionDispatchInfo? fault = null;
        foreach (var chain in await db.Read(AuditChainTable.Waiting, stop))
        {
            try
            {
                for (var after = ""; await db.Write(tx => Some(tx, chain, after), stop) is { } last; after = last) await Task.Yield();
            }
            catch (DbException error)
            {
                fault ??= ExceptionDispatchInfo.Capture(error);
            }
        }
        fault?.Throw();
    }

    /// <summary>Ends that an older key sealed are sealed by the newest: once the server has run with a new key, the log no longer needs the old one.</summary>
    public async Task Renew(CancellationToken stop)
    {
        foreach (var old in (await db.Read(AuditChainTable.Heads, stop)).Where(head => head.KeyId != keys.NewestId))
        {
            await db.Write(async tx =>
            {
                var head = await AuditChainTable.Hold(tx, old);
                if (head.IsSealedBy(keys)) await AuditChainTable.Save(tx, head.SealedBy(keys));
                return head;
            }, stop);
        }
    }

    /// <returns>The last that was gone through; null when no more wait.</returns>
    private async Task<string?> Some(WriteTx tx, string chain, string after)
    {
        var head = await AuditChainTable.Hold(tx, new ChainHead { Chain = chain }.SealedBy(keys));
        if (!head.IsSealedBy(keys))
        {
            // To go on would put our seal under what somebody else wrote.
            if (_said.TryAdd(chain, true)) logger.LogError("The end of the security log's chain \"{Chain}\" was not written by this server, or with a key that is gone. Its entries stay unsealed; run holdfast audit verify", chain);
            return null;
        }
        var next = await AuditChainTable.NextToSeal(tx, chain, after, Step);
        if (next.Last is null) return null;
        var entries = await AuditChainTable.ToSeal(tx, chain, after, next.Last);
        var (number, hash) = (head.Number, head.Hash);
        foreach (var entry in entries)
        {
            hash = entry.HashAfter(hash, chain, ++number);
            await AuditChainTable.Append(tx, chain, entry with { Number = number, Hash = hash });
        }
        if (entries.Count > 0) await AuditChainTable.Save(tx, (head with { Number = number, Hash = hash }).SealedBy(keys));
        return next.Count < Step ? null : next.Last;
    }
}
