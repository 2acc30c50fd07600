using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>All that came of one code. It ends as a whole.</summary>
public sealed record Family
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public required string SessionId { get; init; }

    public required string ClientId { get; init; }

    public required string GrantId { get; init; }

    public required string Scopes { get; init; }

    /// <summary>Whom its access tokens are for; empty for the application itself.</summary>
    public required string Resource { get; init; }

    public required string Acr { get; init; }

    public DateTimeOffset AuthTime { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }
}

public sealed record AccessTokenRow
{
    public TokenHash TokenHash { get; init; }

    public required string AccountId { get; init; }

    public required string FamilyId { get; init; }

    public required string Scopes { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public DateTimeOffset? RevokedAt { get; init; }
}

public sealed record RefreshTokenRow
{
    public TokenHash TokenHash { get; init; }

    public required string AccountId { get; init; }

    public required string FamilyId { get; init; }

    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>The token that followed; null while this is the newest.</summary>
    public TokenHash? NextHash { get; init; }
}

/// <summary>Permanent names of why a family of tokens ended.</summary>
public static class FamilyEnd
{
    public const string Session = "session";
    public const string Grant = "grant";
    public const string Client = "client";
    public const string Revoked = "revoked";

    /// <summary>A code or a refresh token was used twice: one of the two who have it is a thief.</summary>
    public const string Reuse = "reuse";
}

/// <summary>Every statement on tokens and their families.</summary>
public static class TokenTable
{
    private const string FamilyColumns = "account_id, id, session_id, client_id, grant_id, scopes, resource, acr, auth_time, made_at, ended_at";

    public static Task InsertFamily(WriteTx tx, Family family) => tx.Execute(
        """
        INSERT INTO oauth_families (account_id, id, session_id, client_id, grant_id, scopes, resource, acr, auth_time, made_at, last_used_at)
        VALUES (@AccountId, @Id, @SessionId, @ClientId, @GrantId, @Scopes, @Resource, @Acr, @AuthTime, @MadeAt, @MadeAt)
        """,
        new { family.AccountId, family.Id, family.SessionId, family.ClientId, family.GrantId, family.Scopes, family.Resource, family.Acr, family.AuthTime, family.MadeAt });

    public static Task<Family?> FamilyOf(ReadTx tx, string accountId, string id) => tx.One<Family>($"SELECT {FamilyColumns} FROM oauth_families WHERE account_id = @accountId AND id = @id", new { accountId, id });

    /// <summary>A person's families that are not over, the last used first.</summary>
    public static Task<List<Family>> LiveOf(ReadTx tx, string accountId) =>
        tx.Many<Family>($"SELECT {FamilyColumns}, last_used_at FROM oauth_families WHERE account_id = @accountId AND ended_at IS NULL ORDER BY last_used_at DESC, id DESC LIMIT 500", new { accountId });

    /// <summary>Notes a use, and holds the family until the transaction ends: false when it is over.</summary>
    public static async Task<bool> Touch(WriteTx tx, Family family, DateTimeOffset now) =>
        await tx.Execute("UPDATE oauth_families SET last_used_at = @now WHERE account_id = @AccountId AND id = @Id AND ended_at IS NULL", new { family.AccountId, family.Id, now }) == 1;

    /// <returns>False when it was over already.</returns>
    public static async Task<bool> End(WriteTx tx, string accountId, string id, string reason, DateTimeOffset now) =>
        await tx.Execute("UPDATE oauth_families SET ended_at = @now, end_reason = @reason WHERE account_id = @accountId AND id = @id AND ended_at IS NULL", new { accountId, id, reason, now }) == 1;

    public static Task EndOfSession(WriteTx tx, string accountId, string sessionId, DateTimeOffset now) =>
        tx.Execute("UPDATE oauth_families SET ended_at = @now, end_reason = @reason WHERE account_id = @accountId AND session_id = @sessionId AND ended_at IS NULL", new { accountId, sessionId, now, reason = FamilyEnd.Session });

    /// <summary>The applications that have, or had, tokens of a session.</summary>
    public static Task<List<string>> ClientsOf(ReadTx tx, string accountId, string sessionId) =>
        tx.Many<string>("SELECT DISTINCT client_id FROM oauth_families WHERE account_id = @accountId AND session_id = @sessionId ORDER BY client_id", new { accountId, sessionId });

    /// <returns>The applications and sessions that had tokens of the grant.</returns>
    public static async Task<IReadOnlyList<(string Client, string Session)>> EndOfGrant(WriteTx tx, string accountId, string grantId, DateTimeOffset now) => [.. (await tx.Many<Family>(
        $"UPDATE oauth_families SET ended_at = @now, end_reason = @reason WHERE account_id = @accountId AND grant_id = @grantId AND ended_at IS NULL RETURNING {FamilyColumns}", new { accountId, grantId, now, reason = FamilyEnd.Grant }))
        .Select(family => (family.ClientId, family.SessionId)).Distinct()];

    public static Task EndOfClient(WriteTx tx, string clientId, DateTimeOffset now) =>
        tx.Execute("UPDATE oauth_families SET ended_at = @now, end_reason = @reason WHERE client_id = @clientId AND ended_at IS NULL", new { clientId, now, reason = FamilyEnd.Client });

    public static Task InsertAccess(WriteTx tx, AccessTokenRow row) => tx.Execute(
        "INSERT INTO oauth_access_tokens (token_hash, account_id, family_id, scopes, made_at, ends_at) VALUES (@TokenHash, @AccountId, @FamilyId, @Scopes, @MadeAt, @EndsAt)",
        new { row.TokenHash, row.AccountId, row.FamilyId, row.Scopes, row.MadeAt, row.EndsAt });

    public static Task<AccessTokenRow?> Access(ReadTx tx, TokenHash token) =>
        tx.One<AccessTokenRow>("SELECT token_hash, account_id, family_id, scopes, made_at, ends_at, revoked_at FROM oauth_access_tokens WHERE token_hash = @token", new { token });

    public static Task RevokeAccess(WriteTx tx, TokenHash token, DateTimeOffset now) => tx.Execute("UPDATE oauth_access_tokens SET revoked_at = @now WHERE token_hash = @token AND revoked_at IS NULL", new { token, now });

    public static Task InsertRefresh(WriteTx tx, TokenHash token, string accountId, string familyId, DateTimeOffset now) => tx.Execute(
        "INSERT INTO oauth_refresh_tokens (token_hash, account_id, family_id, made_at) VALUES (@token, @accountId, @familyId, @now)", new { token, accountId, familyId, now });

    public static Task<RefreshTokenRow?> Refresh(ReadTx tx, TokenHash token) =>
        tx.One<RefreshTokenRow>("SELECT token_hash, account_id, family_id, used_at, next_hash FROM oauth_refresh_tokens WHERE token_hash = @token", new { token });

    /// <returns>False when it was used before: of fifty at once, one is the first.</returns>
    public static async Task<bool> UseRefresh(WriteTx tx, TokenHash token, TokenHash next, DateTimeOffset now) =>
        await tx.Execute("UPDATE oauth_refresh_tokens SET used_at = @now, next_hash = @next WHERE token_hash = @token AND used_at IS NULL", new { token, next, now }) == 1;

    public static Task DeleteUsedBefore(WriteTx tx, Family family, DateTimeOffset before) =>
        tx.Execute("DELETE FROM oauth_refresh_tokens WHERE account_id = @AccountId AND family_id = @Id AND used_at < @before", new { family.AccountId, family.Id, before });

    public static Task<int> DeleteAccessEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM oauth_access_tokens WHERE token_hash IN (SELECT token_hash FROM oauth_access_tokens WHERE ends_at < @before ORDER BY ends_at, token_hash LIMIT @limit)", new { before, limit });

    /// <summary>Families that are over, with their refresh tokens; not before their session is: its end is to be told to whoever had tokens of it.</summary>
    public static async Task<int> DeleteFamiliesEndedBefore(WriteTx tx, DateTimeOffset before, int limit)
    {
        var over = await tx.Many<Family>($"SELECT {FamilyColumns} FROM oauth_families WHERE ended_at IS NOT NULL AND ended_at < @before AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.account_id = oauth_families.account_id AND s.id = oauth_families.session_id AND s.ended_at IS NULL) ORDER BY ended_at, id LIMIT @limit", new { before, limit });
        foreach (var family in over)
        {
            await tx.Execute("DELETE FROM oauth_refresh_tokens WHERE account_id = @AccountId AND family_id = @Id", new { family.AccountId, family.Id });
            await tx.Execute("DELETE FROM oauth_families WHERE account_id = @AccountId AND id = @Id", new { family.AccountId, family.Id });
        }
        return over.Count;
    }
}
