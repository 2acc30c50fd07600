using Holdfast.Features.Accounts;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.ApiKeys;

/// <summary>A key as the list shows it.</summary>
public sealed record ListedKey
{
    public required ApiKey Key { get; init; }

    /// <summary>The maker's name here; null when they are no member any more.</summary>
    public string? Maker { get; init; }

    /// <summary>Its maker no longer stands behind it, so it does nothing.</summary>
    public bool IsUnbacked { get; init; }
}

/// <summary>How many live keys hang on one key of the key file.</summary>
public sealed record KeysUnder
{
    public required string KeyId { get; init; }

    public long Keys { get; init; }
}

/// <summary>Every statement on keys for programs.</summary>
public static class ApiKeyTable
{
    private const string Columns = "k.workspace_id, k.id, k.name, k.scopes, k.secret_hash, k.key_id, k.begins_with, k.made_by, k.made_at, k.ends_at, k.last_used_at, k.last_used_from, k.revoked_at";

    /// <summary>By the hash of what was shown; revoked and ended ones as well.</summary>
    public static Task<ApiKey?> ByHash(ReadTx tx, byte[] hash) => tx.One<ApiKey>($"SELECT {Columns} FROM api_keys k WHERE k.secret_hash = @hash", new { hash });

    public static Task<ApiKey?> Find(ReadTx tx, string workspaceId, string id) => tx.One<ApiKey>($"SELECT {Columns} FROM api_keys k WHERE k.workspace_id = @workspaceId AND k.id = @id", new { workspaceId, id });

    /// <summary>Those that are neither revoked nor at their end, newest first.</summary>
    public static Task<List<ApiKey>> Live(ReadTx tx, string workspaceId, DateTimeOffset now) => tx.Many<ApiKey>(
        $"SELECT {Columns} FROM api_keys k WHERE k.workspace_id = @workspaceId AND k.revoked_at IS NULL AND (k.ends_at IS NULL OR k.ends_at > @now) ORDER BY k.id DESC", new { workspaceId, now });

    public static Task Insert(WriteTx tx, ApiKey key) => tx.Execute(
        """
        INSERT INTO api_keys (workspace_id, id, name, scopes, secret_hash, key_id, begins_with, made_by, made_at, ends_at, last_used_at, last_used_from)
        VALUES (@WorkspaceId, @Id, @Name, @Scopes, @SecretHash, @KeyId, @BeginsWith, @MadeBy, @MadeAt, @EndsAt, @LastUsedAt, @LastUsedFrom)
        """,
        key);

    /// <returns>False when it was revoked before.</returns>
    public static async Task<bool> Revoke(WriteTx tx, string workspaceId, string id, string by, DateTimeOffset now) =>
        await tx.Execute("UPDATE api_keys SET revoked_at = @now, revoked_by = @by WHERE workspace_id = @workspaceId AND id = @id AND revoked_at IS NULL", new { workspaceId, id, by, now }) == 1;

    /// <summary>Only forward: a batch of another node may be later already.</summary>
    public static Task Touch(WriteTx tx, string workspaceId, string id, DateTimeOffset at, string from) => tx.Execute(
        "UPDATE api_keys SET last_used_at = @at, last_used_from = @from WHERE workspace_id = @workspaceId AND id = @id AND (last_used_at IS NULL OR last_used_at < @at)", new { workspaceId, id, at, from });

    /// <summary>From where a key was used, held until the transaction ends; null when it is gone or revoked.</summary>
    public static Task<KeyNetworks?> HoldNetworks(WriteTx tx, string workspaceId, string id) => tx.One<KeyNetworks>(
        "UPDATE api_keys SET networks = networks WHERE workspace_id = @workspaceId AND id = @id AND revoked_at IS NULL RETURNING workspace_id, id, name, made_by, networks, network_told_at", new { workspaceId, id });

    public static Task Save(WriteTx tx, KeyNetworks seen) => tx.Execute("UPDATE api_keys SET networks = @Networks, network_told_at = @NetworkToldAt WHERE workspace_id = @WorkspaceId AND id = @Id", seen);

    /// <summary>Keys that end before this moment, of whose end nobody was told; none that was made for less than <paramref name="shortest"/>.</summary>
    public static Task<List<ApiKey>> EndingBefore(ReadTx tx, DateTimeOffset moment, TimeSpan shortest, DateTimeOffset now, int limit) => tx.Many<ApiKey>(
        $"SELECT {Columns} FROM api_keys k WHERE k.ends_at IS NOT NULL AND k.ends_at > @now AND k.ends_at <= @moment AND k.ends_at - k.made_at >= @shortest AND k.end_told_at IS NULL AND k.revoked_at IS NULL ORDER BY k.ends_at, k.workspace_id, k.id LIMIT @limit",
        new { moment, shortest = (long)shortest.TotalMilliseconds, now, limit });

    /// <returns>False when another node was quicker, or it is revoked.</returns>
    public static async Task<bool> NoteEndTold(WriteTx tx, ApiKey key, DateTimeOffset now) =>
        await tx.Execute("UPDATE api_keys SET end_told_at = @now WHERE workspace_id = @WorkspaceId AND id = @Id AND end_told_at IS NULL AND revoked_at IS NULL", new { key.WorkspaceId, key.Id, now }) == 1;

    /// <summary>Whoever may manage keys here and is not suspended; owners and admins first, some of them where there are very many.</summary>
    public static async Task<List<Account>> WhoManage(ReadTx tx, string workspaceId, int limit)
    {
        var people = await tx.Many<Membership>($"{MemberTable.Select} WHERE m.workspace_id = @workspaceId AND m.suspended_at IS NULL AND m.role <> 'member' ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'admin' THEN 1 ELSE 2 END, m.account_id LIMIT 500", new { workspaceId });
        var accounts = new List<Account>();
        foreach (var person in people.Where(p => p.Rights.Allows(Permission.ApiKeysManage)).Take(limit)) if (await AccountTable.ById(tx, person.AccountId) is { IsActive: true } account) accounts.Add(account);
        return accounts;
    }

    public static Task<List<KeysUnder>> ByKey(ReadTx tx) => tx.Many<KeysUnder>("SELECT key_id, COUNT(*) AS keys FROM api_keys WHERE revoked_at IS NULL GROUP BY key_id ORDER BY key_id");

    /// <summary>Revoked or ended before this moment, some at a time.</summary>
    public static Task<int> DeleteOverSince(WriteTx tx, DateTimeOffset moment, int limit) => tx.Execute(
        """
        DELETE FROM api_keys WHERE (workspace_id, id) IN (
          SELECT workspace_id, id FROM api_keys WHERE (revoked_at IS NOT NULL AND revoked_at < @moment) OR (ends_at IS NOT NULL AND ends_at < @moment) ORDER BY workspace_id, id LIMIT @limit)
        """,
        new { moment, limit });
}
