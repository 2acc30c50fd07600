using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.StepUp;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Somebody with <see cref="Permission.UsersEdit"/> takes back what a member allowed an application: what reaches into the workspace, or, where it is the person's only one, into none.</summary>
public sealed class RevokeMemberGrant(Db db, OAuthClients clients, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c> (403), <c>user.unknown</c>, <c>grant.not_found</c> (404), <c>role.above_yours</c> (403).</summary>
    /// <returns>The application's name.</returns>
    public async Task<Outcome<string>> Run(WorkspaceActor actor, string personId, string grantId, Client client)
    {
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        if (!Ids.IsWellFormed(grantId) || await db.Read(tx => GrantTable.ById(tx, personId, grantId)) is not { } grant || await clients.Find(grant.ClientId) is { FirstParty: true }) return RevokeGrant.NotFound;
        var name = (await clients.Find(grant.ClientId))?.Name ?? grant.ClientId;
        return await db.Write<Outcome<string>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var again = await actor.Again(tx, Permission.UsersEdit);
            if (!again.Ok) return again.Refusal;
            if (await MemberTable.Find(tx, actor.WorkspaceId, personId) is not { } member || await AccountTable.ById(tx, personId) is not { } account) return UserRefusals.Unknown;
            if (again.Value.Rights.WhyNotActOn(member.Rights) is { } above) return above;
            // An operator's account is touched by operators alone, where it is about more than this workspace.
            var onlyHere = await MemberTable.CountOf(tx, personId) == 1 && (!account.IsOperator || actor.Me.Account.IsOperator);
            if (await GrantTable.ById(tx, personId, grantId) is not { } live || !ListGrants.Reaches(live, actor.WorkspaceId, onlyHere) || !await GrantTable.Revoke(tx, personId, grantId, now)) return RevokeGrant.NotFound;
            await EndTokens.OfGrant(tx, personId, grantId, now);
            await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.MemberApplicationRevoked, actor, personId, client, name: name));
            return name;
        });
    }
}
