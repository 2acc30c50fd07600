using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.Unusual;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <param name="Verifier">The PKCE code_verifier.</param>
public sealed record CodeForm(string? Code, string? Redirect, string? Verifier, string? Resource);

/// <summary>A code for tokens, once (RFC 6749 §4.1.3, RFC 7636 §4.6, RFC 9700 §4.5).</summary>
public sealed class ExchangeCode(Db db, SigningKeys keys, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses with <c>invalid_grant</c>: unknown, used, too old, another application's, another address, the wrong verifier, or the session is over. A second use also ends what the first got (ASVS 10.4.2).</summary>
    public async Task<OAuthOutcome<System.Text.Json.Nodes.JsonObject>> Run(OAuthClient client, CodeForm form, Client caller)
    {
        if (form.Code is null || !SecretToken.TryHash(form.Code, out var hash)) return OAuthError.Grant("the code is unknown or over");
        var exchanged = await db.Write<OAuthOutcome<(IssuedTokens Tokens, CodeRow Code)>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await CodeTable.Find(tx, hash) is not { } code || code.ClientId != client.Id) return OAuthError.Grant("the code is unknown or over");
            if (code.UsedAt is not null) return await Reused(tx, client, code, caller, now);
            if (now >= code.EndsAt) return OAuthError.Grant("the code is unknown or over");
            // RFC 6749 §4.1.3: the address that the code was sent to.
            if (form.Redirect is not null && form.Redirect != code.Redirect) return OAuthError.Grant("redirect_uri is another than the code was sent to");
            if (!Proves(form.Verifier, code.Challenge)) return OAuthError.Grant("code_verifier does not fit code_challenge");
            if (form.Resource is not null && form.Resource != code.Resource) return new OAuthError("invalid_target", "the code is not for this resource");
            return await Use(tx, client, code, caller, now);
        });
        if (!exchanged.Ok) return exchanged.Error;
        var (tokens, used) = exchanged.Value;
        var idToken = Scope.Has(used.Scopes, Scope.OpenId) ? await keys.Sign(IdToken.Claims(settings.Server.Issuer, tokens.Family, used.Nonce, used.Amr, tokens.AccessToken, clock.GetUtcNow()), IdToken.Type) : null;
        return tokens.Answer(idToken);
    }

    private async Task<OAuthOutcome<(IssuedTokens, CodeRow)>> Use(WriteTx tx, OAuthClient client, CodeRow code, Client caller, DateTimeOffset now)
    {
        // The session is held to the end: whoever ends it finds the tokens that are made here.
        if (!await SessionTable.HoldLive(tx, code.AccountId, code.SessionId) || !await GrantTable.Touch(tx, code.AccountId, code.GrantId, now, caller.Address)) return OAuthError.Grant("the code is unknown or over");
        var family = new Family { AccountId = code.AccountId, Id = Ids.New(now), SessionId = code.SessionId, ClientId = code.ClientId, GrantId = code.GrantId, Scopes = code.Scopes, Resource = code.Resource, Acr = code.Acr, AuthTime = code.AuthTime, MadeAt = now };
        if (!await CodeTable.Use(tx, code.CodeHash, family.Id, now)) return await Reused(tx, client, (await CodeTable.Find(tx, code.CodeHash))!, caller, now);
        await TokenTable.InsertFamily(tx, family);
        var access = await IssuedTokens.NewAccess(tx, family, settings.OAuth.AccessTokenLifetime, now);
        SecretToken? refresh = null;
        if (Scope.Has(family.Scopes, Scope.OfflineAccess))
        {
            refresh = SecretToken.New();
            await TokenTable.InsertRefresh(tx, refresh.Value.Hash, family.AccountId, family.Id, now);
        }
        return (new IssuedTokens(family, access, refresh, settings.OAuth.AccessTokenLifetime), code);
    }

    /// <summary>RFC 6749 §4.1.2: the tokens of the first use are revoked.</summary>
    private static async Task<OAuthError> Reused(WriteTx tx, OAuthClient client, CodeRow code, Client caller, DateTimeOffset now)
    {
        await ReuseFound.In(tx, code.AccountId, code.FamilyId!, client, "code", caller, now);
        return OAuthError.Grant("the code is unknown or over");
    }

    /// <summary>RFC 7636 §4.1, §4.6: BASE64URL(SHA256(verifier)) equals the challenge.</summary>
    internal static bool Proves(string? verifier, string challenge) =>
        verifier is { Length: >= 43 and <= 128 } && verifier.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~')
        && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));
}

/// <summary>A code or a refresh token was used twice: what came of it ends, and the person's log says so.</summary>
internal static class ReuseFound
{
    internal static async Task In(WriteTx tx, string accountId, string familyId, OAuthClient client, string what, Client caller, DateTimeOffset now)
    {
        // Of many at once the first tells.
        if (!await EndTokens.OfFamily(tx, accountId, familyId, FamilyEnd.Reuse, now)) return;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ApplicationReuse, accountId, caller) { ActorId = "", Data = new Dictionary<string, string> { ["client"] = client.Id, ["what"] = what }, Personal = new Dictionary<string, string> { ["app"] = client.Name } });
        await FindUnusual.Raise(tx, accountId, new Finding(UnusualKind.ApplicationReuse, Severity.High, new Dictionary<string, string> { ["app"] = client.Name }), "", caller, now);
    }
}
