using System.Text.Json.Nodes;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>What an application is given, with the only copies of the secrets. It prints nothing of them.</summary>
public sealed class IssuedTokens(Family family, SecretToken access, SecretToken? refresh, TimeSpan lifetime)
{
    /// <summary>Lets scanners for lost secrets recognise a token, and keeps one kind from being taken for another.</summary>
    public const string AccessPrefix = "hf_at_";

    public const string RefreshPrefix = "hf_rt_";

    public Family Family { get; } = family;

    public string AccessToken => AccessPrefix + access.Reveal();

    /// <summary>RFC 6749 §5.1.</summary>
    public JsonObject Answer(string? idToken)
    {
        var answer = new JsonObject { ["access_token"] = AccessToken, ["token_type"] = "Bearer", ["expires_in"] = (long)lifetime.TotalSeconds, ["scope"] = Family.Scopes };
        if (refresh is { } next) answer["refresh_token"] = RefreshPrefix + next.Reveal();
        if (idToken is not null) answer["id_token"] = idToken;
        return answer;
    }

    /// <summary>A new access token in a family.</summary>
    internal static async Task<SecretToken> NewAccess(WriteTx tx, Family family, TimeSpan lifetime, DateTimeOffset now)
    {
        var token = SecretToken.New();
        await TokenTable.InsertAccess(tx, new AccessTokenRow { TokenHash = token.Hash, AccountId = family.AccountId, FamilyId = family.Id, Scopes = family.Scopes, MadeAt = now, EndsAt = now + lifetime });
        return token;
    }

    internal static TokenHash? AccessHash(string? text) => Hash(text, AccessPrefix);

    internal static TokenHash? RefreshHash(string? text) => Hash(text, RefreshPrefix);

    private static TokenHash? Hash(string? text, string prefix) => text is not null && text.StartsWith(prefix, StringComparison.Ordinal) && SecretToken.TryHash(text.AsSpan(prefix.Length), out var hash) ? hash : null;
}
