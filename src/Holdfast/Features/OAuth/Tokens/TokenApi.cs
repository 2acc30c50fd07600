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
        var form = await OAuthForm.Read(context.Request);
        if (!form.Ok) return form.Error.Answer();
        var (parameters, caller) = (form.Value, Client.Of(context));
        var client = await authenticate.Run(context.Request, parameters, caller);
        if (!client.Ok) return client.Error.Answer();
        var outcome = parameters["grant_type"] switch
        {
            "authorization_code" => await exchange.Run(client.Value, new CodeForm(parameters["code"], parameters["redirect_uri"], parameters["code_verifier"], parameters["resource"]), caller),
            "refresh_token" => await refresh.Run(client.Value, parameters["refresh_token"], parameters["scope"], parameters["resource"], caller),
            null => OAuthError.Request("grant_type is missing"),
            _ => new OAuthError("unsupported_grant_type", "authorization_code and refresh_token are supported"),
        };
        return outcome.Ok ? OAuthJson.Answer(outcome.Value) : outcome.Error.Answer();
    }
}
