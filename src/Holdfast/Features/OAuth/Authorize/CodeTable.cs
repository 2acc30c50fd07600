using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>An authorization code: what the application gets for it, and once.</summary>
public sealed record CodeRow
{
    public TokenHash CodeHash { get; init; }

    public required string AccountId { get; init; }

    public required string SessionId { get; init; }

    public required string ClientId { get; init; }

    public required string GrantId { get; init; }

    public required string Redirect { get; init; }

    public required string Challenge { get; init; }

    public required string Scopes { get; init; }

    public required string Resource { get; init; }

    public string? Nonce { get; init; }

    public required string Acr { get; init; }

    public required string Amr { get; init; }

    public DateTimeOffset AuthTime { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }

    public string? FamilyId { get; init; }
}

/// <summary>Every statement on authorization codes.</summary>
public static class CodeTable
{
    private const string Columns = "code_hash, account_id, session_id, client_id, grant_id, redirect, challenge, scopes, resource, nonce, acr, amr, auth_time, made_at, ends_at, used_at, family_id";

    public static Task Insert(WriteTx tx, CodeRow row) => tx.Execute(
        """
        INSERT INTO oauth_codes (code_hash, account_id, session_id, client_id, grant_id, redirect, challenge, scopes, resource, nonce, acr, amr, auth_time, made_at, ends_at)
        VALUES (@CodeHash, @AccountId, @SessionId, @ClientId, @GrantId, @Redirect, @Challenge, @Scopes, @Resource, @Nonce, @Acr, @Amr, @AuthTime, @MadeAt, @EndsAt)
        """,
        new { row.CodeHash, row.AccountId, row.SessionId, row.ClientId, row.GrantId, row.Redirect, row.Challenge, row.Scopes, row.Resource, row.Nonce, row.Acr, row.Amr, row.AuthTime, row.MadeAt, row.EndsAt });

    public static Task<CodeRow?> Find(ReadTx tx, TokenHash code) => tx.One<CodeRow>($"SELECT {Columns} FROM oauth_codes WHERE code_hash = @code", new { code });

    /// <returns>False when it was used before: of fifty at once, one uses it.</returns>
    public static async Task<bool> Use(WriteTx tx, TokenHash code, string familyId, DateTimeOffset now) =>
        await tx.Execute("UPDATE oauth_codes SET used_at = @now, family_id = @familyId WHERE code_hash = @code AND used_at IS NULL", new { code, familyId, now }) == 1;

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM oauth_codes WHERE code_hash IN (SELECT code_hash FROM oauth_codes WHERE ends_at < @before ORDER BY ends_at, code_hash LIMIT @limit)", new { before, limit });
}
