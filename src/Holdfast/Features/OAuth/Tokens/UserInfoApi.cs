using System.Text.Json.Nodes;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Who the person is, as far as the scopes go (OpenID Connect Core §5.3, RFC 6750).</summary>
public static class UserInfoApi
{
    public const string Path = "/oauth/userinfo";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapMethods(Path, ["GET", "POST"], Answer).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();
        app.MapMethods(Path, ["OPTIONS"], (HttpContext context, Cors cors) => cors.Preflight(context)).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();
    }

    private static async Task<IResult> Answer(HttpContext context, LiveSession live, Cors cors)
    {
        await cors.Allow(context);
        const string Scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        // RFC 6750 §2.1, §3.1: in the header alone; a caller who shows nothing is told no more than the scheme.
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return Refuse(context, 401, null);
        // A token that is for another is not for this endpoint (RFC 8707 §1).
        if (await live.Access(header[Scheme.Length..].Trim()) is not { Family.Resource.Length: 0 } token) return Refuse(context, 401, "invalid_token");
        return Scope.Has(token.Token.Scopes, Scope.OpenId) ? OAuthJson.Answer(Claims(token)) : Refuse(context, 403, "insufficient_scope");
    }

    /// <summary>Only what the scopes ask for (§5.4).</summary>
    internal static JsonObject Claims(LiveToken token)
    {
        var (me, scopes) = (token.Me, token.Token.Scopes);
        var claims = new JsonObject { ["sub"] = me.Account.Id };
        if (Scope.Has(scopes, Scope.Profile))
        {
            claims["name"] = me.Account.Name;
            if (me.Account.Language is { } language) claims["locale"] = language;
            if (me.Account.TimeZone is { } zone) claims["zoneinfo"] = zone;
        }
        // An address comes from a link that was mailed to it, or from an operator, who answers for it.
        if (Scope.Has(scopes, Scope.Email)) (claims["email"], claims["email_verified"]) = (me.Account.Email, true);
        if (Scope.Has(scopes, Scope.Workspaces)) claims["workspaces"] = Workspaces(me, token);
        return claims;
    }

    /// <summary>Ours see all of them; others the one that the person chose.</summary>
    private static JsonArray Workspaces(SignedIn me, LiveToken token) => [.. me.Memberships.Where(m => m.SuspendedAt is null && (token.Client.FirstParty || m.WorkspaceId == token.Grant.WorkspaceId)).Select(Describe)];

    private static JsonNode Describe(Membership m)
    {
        var workspace = new JsonObject { ["id"] = m.WorkspaceId, ["slug"] = m.Slug, ["name"] = m.Workspace, ["role"] = m.Role, ["permissions"] = OAuthJson.List(m.Rights.Permissions) };
        if (m.RoleName is not null) workspace["role_name"] = m.RoleName;
        return workspace;
    }

    private static IResult Refuse(HttpContext context, int status, string? error)
    {
        context.Response.Headers.WWWAuthenticate = error is null ? "Bearer realm=\"userinfo\"" : $"Bearer realm=\"userinfo\", error=\"{error}\"";
        // Browsers' scripts may read why.
        context.Response.Headers.AccessControlExposeHeaders = "www-authenticate";
        context.Response.StatusCode = status;
        return OAuthJson.Answer(error is null ? [] : new JsonObject { ["error"] = error });
    }
}
