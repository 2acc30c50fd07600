using Holdfast.Features.Devices;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.TwoFactor;

/// <summary>A browser that may skip the second step for some days.</summary>
public sealed record TrustedBrowser
{
    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public TokenHash TokenHash { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    /// <summary>What the browser told of itself besides, as <see cref="ClientHints"/> keeps it.</summary>
    public string Hints { get; init; } = "";

    public Device Device => Device.Recognise(UserAgent, ClientHints.Read(Hints));

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset LastUsedAt { get; init; }

    public DateTimeOffset EndsAt { get; init; }
}

/// <summary>Every statement on browsers that may skip the second step.</summary>
public static class TrustedBrowserTable
{
    public static Task Insert(WriteTx tx, TrustedBrowser row) => tx.Execute(
        """
        INSERT INTO trusted_browsers (account_id, id, token_hash, address, user_agent, hints, made_at, last_used_at, ends_at)
        VALUES (@AccountId, @Id, @TokenHash, @Address, @UserAgent, @Hints, @MadeAt, @LastUsedAt, @EndsAt)
        """,
        row);

    /// <summary>Notes the use of one that counts. False when it is unknown, another account's, forgotten or past its end.</summary>
    /// <param name="madeAfter">The setting may have become shorter since.</param>
    public static async Task<bool> Use(WriteTx tx, string accountId, TokenHash token, DateTimeOffset madeAfter, DateTimeOffset now) => await tx.Execute(
        "UPDATE trusted_browsers SET last_used_at = @now WHERE account_id = @accountId AND token_hash = @token AND ends_at > @now AND made_at > @madeAfter", new { accountId, token, madeAfter, now }) == 1;

    /// <summary>Newest first.</summary>
    public static Task<List<TrustedBrowser>> Of(ReadTx tx, string accountId, DateTimeOffset now) => tx.Many<TrustedBrowser>(
        "SELECT account_id, id, token_hash, address, user_agent, hints, made_at, last_used_at, ends_at FROM trusted_browsers WHERE account_id = @accountId AND ends_at > @now ORDER BY id DESC LIMIT 100", new { accountId, now });

    public static async Task<bool> Forget(WriteTx tx, string accountId, string id) =>
        await tx.Execute("DELETE FROM trusted_browsers WHERE account_id = @accountId AND id = @id", new { accountId, id }) == 1;

    public static Task<int> ForgetAll(WriteTx tx, string accountId) => tx.Execute("DELETE FROM trusted_browsers WHERE account_id = @accountId", new { accountId });

    public static Task<int> DeleteEndedBefore(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM trusted_browsers WHERE (account_id, id) IN (SELECT account_id, id FROM trusted_browsers WHERE ends_at < @before ORDER BY ends_at, id LIMIT @limit)", new { before, limit });
}
