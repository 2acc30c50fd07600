using System.Text.Json.Nodes;
using Holdfast.Configuration;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>
/// A refresh token for new tokens (RFC 6749 §6). It serves once and another follows (RFC 9700 §4.14.2). One that comes again is a thief's, or its owner's after a thief, and ends the family;
/// but within <see cref="Retry"/>, while the one that followed is unused, it is taken for an answer that got lost and gets that same follower again.
/// </summary>
public sealed class RefreshTokens(Db db, LiveSession live, KeyRing keys, HoldfastSettings settings, TimeProvider clock)
{
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(30);

    /// <summary>How long a used token is known as such. After that it is unknown, and refused all the same.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    /// <summary>Refuses with <c>invalid_grant</c>: unknown, another application's, used before, or what it hangs on is over; <c>invalid_scope</c>, <c>invalid_target</c>.</summary>
    public async Task<OAuthOutcome<JsonObject>> Run(OAuthClient client, string? token, string? scope, string? resource, Client caller)
    {
        if (IssuedTokens.RefreshHash(token) is not { } hash) return Over;
        var (row, family, grant) = await db.Read<(RefreshTokenRow?, Family?, Grant?)>(async tx =>
        {
            if (await TokenTable.Refresh(tx, hash) is not { } found || await TokenTable.FamilyOf(tx, found.AccountId, found.FamilyId) is not { } of) return (null, null, null);
            return (found, of, await GrantTable.ById(tx, found.AccountId, of.GrantId));
        });
        // What it may no longer ask for, it does not get any further either (RFC 6749 §6).
        if (row is null || family is null || grant is null || family.ClientId != client.Id || Scope.Split(family.Scopes).Any(s => !client.ScopeList.Contains(s, StringComparer.Ordinal))) return Over;
        // The application of ours that somebody works in is a use of their session; others' programs run at night as well (ASVS 7.3.1).
        if (await live.Of(family, isUse: client.FirstParty && row.UsedAt is null) is not { } me || !grant.Reaches(me, client.FirstParty)) return Over;
        // RFC 6749 §6: nothing beyond what was allowed. Less is not offered: each family has its scopes.
        if (scope is not null && Scope.Join(Scope.Split(scope)) != family.Scopes) return new OAuthError("invalid_scope", "the scopes must be those of the first answer, or be left out");
        if (resource is not null && resource != family.Resource) return new OAuthError("invalid_target", "the token is not for this resource");
        var issued = await db.Write<OAuthOutcome<IssuedTokens>>(tx => Rotate(tx, client, family, token!, hash, caller));
        return issued.Ok ? issued.Value.Answer(null) : issued.Error;
    }

    private async Task<OAuthOutcome<IssuedTokens>> Rotate(WriteTx tx, OAuthClient client, Family family, string text, TokenHash hash, Client caller)
    {
        var now = clock.GetUtcNow();
        // One order of rows wherever tokens are made: session, grant, family.
        if (!await SessionTable.HoldLive(tx, family.AccountId, family.SessionId) || !await GrantTable.Touch(tx, family.AccountId, family.GrantId, now, caller.Address) || !await TokenTable.Touch(tx, family, now)) return Over;
        var next = Follower(keys.Hash(Purpose, text));
        if (await TokenTable.UseRefresh(tx, hash, next.Hash, now))
        {
            await TokenTable.InsertRefresh(tx, next.Hash, family.AccountId, family.Id, now);
            await TokenTable.DeleteUsedBefore(tx, family, now - Remembered);
        }
        else
        {
            var used = (await TokenTable.Refresh(tx, hash))!;
            var follower = keys.HashWithEach(Purpose, text).Select(Follower).Where(f => f.Hash == used.NextHash).ToList();
            var isRetry = now - used.UsedAt < Retry && follower.Count > 0 && await TokenTable.Refresh(tx, used.NextHash!.Value) is { UsedAt: null };
            if (!isRetry)
            {
                await ReuseFound.In(tx, family.AccountId, family.Id, client, "refresh_token", caller, now);
                return Over;
            }
            next = follower[0];
        }
        return new IssuedTokens(family, await IssuedTokens.NewAccess(tx, family, settings.OAuth.AccessTokenLifetime, now), next, settings.OAuth.AccessTokenLifetime);
    }

    private static OAuthError Over => OAuthError.Grant("the refresh token is unknown or over");

    /// <summary>Computed from the token before with a key that is not in the database: whoever lost an answer can be given it again, and nobody else can know it.</summary>
    private static SecretToken Follower(byte[] bytes) => SecretToken.Of(bytes);

    private const string Purpose = "refresh token follower";
}
