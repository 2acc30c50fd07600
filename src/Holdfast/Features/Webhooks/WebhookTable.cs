using Holdfast.Storage;

namespace Holdfast.Features.Webhooks;

/// <summary>A signing key of an endpoint, sealed.</summary>
public sealed record EndpointSecretRow
{
    public required string Id { get; init; }

    public required byte[] Sealed { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>From when on it no longer signs; null for the newest.</summary>
    public DateTimeOffset? EndsAt { get; init; }
}

/// <summary>Every statement on endpoints, what they want to hear of, and their signing keys. One that is removed is found by none but the last.</summary>
public static class WebhookTable
{
    private const string Columns = "id, name, address, all_kinds, made_at, paused_at, failures, failing_since, last_try_at, last_status, last_problem";

    public static Task<WebhookEndpoint?> ById(ReadTx tx, string id) => tx.One<WebhookEndpoint>($"SELECT {Columns} FROM webhook_endpoints WHERE id = @id AND removed_at IS NULL", new { id });

    public static Task<List<WebhookEndpoint>> All(ReadTx tx) => tx.Many<WebhookEndpoint>($"SELECT {Columns} FROM webhook_endpoints WHERE removed_at IS NULL ORDER BY name, id");

    public static Task<List<string>> Kinds(ReadTx tx, string id) => tx.Many<string>("SELECT kind FROM webhook_kinds WHERE endpoint_id = @id ORDER BY kind", new { id });

    /// <returns>False when there are <see cref="WebhookEndpoint.Most"/> already.</returns>
    public static async Task<bool> Insert(WriteTx tx, WebhookEndpoint endpoint) => await tx.Execute(
        """
        INSERT INTO webhook_endpoints (id, name, address, all_kinds, made_at, failures, hold_until)
        SELECT @Id, @Name, @Address, @all, @MadeAt, 0, 0 WHERE (SELECT COUNT(*) FROM webhook_endpoints WHERE removed_at IS NULL) < @most
        """,
        new { endpoint.Id, endpoint.Name, endpoint.Address, all = endpoint.AllKinds ? 1 : 0, endpoint.MadeAt, most = WebhookEndpoint.Most }) == 1;

    public static Task Update(WriteTx tx, WebhookEndpoint endpoint) => tx.Execute(
        "UPDATE webhook_endpoints SET name = @Name, address = @Address, all_kinds = @all WHERE id = @Id AND removed_at IS NULL", new { endpoint.Id, endpoint.Name, endpoint.Address, all = endpoint.AllKinds ? 1 : 0 });

    /// <summary>Holds the endpoint until the transaction ends.</summary>
    /// <returns>False when it is gone.</returns>
    public static async Task<bool> Hold(WriteTx tx, string id) => await tx.Execute("UPDATE webhook_endpoints SET name = name WHERE id = @id AND removed_at IS NULL", new { id }) == 1;

    public static async Task SetKinds(WriteTx tx, string id, IEnumerable<string> kinds)
    {
        await tx.Execute("DELETE FROM webhook_kinds WHERE endpoint_id = @id", new { id });
        foreach (var kind in kinds.Distinct(StringComparer.Ordinal)) await tx.Execute("INSERT INTO webhook_kinds (endpoint_id, kind) VALUES (@id, @kind)", new { id, kind });
    }

    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> Pause(WriteTx tx, string id, DateTimeOffset now) => await tx.Execute("UPDATE webhook_endpoints SET paused_at = @now WHERE id = @id AND removed_at IS NULL AND paused_at IS NULL", new { id, now }) == 1;

    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> Resume(WriteTx tx, string id) => await tx.Execute("UPDATE webhook_endpoints SET paused_at = NULL, hold_until = 0 WHERE id = @id AND removed_at IS NULL AND paused_at IS NOT NULL", new { id }) == 1;

    /// <summary>Somebody waits for it: the next try is now.</summary>
    public static Task Hurry(WriteTx tx, string id) => tx.Execute("UPDATE webhook_endpoints SET hold_until = 0 WHERE id = @id", new { id });

    /// <summary>From now on nothing is written down for it and nothing sent; the address, which may hold a secret of the other side, and the keys go at once.</summary>
    public static async Task Remove(WriteTx tx, string id, DateTimeOffset now)
    {
        await tx.Execute("DELETE FROM webhook_secrets WHERE endpoint_id = @id", new { id });
        await tx.Execute("DELETE FROM webhook_kinds WHERE endpoint_id = @id", new { id });
        await tx.Execute("UPDATE webhook_endpoints SET removed_at = @now, address = '', name = '', all_kinds = 0, last_problem = NULL WHERE id = @id", new { id, now });
    }

    public static Task NoteGood(WriteTx tx, string id, DateTimeOffset now, int status) => tx.Execute(
        "UPDATE webhook_endpoints SET failures = 0, failing_since = NULL, told_at = NULL, hold_until = 0, last_try_at = @now, last_status = @status, last_problem = NULL WHERE id = @id", new { id, now, status });

    /// <summary>Several that were under way together fail together: that counts once.</summary>
    /// <param name="hold">Until when nothing is sent to it.</param>
    public static Task NoteBad(WriteTx tx, string id, DateTimeOffset now, DateTimeOffset hold, int? status, string problem) => tx.Execute(
        """
        UPDATE webhook_endpoints SET failures = failures + CASE WHEN hold_until > @now AND hold_until <= @latest THEN 0 ELSE 1 END, hold_until = CASE WHEN hold_until > @now AND hold_until <= @latest THEN hold_until ELSE @hold END,
          failing_since = COALESCE(failing_since, @now), last_try_at = @now, last_status = @status, last_problem = @problem
        WHERE id = @id
        """,
        new { id, now, hold, latest = now + WebhookEndpoint.LongestHold, status, problem });

    /// <returns>True the first time since it last answered well.</returns>
    public static async Task<bool> NoteTold(WriteTx tx, string id, DateTimeOffset now) => await tx.Execute("UPDATE webhook_endpoints SET told_at = @now WHERE id = @id AND told_at IS NULL AND removed_at IS NULL", new { id, now }) == 1;

    /// <summary>Signing keys that serve now, the newest first.</summary>
    public static Task<List<EndpointSecretRow>> Secrets(ReadTx tx, string id, DateTimeOffset now) => tx.Many<EndpointSecretRow>(
        "SELECT id, sealed, made_at, ends_at FROM webhook_secrets WHERE endpoint_id = @id AND (ends_at IS NULL OR ends_at > @now) ORDER BY made_at DESC, id DESC", new { id, now });

    public static Task AddSecret(WriteTx tx, string endpointId, string id, byte[] sealedKey, string keyId, DateTimeOffset now) =>
        tx.Execute("INSERT INTO webhook_secrets (endpoint_id, id, sealed, key_id, made_at) VALUES (@endpointId, @id, @sealedKey, @keyId, @now)", new { endpointId, id, sealedKey, keyId, now });

    /// <summary>The newest signs on until <paramref name="endsAt"/>; what was before it is forgotten at once.</summary>
    public static async Task Retire(WriteTx tx, string endpointId, DateTimeOffset endsAt)
    {
        await tx.Execute("DELETE FROM webhook_secrets WHERE endpoint_id = @endpointId AND ends_at IS NOT NULL", new { endpointId });
        await tx.Execute("UPDATE webhook_secrets SET ends_at = @endsAt WHERE endpoint_id = @endpointId AND ends_at IS NULL", new { endpointId, endsAt });
    }

    public static Task<int> DeleteEndedSecrets(WriteTx tx, DateTimeOffset now, int limit) => tx.Execute(
        "DELETE FROM webhook_secrets WHERE (endpoint_id, id) IN (SELECT endpoint_id, id FROM webhook_secrets WHERE ends_at IS NOT NULL AND ends_at <= @now ORDER BY endpoint_id, id LIMIT @limit)", new { now, limit });

    /// <summary>Names of the keys of the key file by which signing keys are sealed, and of how many endpoints.</summary>
    public static Task<List<SealedUnder>> SecretsByKey(ReadTx tx) => tx.Many<SealedUnder>("SELECT key_id, COUNT(*) AS secrets FROM webhook_secrets WHERE ends_at IS NULL GROUP BY key_id ORDER BY key_id");

    /// <summary>Removed ones of which nothing is left, a day later: by then no transaction is under way that still knew them.</summary>
    public static async Task<int> DeleteRemoved(WriteTx tx, DateTimeOffset before, int limit)
    {
        // Nothing is left of these; if something were, it would keep all tidying from going on.
        const string Gone = "SELECT id FROM webhook_endpoints WHERE removed_at IS NOT NULL AND removed_at < @before";
        await tx.Execute($"DELETE FROM webhook_secrets WHERE endpoint_id IN ({Gone})", new { before });
        await tx.Execute($"DELETE FROM webhook_kinds WHERE endpoint_id IN ({Gone})", new { before });
        return await tx.Execute(
        """
        DELETE FROM webhook_endpoints WHERE id IN (SELECT e.id FROM webhook_endpoints e WHERE e.removed_at IS NOT NULL AND e.removed_at < @before
          AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.endpoint_id = e.id) ORDER BY e.id LIMIT @limit)
        """,
        new { before, limit });
    }
}

public sealed record SealedUnder
{
    public required string KeyId { get; init; }

    public long Secrets { get; init; }
}
