using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>A person takes back what they allowed an application: it is over at the application's very next question. Needs no proof: taking away is always allowed (ASVS 10.7.3).</summary>
public sealed class RevokeGrant(Db db, OAuthClients clients, TimeProvider clock)
{
    public static readonly Refusal NotFound = new("grant.not_found", 404);

    /// <summary>Refuses with <c>grant.not_found</c> (404; not this person's, or revoked already) and <c>session.ended</c> (401).</summary>
    /// <returns>The application's name.</returns>
    public async Task<Outcome<string>> Run(SignedIn me, string id, Client client)
    {
        if (!Ids.IsWellFormed(id) || await db.Read(tx => GrantTable.ById(tx, me.Account.Id, id)) is not { } grant) return NotFound;
        var name = (await clients.Find(grant.ClientId))?.Name ?? grant.ClientId;
        return await db.Write<Outcome<string>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
            if (!await GrantTable.Revoke(tx, me.Account.Id, id, now)) return NotFound;
            await EndTokens.OfGrant(tx, me.Account.Id, id, now);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ApplicationRevoked, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["client"] = grant.ClientId }, Personal = new Dictionary<string, string> { ["app"] = name } });
            return name;
        });
    }
}
