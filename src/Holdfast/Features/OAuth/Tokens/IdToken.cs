using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Holdfast.Features.OAuth;

/// <summary>Tells an application who signed in, when and how (OpenID Connect Core §2). Names and addresses are for the userinfo endpoint: this one comes back through browsers when people sign out. Rules only.</summary>
public static class IdToken
{
    public const string Type = "JWT";

    /// <summary>It is looked at once, when it comes.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    public static JsonObject Claims(string issuer, Family family, string? nonce, string amr, string accessToken, DateTimeOffset now)
    {
        var claims = new JsonObject
        {
            ["iss"] = issuer, ["sub"] = family.AccountId, ["aud"] = family.ClientId, ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = (now + Lifetime).ToUnixTimeSeconds(), ["auth_time"] = family.AuthTime.ToUnixTimeSeconds(),
            ["acr"] = family.Acr, ["sid"] = family.SessionId, ["at_hash"] = HalfHash(accessToken),
        };
        if (nonce is not null) claims["nonce"] = nonce;
        if (amr.Length > 0) claims["amr"] = OAuthJson.List(amr.Split(' '));
        return claims;
    }

    /// <summary>§3.1.3.6: the left half of the hash that the signature uses.</summary>
    internal static string HalfHash(string accessToken) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(accessToken)).AsSpan(0, 16));
}
