using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Lets this browser skip the second step for as many days as the policy allows: a random token, stored as a hash, good for one account.</summary>
public static class TrustBrowser
{
    public static async Task<SecretToken> Run(WriteTx tx, string accountId, TwoFactorSettings settings, Client client, DateTimeOffset now)
    {
        var token = SecretToken.New();
        await TrustedBrowserTable.Insert(tx, new TrustedBrowser
        {
            AccountId = accountId, Id = Ids.New(now), TokenHash = token.Hash, Address = client.Address, UserAgent = client.UserAgent, Hints = client.Hints, MadeAt = now, LastUsedAt = now, EndsAt = now + settings.Remember,
        });
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.BrowserRemembered, accountId, client));
        return token;
    }

    /// <summary>True when this browser went through the second step here before and may skip it now.</summary>
    public static async Task<bool> Serves(WriteTx tx, string accountId, TokenHash? token, TwoFactorSettings settings, DateTimeOffset now) =>
        settings.MayRemember && token is { } known && await TrustedBrowserTable.Use(tx, accountId, known, now - settings.Remember, now);
}
