using System.Collections.Concurrent;
using Holdfast.Features.Unusual;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ApiKeys;

/// <summary>Gathers when and from where keys were last used, and writes it in batches; a network that is new to a key is found with them. A crash forgets at most one batch: some seconds of use.</summary>
public sealed class KeyUses(Db db, KeyRing keys)
{
    /// <summary>Uses that this node has written already: most come from where the ones before came from.</summary>
    private const int MostRemembered = 10_000;

    private readonly ConcurrentDictionary<(string Workspace, string Id, string Network), bool> _written = new();
    private ConcurrentDictionary<(string Workspace, string Id), (DateTimeOffset At, string From)> _seen = new();
    private ConcurrentDictionary<(string Workspace, string Id, string Network), ApiKeyUse> _fresh = new();

    public void Note(ApiKey key, DateTimeOffset now, Client client)
    {
        _seen[(key.WorkspaceId, key.Id)] = (now, client.Address);
        var network = (key.WorkspaceId, key.Id, KeyNetworks.Of(client.Address));
        if (!_written.ContainsKey(network)) _fresh.TryAdd(network, new ApiKeyUse(key.WorkspaceId, key.Id, network.Item3, now, client));
    }

    public async Task Write(CancellationToken stop = default)
    {
        if (!_seen.IsEmpty) await WriteLastUsed(stop);
        if (!_fresh.IsEmpty) await WriteNetworks(stop);
    }

    private async Task WriteLastUsed(CancellationToken stop)
    {
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

    private async Task WriteNetworks(CancellationToken stop)
    {
        var fresh = Interlocked.Exchange(ref _fresh, new());
        try
        {
            foreach (var (network, use) in fresh.OrderBy(pair => pair.Value.At))
            {
                if (await db.Write(tx => Learn(tx, use), stop))
                {
                    if (_written.Count >= MostRemembered) _written.Clear();
                    _written[network] = true;
                }
                fresh.TryRemove(network, out _);
            }
        }
        catch
        {
            foreach (var (network, use) in fresh) _fresh.TryAdd(network, use);
            throw;
        }
    }

    /// <returns>False when the network is still new to the key: it is reported another time.</returns>
    private async Task<bool> Learn(WriteTx tx, ApiKeyUse use)
    {
        if (await ApiKeyTable.HoldNetworks(tx, use.WorkspaceId, use.KeyId) is not { } key) return true;
        var (known, mark) = (key.Known, KeyNetworks.Mark(keys, use));
        if (known.Contains(mark, StringComparer.Ordinal) || known.Count >= KeyNetworkRule.MostKnown) return true;
        var found = KeyNetworkRule.Look(new KeyUseSeen(use.At, key.Name, known.Count, key.NetworkToldAt));
        // Held back because another was reported today: not learnt either, or a thief on the day of a move would never be seen.
        if (found is null && known.Count > 0) return false;
        if (found is not null) await FindUnusual.Raise(tx, key.MadeBy, found, "", use.Client, use.At, key.WorkspaceId);
        await ApiKeyTable.Save(tx, key with { Networks = known.Count == 0 ? mark : $"{key.Networks} {mark}", NetworkToldAt = found is null ? key.NetworkToldAt : use.At });
        return true;
    }
}
