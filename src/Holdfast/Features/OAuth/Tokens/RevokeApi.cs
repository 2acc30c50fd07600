using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>An application gives back a token of its own (RFC 7009). A refresh token takes its whole family along (§2.1), an access token only itself. What is unknown is as good as revoked (§2.2).</summary>
public static class RevokeApi
{
    public const string Path = "/oauth/revoke";

    public static void Map(IEndpointRouteBuilder app) => app.MapPost(Path, Answer).WithMetadata(OAuthEndpoint.Metadata).ExcludeFromDescription();

    private static async Task<IResult> Answer(HttpContext context, AuthenticateClient authenticate, Db db, TimeProvider clock, Cors cors)
    {
        await cors.Allow(context);
        var call = await OAuthEndpoint.Read(context, authenticate);
        if (!call.Ok) return call.Error.Answer();
        var (form, client) = call.Value;
        if (form["token"] is not { } token) return OAuthError.Request("token is missing").Answer();
        // token_type_hint is not needed: each kind says which it is.
        return await db.Write(tx => Revoke(tx, client, token, clock.GetUtcNow())) is { } error ? error.Answer() : Results.Ok();
    }

    private static async Task<OAuthError?> Revoke(WriteTx tx, OAuthClient client, string token, DateTimeOffset now)
    {
        string accountId, familyId;
        TokenHash? access = IssuedTokens.AccessHash(token);
        if (access is { } hash && await TokenTable.Access(tx, hash) is { } row) (accountId, familyId) = (row.AccountId, row.FamilyId);
        else if (IssuedTokens.RefreshHash(token) is { } refresh && await TokenTable.Refresh(tx, refresh) is { } found) (accountId, familyId) = (found.AccountId, found.FamilyId);
        else return null;
        // §2.1: a token that was issued to another is not this application's to revoke, and it is told so.
        if ((await TokenTable.FamilyOf(tx, accountId, familyId))?.ClientId != client.Id) return new OAuthError("unauthorized_client", "the token was issued to another client");
        if (access is { } own) await TokenTable.RevokeAccess(tx, own, now);
        else await TokenTable.End(tx, accountId, familyId, FamilyEnd.Revoked, now);
        return null;
    }
}
