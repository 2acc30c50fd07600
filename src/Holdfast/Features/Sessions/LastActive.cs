using System.Collections.Concurrent;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>Gathers when sessions were last used and writes it in batches. A crash forgets at most one batch: some seconds of "last active", never a session.</summary>
public sealed class LastActive(Db db)
{
    private const int BatchSize = 200;
    private ConcurrentDictionary<TokenHash, DateTimeOffset> _seen = new();

    public void Note(TokenHash token, DateTimeOffset now) => _seen[token] = now;

    public DateTimeOffset? Of(TokenHash token) => _seen.TryGetValue(token, out var at) ? at : null;

    public async Task Write(CancellationToken stop = default)
    {
        if (_seen.IsEmpty) return;
        var seen = Interlocked.Exchange(ref _seen, new());
        try
        {
            foreach (var batch in seen.Chunk(BatchSize))
            {
                // One order of rows for every node: two batches never wait for each other crosswise.
                var rows = batch.Select(pair => (pair.Key, pair.Value)).OrderBy(row => Convert.ToHexString(row.Key.ToBytes()), StringComparer.Ordinal).ToList();
                await db.Write(async tx =>
                {
                    await SessionTable.Touch(tx, rows);
                    return 0;
                }, stop);
            }
        }
        catch
        {
            foreach (var (token, at) in seen) _seen.TryAdd(token, at);
            throw;
        }
    }
}
