using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Whether an access token serves, for those whom it is meant for (RFC 7662). Everything else is inactive, with no word on why (§2.2).</summary>
public static class IntrospectApi
{
    public const string Path = "/oauth/introspect";

    public static void Map(IEndpointRouteBuilder app) => app.MapPost(Path, Answer).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();

    private static async Task<IResult> Answer(HttpContext context, AuthenticateClient authenticate, LiveSession live, HoldfastSettings settings)
    {
        var call = await OAuthEndpoint.Read(context, authenticate);
        if (!call.Ok) return call.Error.Answer();
        var (form, client) = call.Value;
        // §2.1: only who can show who they are may ask.
        if (!client.Confidential) return OAuthError.Client(byHeader: false).Answer();
        if (form["token"] is not { } token) return OAuthError.Request("token is missing").Answer();
        return await live.Access(token) is { } found && client.IsAudience(found.Family.ClientId, found.Family.Resource)
            ? OAuthJson.Answer(Describe(found, settings.Server.Issuer))
            : OAuthJson.Answer(new JsonObject { ["active"] = false });
    }

    private static JsonObject Describe(LiveToken found, string issuer)
    {
        var (token, family) = (found.Token, found.Family);
        var answer = new JsonObject
        {
            ["active"] = true, ["scope"] = token.Scopes, ["client_id"] = family.ClientId, ["token_type"] = "Bearer", ["sub"] = family.AccountId, ["aud"] = family.Resource.Length == 0 ? family.ClientId : family.Resource, ["iss"] = issuer,
            ["iat"] = token.MadeAt.ToUnixTimeSeconds(), ["exp"] = token.EndsAt.ToUnixTimeSeconds(), ["sid"] = family.SessionId, ["acr"] = family.Acr, ["auth_time"] = family.AuthTime.ToUnixTimeSeconds(),
        };
        // The one that the person chose: nothing of another may be shown to this application.
        if (found.Grant.WorkspaceId is { } workspace) answer["workspace_id"] = workspace;
        return answer;
    }
}
