using System.Text;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Links;

/// <summary>What a mailed link is for. Permanent names.</summary>
public static class LinkPurpose
{
    public const string NotMe = "not_me";
    public const string ResetPassword = "reset_password";
    public const string ConfirmEmail = "confirm_email";
    public const string UndoEmail = "undo_email";
    public const string StopReset = "stop_reset";
    public const string KeepAccount = "keep_account";
}

public sealed record Link
{
    public required string AccountId { get; init; }

    public required string Purpose { get; init; }

    public DateTimeOffset EndsAt { get; init; }

    public DateTimeOffset? UsedAt { get; init; }

    public DateTimeOffset? KilledAt { get; init; }

    /// <summary>Hash of the canonical address that it was made for; null where it does not matter.</summary>
    public TokenHash? AddressMark { get; init; }

    public static TokenHash MarkOf(string canonicalEmail) => TokenHash.Of(Encoding.UTF8.GetBytes(canonicalEmail));

    /// <summary>The account still has the address that the link went to.</summary>
    public bool IsFor(string canonicalEmail) => AddressMark is null || AddressMark == MarkOf(canonicalEmail);

    public bool IsOpen(DateTimeOffset now) => UsedAt is null && KilledAt is null && now < EndsAt;
}

/// <summary>Every statement on mailed links: 256 random bits, stored as a hash, used once (ASVS 6.5.1, 11.5.1).</summary>
public static class LinkTable
{
    /// <param name="addressMark"><see cref="Link.MarkOf"/> the address that it is made for, where another address ends it.</param>
    /// <returns>The secret that goes into the letter, and nowhere else.</returns>
    public static async Task<SecretToken> Make(WriteTx tx, string accountId, string purpose, DateTimeOffset now, TimeSpan lifetime, TokenHash? addressMark = null)
    {
        var token = SecretToken.New();
        await tx.Execute("INSERT INTO links (token_hash, account_id, purpose, created_at, ends_at, address_mark) VALUES (@Hash, @accountId, @purpose, @now, @endsAt, @mark)",
            new { token.Hash, accountId, purpose, now, endsAt = now + lifetime, mark = addressMark?.ToBytes() });
        return token;
    }

    public static Task<Link?> Find(ReadTx tx, TokenHash token, string purpose) =>
        tx.One<Link>("SELECT account_id, purpose, ends_at, used_at, killed_at, address_mark FROM links WHERE token_hash = @token AND purpose = @purpose", new { token, purpose });

    /// <summary>Uses the link up. Null when it is unknown, for something else, used, killed or past its end: the one statement that makes it single-use.</summary>
    public static async Task<string?> Use(WriteTx tx, TokenHash token, string purpose, DateTimeOffset now) => (await tx.Many<string>(
        "UPDATE links SET used_at = @now WHERE token_hash = @token AND purpose = @purpose AND used_at IS NULL AND killed_at IS NULL AND ends_at > @now RETURNING account_id",
        new { token, purpose, now })).SingleOrDefault();

    /// <summary>When links of one kind were made for an account, since a moment, newest first: open or not.</summary>
    public static Task<List<DateTimeOffset>> MadeSince(ReadTx tx, string accountId, string purpose, DateTimeOffset since) => tx.Many<DateTimeOffset>(
        "SELECT created_at FROM links WHERE account_id = @accountId AND purpose = @purpose AND created_at > @since ORDER BY created_at DESC, token_hash", new { accountId, purpose, since });

    /// <summary>Open recovery links die when the password is changed or reset, and when there is a newer one.</summary>
    public static Task KillRecovery(WriteTx tx, string accountId, DateTimeOffset now) => Kill(tx, accountId, LinkPurpose.ResetPassword, now);

    /// <summary>Every open link of one kind dies.</summary>
    public static Task Kill(WriteTx tx, string accountId, string purpose, DateTimeOffset now) =>
        tx.Execute("UPDATE links SET killed_at = @now WHERE account_id = @accountId AND purpose = @purpose AND used_at IS NULL AND killed_at IS NULL", new { accountId, purpose, now });

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM links WHERE token_hash IN (SELECT token_hash FROM links WHERE ends_at < @before ORDER BY ends_at, token_hash LIMIT @limit)", new { before, limit });
}
