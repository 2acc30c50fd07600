using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>What an application has to know of us, and the keys that sign: OpenID Connect Discovery 1.0 §3, RFC 8414 §2, RFC 7517. Both addresses say the same.</summary>
public static class DiscoveryApi
{
    public const string Keys = "/oauth/jwks";

    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var path in new[] { "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server" })
        {
            app.MapGet(path, (HttpContext context, HoldfastSettings settings) => Public(context, Describe(settings))).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();
        }
        app.MapGet(Keys, async (HttpContext context, SigningKeys keys) => Public(context, await keys.Published())).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();
    }

    /// <summary>The same for everybody: any page may read it, and it may be kept for a while. Keys are published a day before they sign.</summary>
    private static IResult Public(HttpContext context, JsonObject body)
    {
        context.Response.Headers.CacheControl = "public, max-age=300";
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Response.Headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        return Results.Text(body.ToJsonString(), "application/json; charset=utf-8");
    }

    private static JsonObject Describe(HoldfastSettings settings)
    {
        var issuer = settings.Server.Issuer;
        return new JsonObject
        {
            ["issuer"] = issuer, ["authorization_endpoint"] = issuer + AuthorizePage.Address, ["token_endpoint"] = issuer + TokenApi.Path, ["userinfo_endpoint"] = issuer + UserInfoApi.Path, ["jwks_uri"] = issuer + Keys,
            ["introspection_endpoint"] = issuer + IntrospectApi.Path, ["revocation_endpoint"] = issuer + RevokeApi.Path, ["end_session_endpoint"] = issuer + OAuthSignOutPage.Address,
            ["response_types_supported"] = OAuthJson.List(["code"]), ["response_modes_supported"] = OAuthJson.List(["query"]), ["grant_types_supported"] = OAuthJson.List(["authorization_code", "refresh_token"]),
            ["code_challenge_methods_supported"] = OAuthJson.List(["S256"]), ["authorization_response_iss_parameter_supported"] = true,
            ["token_endpoint_auth_methods_supported"] = OAuthJson.List(["client_secret_basic", "client_secret_post", "none"]), ["introspection_endpoint_auth_methods_supported"] = OAuthJson.List(["client_secret_basic", "client_secret_post"]),
            ["revocation_endpoint_auth_methods_supported"] = OAuthJson.List(["client_secret_basic", "client_secret_post", "none"]),
            ["subject_types_supported"] = OAuthJson.List(["public"]), ["id_token_signing_alg_values_supported"] = OAuthJson.List(["ES256"]), ["scopes_supported"] = OAuthJson.List(settings.OAuth.AllScopes),
            ["claims_supported"] = OAuthJson.List(["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name", "locale", "zoneinfo", "email", "email_verified", "workspaces"]),
            ["acr_values_supported"] = OAuthJson.List(Acr.All), ["prompt_values_supported"] = OAuthJson.List(["none", "login", "consent"]), ["claims_parameter_supported"] = false, ["request_parameter_supported"] = false, ["request_uri_parameter_supported"] = false,
            ["backchannel_logout_supported"] = true, ["backchannel_logout_session_supported"] = true, ["ui_locales_supported"] = OAuthJson.List(Texts.Text.Languages),
        };
    }
}
