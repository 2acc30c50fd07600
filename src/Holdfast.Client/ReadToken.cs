using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Holdfast.Client;

/// <summary>Reads what Holdfast has signed for this product (RFC 7519, RFC 8725): ES256 and nothing else, of the kind that is expected, from this issuer, for this client alone, not over.</summary>
internal sealed class ReadToken(Provider provider, IOptions<HoldfastOptions> options, TimeProvider clock, ILogger<ReadToken> logger)
{
    public const string Id = "JWT";
    public const string Logout = "logout+jwt";

    /// <summary>How far our clock and Holdfast's may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(1);

    /// <summary>Both kinds are made just before they come.</summary>
    private static readonly TimeSpan Oldest = TimeSpan.FromMinutes(5);

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 16 * 1024 };

    /// <param name="type"><see cref="Id"/> or <see cref="Logout"/>: the <c>typ</c> of the header, so that one kind is not taken for another (RFC 8725 §3.11).</param>
    /// <returns>The claims; <see cref="Provider.Unreachable"/>, or <see cref="Provider.Over"/> for anything that is not such a token. The log says why, and nothing of the token.</returns>
    public async Task<Answered<string>> Run(string token, string type)
    {
        if (await provider.Describe() is not { } metadata) return new(null, Provider.Unreachable);
        var result = await Handler.ValidateTokenAsync(token, Parameters(type, metadata));
        // It may be signed by a key that is newer than what we keep.
        if (result.Exception is SecurityTokenSignatureKeyNotFoundException && await provider.Describe(newKeys: true) is { } newer && newer != metadata) result = await Handler.ValidateTokenAsync(token, Parameters(type, newer));
        if (!result.IsValid || result.SecurityToken is not JsonWebToken read) return Refuse(result.Exception?.GetType().Name ?? "no token");
        var claims = JsonElement.Parse(Base64UrlEncoder.DecodeBytes(read.EncodedPayload));
        // OpenID Connect Core §3.1.3.7 steps 3 to 5: for us, and for nobody besides.
        if (Text(claims, "aud") != options.Value.ClientId || (claims.TryGetProperty("azp", out _) && Text(claims, "azp") != options.Value.ClientId)) return Refuse("for another client");
        return new(claims.GetRawText(), null);
    }

    public static string? Text(JsonElement claims, string name) => claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and < 2000 } text ? text : null;

    public static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds is > 0 and < 100_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    private TokenValidationParameters Parameters(string type, Metadata metadata) => new()
    {
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256], ValidTypes = [type], ValidIssuer = options.Value.Issuer, ValidAudience = options.Value.ClientId, IssuerSigningKeys = metadata.Keys,
        // The key that the token names, and no other.
        TryAllIssuerSigningKeys = false, RequireSignedTokens = true, RequireExpirationTime = true, ValidateTokenReplay = false,
        LifetimeValidator = (_, expires, read, _) => IsNow(expires, (read as JsonWebToken)?.IssuedAt),
    };

    private bool IsNow(DateTime? expires, DateTime? issued)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return expires is { } end && issued is { } begin && now < end + Skew && begin <= now + Skew && now - begin <= Oldest + Skew;
    }

    private Answered<string> Refuse(string why)
    {
        logger.LogWarning("A token that claims to be of {Authority} was refused: {Why}", options.Value.Issuer, why);
        return new(null, Provider.Over);
    }
}
