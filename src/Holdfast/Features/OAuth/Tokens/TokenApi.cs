using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>The token endpoint (RFC 6749 §3.2): a code, or a refresh token, for tokens. Nothing else: no password, no implicit, no client credentials.</summary>
public static class TokenApi
{
    public const string Path = "/oauth/token";

    public static void Map(IEndpointRouteBuilder app) => app.MapPost(Path, Answer).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();

    private static async Task<IResult> Answer(HttpContext context, AuthenticateClient authenticate, ExchangeCode exchange, RefreshTokens refresh, Cors cors)
    {
        await cors.Allow(context);
        var call = await OAuthEndpoint.Read(context, authenticate);
        if (!call.Ok) return call.Error.Answer();
        var ((form, client), caller) = (call.Value, Client.Of(context));
        var outcome = form["grant_type"] switch
        {
            "authorization_code" => await exchange.Run(client, new CodeForm(form["code"], form["redirect_uri"], form["code_verifier"], form["resource"]), caller),
            "refresh_token" => await refresh.Run(client, form["refresh_token"], form["scope"], form["resource"], caller),
            null => OAuthError.Request("grant_type is missing"),
            _ => new OAuthError("unsupported_grant_type", "authorization_code and refresh_token are supported"),
        };
        return outcome.Ok ? OAuthJson.Answer(outcome.Value) : outcome.Error.Answer();
    }
}
