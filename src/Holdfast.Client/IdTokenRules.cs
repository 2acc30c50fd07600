using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Holdfast.Client;

/// <summary>What an id token must say beyond what every token must (OpenID Connect Core §3.1.3.7). Rules only.</summary>
internal static class IdTokenRules
{
    /// <returns>Null when it is right; else what it lacks, for the log.</returns>
    public static string? WhyNot(JsonElement claims, Attempt attempt, string accessToken)
    {
        if (ReadToken.Text(claims, "sub") is null || ReadToken.Text(claims, "sid") is null) return "sub or sid is missing";
        // Step 11: it answers the request of this browser.
        if (ReadToken.Text(claims, "nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(attempt.Nonce))) return "nonce is another";
        // §3.1.3.8: the access token came with it.
        if (ReadToken.Text(claims, "at_hash") != Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16))) return "at_hash is another";
        if (AgeOfProof(claims) is not { } old) return "auth_time is missing, or after iat";
        // Steps 12 and 13: what was asked for was done. A code may take a minute on its way.
        if (attempt.Demand.MaxAge is { } age && old > age + ReadToken.Skew) return "auth_time is older than was asked for";
        return attempt.Demand.SecondFactor && ReadToken.Text(claims, "acr") != Demand.TwoFactors ? "acr is less than was asked for" : null;
    }

    /// <summary>When the token was made, by the clock that made it; null when it does not say.</summary>
    public static TimeSpan? AgeOfProof(JsonElement claims) => ReadToken.Time(claims, "iat") is { } issued && ReadToken.Time(claims, "auth_time") is { } proven && proven <= issued ? issued - proven : null;
}
