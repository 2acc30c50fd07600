using Holdfast.Storage;

namespace Holdfast.Features.Passwords;

/// <summary>What is stored of a password.</summary>
public sealed record PasswordRow
{
    public required string AccountId { get; init; }

    public required string Phc { get; init; }

    public string? PepperId { get; init; }

    /// <summary>zxcvbn's 0 to 4 when it was chosen.</summary>
    public int Score { get; init; }

    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>The longest length rule that it met when it was chosen, in code points; null where nobody asked.</summary>
    public int? LeastLength { get; init; }

    /// <summary>Set when the owner said "This wasn't me": the password opens nothing until a new one is chosen.</summary>
    public DateTimeOffset? BlockedAt { get; init; }
}

/// <summary>Every statement on passwords.</summary>
public static class PasswordTable
{
    public static Task<PasswordRow?> Of(ReadTx tx, string accountId) =>
        tx.One<PasswordRow>("SELECT account_id, phc, pepper_id, score, changed_at, least_length, blocked_at FROM passwords WHERE account_id = @accountId", new { accountId });

    public static Task Insert(WriteTx tx, PasswordRow row) => tx.Execute(
        "INSERT INTO passwords (account_id, phc, pepper_id, score, changed_at, least_length) VALUES (@AccountId, @Phc, @PepperId, @Score, @ChangedAt, @LeastLength)", row);

    /// <summary>Puts a new password in the place of the one that was proven. False when another request was quicker.</summary>
    public static async Task<bool> Replace(WriteTx tx, PasswordRow row, string provenPhc) => await tx.Execute(
        """
        UPDATE passwords SET phc = @Phc, pepper_id = @PepperId, score = @Score, changed_at = @ChangedAt, least_length = @LeastLength, blocked_at = NULL
        WHERE account_id = @AccountId AND phc = @provenPhc AND blocked_at IS NULL
        """,
        new { row.Phc, row.PepperId, row.Score, row.ChangedAt, row.LeastLength, row.AccountId, provenPhc }) == 1;

    /// <summary>Puts a new password in place whatever the old one was: for recovery only.</summary>
    public static Task Overwrite(WriteTx tx, PasswordRow row) => tx.Execute(
        """
        INSERT INTO passwords (account_id, phc, pepper_id, score, changed_at, least_length) VALUES (@AccountId, @Phc, @PepperId, @Score, @ChangedAt, @LeastLength)
        ON CONFLICT (account_id) DO UPDATE SET phc = @Phc, pepper_id = @PepperId, score = @Score, changed_at = @ChangedAt, least_length = @LeastLength, blocked_at = NULL
        """,
        row);

    /// <summary>The same password under newer parameters. Nothing happens when it was changed meanwhile.</summary>
    public static Task Rehash(WriteTx tx, string accountId, string provenPhc, string phc, string? pepperId) =>
        tx.Execute("UPDATE passwords SET phc = @phc, pepper_id = @pepperId WHERE account_id = @accountId AND phc = @provenPhc", new { accountId, provenPhc, phc, pepperId });

    /// <returns>False when the password was changed or blocked since it was read.</returns>
    public static async Task<bool> StillIs(WriteTx tx, string accountId, string phc) =>
        await tx.Execute("UPDATE passwords SET phc = phc WHERE account_id = @accountId AND phc = @phc AND blocked_at IS NULL", new { accountId, phc }) == 1;

    public static Task Block(WriteTx tx, string accountId, DateTimeOffset now) =>
        tx.Execute("UPDATE passwords SET blocked_at = @now WHERE account_id = @accountId AND blocked_at IS NULL", new { accountId, now });
}
