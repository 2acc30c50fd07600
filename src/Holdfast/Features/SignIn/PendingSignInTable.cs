using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.SignIn;

/// <summary>Every statement on sign-ins that are half done.</summary>
public static class PendingSignInTable
{
    public static Task Insert(WriteTx tx, PendingSignIn row) => tx.Execute(
        """
        INSERT INTO pending_sign_ins (token_hash, account_id, next_step, proven_with, password_mark, kept, replaces, address, user_agent, made_at, ends_at)
        VALUES (@TokenHash, @AccountId, @NextStep, @ProvenWith, @PasswordMark, @kept, @replaces, @Address, @UserAgent, @MadeAt, @EndsAt)
        """,
        new { row.TokenHash, row.AccountId, row.NextStep, row.ProvenWith, row.PasswordMark, kept = row.Kept ? 1 : 0, replaces = row.Replaces?.ToBytes(), row.Address, row.UserAgent, row.MadeAt, row.EndsAt });

    public static Task<PendingSignIn?> Find(ReadTx tx, TokenHash token) => tx.One<PendingSignIn>(
        "SELECT token_hash, account_id, next_step, proven_with, password_mark, kept, replaces, address, user_agent, made_at, ends_at, used_at, killed_at FROM pending_sign_ins WHERE token_hash = @token", new { token });

    /// <summary>Uses it up. False when it was used, killed, or ran out meanwhile.</summary>
    public static async Task<bool> Use(WriteTx tx, TokenHash token, DateTimeOffset now) =>
        await tx.Execute("UPDATE pending_sign_ins SET used_at = @now WHERE token_hash = @token AND used_at IS NULL AND killed_at IS NULL AND ends_at > @now", new { token, now }) == 1;

    public static Task Kill(WriteTx tx, TokenHash token, DateTimeOffset now) =>
        tx.Execute("UPDATE pending_sign_ins SET killed_at = @now WHERE token_hash = @token AND used_at IS NULL AND killed_at IS NULL", new { token, now });

    public static Task KillAll(WriteTx tx, string accountId, DateTimeOffset now) =>
        tx.Execute("UPDATE pending_sign_ins SET killed_at = @now WHERE account_id = @accountId AND used_at IS NULL AND killed_at IS NULL", new { accountId, now });

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM pending_sign_ins WHERE token_hash IN (SELECT token_hash FROM pending_sign_ins WHERE ends_at < @before ORDER BY ends_at, token_hash LIMIT @limit)", new { before, limit });
}
