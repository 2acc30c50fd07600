using Holdfast.Features.Sessions;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>What a person allowed an application.</summary>
public record Grant
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Joined by spaces.</summary>
    public required string Scopes { get; init; }

    /// <summary>APIs that it may be used at (RFC 8707), joined by spaces; empty for none.</summary>
    public string Resources { get; init; } = "";

    /// <summary>The one workspace that it sees; null shows all of them, or none where it may not ask.</summary>
    public string? WorkspaceId { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Network address of the last use, as the token endpoint saw it.</summary>
    public string? LastUsedFrom { get; init; }

    /// <summary>
    /// The person is still where they let it in: whoever left, was removed or suspended there takes their applications along (SPEC S7). What an application by others may do at the product it does in one workspace, so without one it reaches nothing:
    /// an API that is told of none would show all of them.
    /// </summary>
    public bool Reaches(SignedIn me, bool firstParty) => firstParty
        || (WorkspaceId is null ? Scope.Split(Scopes).All(scope => Scope.BuiltIn.Contains(scope, StringComparer.Ordinal)) : me.Memberships.Any(m => m.WorkspaceId == WorkspaceId && m.SuspendedAt is null));

    /// <summary>All of these were allowed, at this API.</summary>
    /// <param name="resource">Empty when no API is meant.</param>
    public bool Covers(string scopes, string resource) => Scope.Split(scopes).All(scope => Scope.Has(Scopes, scope)) && (resource.Length == 0 || Scope.Has(Resources, resource));
}

/// <summary>Every statement on grants.</summary>
public static class GrantTable
{
    private const string Columns = "account_id, id, client_id, scopes, resources, workspace_id, made_at, last_used_at, last_used_from";

    /// <summary>Null when there is none, or it was revoked.</summary>
    public static Task<Grant?> Live(ReadTx tx, string accountId, string clientId) =>
        tx.One<Grant>($"SELECT {Columns} FROM oauth_grants WHERE account_id = @accountId AND client_id = @clientId AND revoked_at IS NULL", new { accountId, clientId });

    public static Task<Grant?> ById(ReadTx tx, string accountId, string id) =>
        tx.One<Grant>($"SELECT {Columns} FROM oauth_grants WHERE account_id = @accountId AND id = @id AND revoked_at IS NULL", new { accountId, id });

    /// <summary>The last used first.</summary>
    public static Task<List<Grant>> Of(ReadTx tx, string accountId) =>
        tx.Many<Grant>($"SELECT {Columns} FROM oauth_grants WHERE account_id = @accountId AND revoked_at IS NULL ORDER BY COALESCE(last_used_at, made_at) DESC, id DESC", new { accountId });

    /// <summary>What people of a workspace let others' applications see of it, the newest first.</summary>
    /// <param name="before">Id that the page before ended with; null for the newest.</param>
    public static Task<List<MemberGrant>> InWorkspace(ReadTx tx, string workspaceId, string? before, int limit) => tx.Many<MemberGrant>(
        """
        SELECT g.account_id, g.id, g.client_id, g.scopes, g.resources, g.workspace_id, g.made_at, g.last_used_at, g.last_used_from, COALESCE(m.shown_name, a.name) AS person, a.email
        FROM oauth_grants g JOIN members m ON m.workspace_id = g.workspace_id AND m.account_id = g.account_id JOIN accounts a ON a.id = g.account_id
        WHERE g.workspace_id = @workspaceId AND g.revoked_at IS NULL AND g.id < @before ORDER BY g.id DESC LIMIT @limit
        """,
        new { workspaceId, before = before ?? "~", limit });

    /// <returns>False when there is a live one already.</returns>
    public static async Task<bool> Insert(WriteTx tx, Grant grant) => await tx.Execute(
        "INSERT INTO oauth_grants (account_id, id, client_id, scopes, resources, workspace_id, made_at, last_used_at, last_used_from) VALUES (@AccountId, @Id, @ClientId, @Scopes, @Resources, @WorkspaceId, @MadeAt, @LastUsedAt, @LastUsedFrom) ON CONFLICT DO NOTHING",
        new { grant.AccountId, grant.Id, grant.ClientId, grant.Scopes, grant.Resources, grant.WorkspaceId, grant.MadeAt, grant.LastUsedAt, grant.LastUsedFrom }) == 1;

    public static Task Change(WriteTx tx, Grant grant) =>
        tx.Execute("UPDATE oauth_grants SET scopes = @Scopes, resources = @Resources, workspace_id = @WorkspaceId WHERE account_id = @AccountId AND id = @Id AND revoked_at IS NULL", new { grant.Scopes, grant.Resources, grant.WorkspaceId, grant.AccountId, grant.Id });

    /// <summary>Notes a use, and holds the grant: false when it was revoked.</summary>
    public static async Task<bool> Touch(WriteTx tx, string accountId, string id, DateTimeOffset now, string from) =>
        await tx.Execute("UPDATE oauth_grants SET last_used_at = @now, last_used_from = @from WHERE account_id = @accountId AND id = @id AND revoked_at IS NULL", new { accountId, id, now, from }) == 1;

    /// <returns>False when it is not this person's, or was revoked already.</returns>
    public static async Task<bool> Revoke(WriteTx tx, string accountId, string id, DateTimeOffset now) =>
        await tx.Execute("UPDATE oauth_grants SET revoked_at = @now WHERE account_id = @accountId AND id = @id AND revoked_at IS NULL", new { accountId, id, now }) == 1;

    public static Task RevokeAllOf(WriteTx tx, string clientId, DateTimeOffset now) => tx.Execute("UPDATE oauth_grants SET revoked_at = @now WHERE client_id = @clientId AND revoked_at IS NULL", new { clientId, now });

    /// <summary>How many people use each application, and when one last did.</summary>
    public static Task<List<GrantsOfClient>> ByClient(ReadTx tx) => tx.Many<GrantsOfClient>("SELECT client_id, COUNT(*) AS people, MAX(last_used_at) AS last_used_at FROM oauth_grants WHERE revoked_at IS NULL GROUP BY client_id ORDER BY client_id");

    public static Task<int> DeleteRevokedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM oauth_grants WHERE (account_id, id) IN (SELECT account_id, id FROM oauth_grants WHERE revoked_at IS NOT NULL AND revoked_at < @before ORDER BY revoked_at, id LIMIT @limit)", new { before, limit });
}

/// <summary>A grant, and whose it is.</summary>
public sealed record MemberGrant : Grant
{
    /// <summary>The name in this workspace.</summary>
    public required string Person { get; init; }

    public required string Email { get; init; }
}

public sealed record GrantsOfClient
{
    public required string ClientId { get; init; }

    public long People { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }
}
