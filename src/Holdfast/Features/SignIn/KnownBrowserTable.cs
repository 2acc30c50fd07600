using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.SignIn;

/// <summary>Every statement on the browsers that have signed in to an account before.</summary>
public static class KnownBrowserTable
{
    public static async Task<bool> Knows(ReadTx tx, string accountId, TokenHash browser) =>
        await tx.Count("SELECT COUNT(*) FROM known_browsers WHERE account_id = @accountId AND token_hash = @browser", new { accountId, browser }) == 1;

    /// <returns>True when it was not known before.</returns>
    public static async Task<bool> Remember(WriteTx tx, string accountId, TokenHash browser, DateTimeOffset now) => await tx.Execute(
        "UPDATE known_browsers SET last_seen_at = @now WHERE account_id = @accountId AND token_hash = @browser", new { accountId, browser, now }) == 0
        && await tx.Execute(
        "INSERT INTO known_browsers (account_id, token_hash, first_seen_at, last_seen_at) VALUES (@accountId, @browser, @now, @now) ON CONFLICT (account_id, token_hash) DO NOTHING",
        new { accountId, browser, now }) == 1;

    /// <summary>After "This wasn't me" no browser is known any more.</summary>
    public static Task ForgetAll(WriteTx tx, string accountId) => tx.Execute("DELETE FROM known_browsers WHERE account_id = @accountId", new { accountId });
}
