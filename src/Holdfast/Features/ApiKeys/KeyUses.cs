using System.Collections.Concurrent;
using Holdfast.Storage;

namespace Holdfast.Features.ApiKeys;

/// <summary>Gathers when and from where keys were last used, and writes it in batches. A crash forgets at most one batch: some seconds of "last used".</summary>
public sealed class KeyUses(Db db)
{
    private ConcurrentDictionary<(string Workspace, string Id), (DateTimeOffset At, string From)> _seen = new();

    public void Note(ApiKey key, DateTimeOffset now, string address) => _seen[(key.WorkspaceId, key.Id)] = (now, address);

    public async Task Write(CancellationToken stop = default)
    {
        if (_seen.IsEmpty) return;
        var seen = Interlocked.Exchange(ref _seen, new());
        try
        {
            // One order of rows for every node: two batches never wait for each other crosswise.
            foreach (var batch in seen.OrderBy(pair => pair.Key.Workspace, StringComparer.Ordinal).ThenBy(pair => pair.Key.Id, StringComparer.Ordinal).Chunk(100))
            {
                await db.Write(async tx =>
                {
                    foreach (var (key, use) in batch) await ApiKeyTable.Touch(tx, key.Workspace, key.Id, use.At, use.From);
                    return 0;
                }, stop);
            }
        }
        catch
        {
            foreach (var (key, use) in seen) _seen.TryAdd(key, use);
            throw;
        }
    }
}
