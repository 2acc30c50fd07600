using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Gives an application its code (RFC 6749 §4.1.2), and makes or widens the grant, in one transaction with the entry in the log.</summary>
public sealed class IssueCode(Db db, TimeProvider clock)
{
    /// <summary>RFC 6749 §4.1.2 allows ten minutes; an application needs one round trip (ASVS 10.4.3).</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(60);

    /// <param name="workspaceId">The one workspace that the person chose for it; null leaves what they chose before.</param>
    /// <returns>The code; refused with <c>session.ended</c> (401) when the session ended meanwhile.</returns>
    public async Task<Outcome<SecretToken>> Run(AuthorizeRequest request, SignedIn me, string? workspaceId, Client client)
    {
        var code = SecretToken.New();
        return await db.Write<Outcome<SecretToken>>(async tx =>
        {
            var now = clock.GetUtcNow();
            // Held until the end: a sign-out waits, and finds what is made here.
            if (!await SessionTable.HoldLive(tx, me.Account.Id, me.Session.Id)) return SessionRefusals.Ended;
            var grant = await Grant(tx, request, me, workspaceId, client, now);
            await CodeTable.Insert(tx, new CodeRow
            {
                CodeHash = code.Hash, AccountId = me.Account.Id, SessionId = me.Session.Id, ClientId = request.Client.Id, GrantId = grant.Id, Redirect = request.Redirect, Challenge = request.Challenge, Scopes = request.Scopes, Resource = request.Resource,
                Nonce = request.Nonce, Acr = Acr.Of(me.Session), Amr = Acr.Amr(me.Session), AuthTime = me.Session.SecondProvenAt ?? me.Session.ProvenAt, MadeAt = now, EndsAt = now + Lifetime,
            });
            return code;
        });
    }

    private static async Task<Grant> Grant(WriteTx tx, AuthorizeRequest request, SignedIn me, string? workspaceId, Client client, DateTimeOffset now)
    {
        var known = await GrantTable.Live(tx, me.Account.Id, request.Client.Id);
        // What it was let into is gone for this person: that ends for good, and this begins with no more than was asked for now.
        if (known is not null && !known.Reaches(me, request.Client.FirstParty))
        {
            await GrantTable.Revoke(tx, me.Account.Id, known.Id, now);
            await EndTokens.OfGrant(tx, me.Account.Id, known.Id, now);
            known = null;
        }
        var wanted = known is null
            ? new Grant { AccountId = me.Account.Id, Id = Ids.New(now), ClientId = request.Client.Id, Scopes = request.Scopes, Resources = request.Resource, WorkspaceId = workspaceId, MadeAt = now }
            : known with { Scopes = Scope.Join([.. Scope.Split(known.Scopes), .. Scope.Split(request.Scopes)]), Resources = Scope.Join([.. Scope.Split(known.Resources), .. Scope.Split(request.Resource)]), WorkspaceId = workspaceId ?? known.WorkspaceId };
        if (wanted == known) return known;
        if (known is not null) await GrantTable.Change(tx, wanted);
        // Made by another tab at this very moment: looked at again, what this one allowed is added.
        else if (!await GrantTable.Insert(tx, wanted)) return await Grant(tx, request, me, workspaceId, client, now);
        await AuditLog.Record(tx, now, new AuditEvent(request.Client.FirstParty ? AuditKind.ApplicationOpened : AuditKind.ApplicationAllowed, me.Account.Id, client)
        {
            SessionId = me.Session.Id, WorkspaceId = wanted.WorkspaceId ?? "", Data = new Dictionary<string, string> { ["client"] = request.Client.Id, ["scopes"] = wanted.Scopes }, Personal = new Dictionary<string, string> { ["app"] = request.Client.Name },
        });
        return wanted;
    }
}
