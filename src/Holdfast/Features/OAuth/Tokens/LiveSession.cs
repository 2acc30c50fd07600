using Holdfast.Features.Sessions;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>A token that serves right now, with all that it hangs on.</summary>
public sealed record LiveToken(AccessTokenRow Token, Family Family, OAuthClient Client, Grant Grant, SignedIn Me);

/// <summary>Whether what a token hangs on is there: its family, the grant, the application, and the session with its account. Asked anew each time, so that whatever ends is over at the very next question.</summary>
public sealed class LiveSession(Db db, OAuthClients clients, CheckSession check, TimeProvider clock)
{
    /// <summary>The session of a family, as pages would see it; null when it is over, the person is leaving for good, or has to set up two-factor first.</summary>
    /// <param name="isUse">It counts as use of the session.</param>
    public async Task<SignedIn?> Of(Family family, bool isUse)
    {
        if (family.EndedAt is not null || await db.Read(tx => SessionTable.ById(tx, family.AccountId, family.SessionId)) is not { EndedAt: null } session) return null;
        return (await check.Run(session.TokenHash, isUse)).SignedIn is { Account.ClosedAt: null } me && !me.TwoFactorRule.MustEnrol(clock.GetUtcNow()) ? me : null;
    }

    /// <summary>Null for anything that is no live access token of ours.</summary>
    public async Task<LiveToken?> Access(string? text)
    {
        if (IssuedTokens.AccessHash(text) is not { } hash) return null;
        var (token, family, grant) = await db.Read<(AccessTokenRow?, Family?, Grant?)>(async tx =>
        {
            if (await TokenTable.Access(tx, hash) is not { RevokedAt: null } row || await TokenTable.FamilyOf(tx, row.AccountId, row.FamilyId) is not { EndedAt: null } found) return (null, null, null);
            return (row, found, await GrantTable.ById(tx, row.AccountId, found.GrantId));
        });
        if (token is null || family is null || grant is null || clock.GetUtcNow() >= token.EndsAt) return null;
        if (await clients.Find(family.ClientId) is not { IsOn: true } client) return null;
        // What it may no longer ask for, it no longer has.
        token = token with { Scopes = Scope.Join([.. Scope.Split(token.Scopes).Where(s => client.ScopeList.Contains(s, StringComparer.Ordinal))]) };
        return await Of(family, isUse: false) is { } me && grant.Reaches(me, client.FirstParty) ? new LiveToken(token, family, client, grant, me) : null;
    }
}
