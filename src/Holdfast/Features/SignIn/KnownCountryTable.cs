using Holdfast.Storage;

namespace Holdfast.Features.SignIn;

/// <summary>Every statement on the countries from which an account has been used.</summary>
public static class KnownCountryTable
{
    /// <returns>True when it was not known and another one was: the first country of all is no news.</returns>
    public static async Task<bool> Remember(WriteTx tx, string accountId, string country, DateTimeOffset now)
    {
        if (await tx.Execute("UPDATE known_countries SET last_seen_at = @now WHERE account_id = @accountId AND country = @country", new { accountId, country, now }) == 1) return false;
        var others = await tx.Count("SELECT COUNT(*) FROM known_countries WHERE account_id = @accountId", new { accountId });
        await tx.Execute("INSERT INTO known_countries (account_id, country, first_seen_at, last_seen_at) VALUES (@accountId, @country, @now, @now) ON CONFLICT (account_id, country) DO NOTHING", new { accountId, country, now });
        return others > 0;
    }

    /// <summary>After "This wasn't me" no country is known any more.</summary>
    public static Task ForgetAll(WriteTx tx, string accountId) => tx.Execute("DELETE FROM known_countries WHERE account_id = @accountId", new { accountId });
}
