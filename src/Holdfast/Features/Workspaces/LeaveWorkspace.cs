using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Workspaces;

/// <summary>A member leaves, or an owner hands the workspace over.</summary>
public sealed class LeaveWorkspace(Db db, WorkspaceLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>The account stays, with or without other workspaces. Refuses as <see cref="WorkspaceActor.Again"/>, and with <c>role.last_owner</c> (409).</summary>
    public Task<Outcome<Done>> Leave(WorkspaceActor actor, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        if (await actor.Again(tx, Permission.None) is { Ok: false } refused) return refused.Refusal;
        if (!await MemberTable.Remove(tx, actor.WorkspaceId, actor.Me.Account.Id)) return RoleRefusals.LastOwner;
        await AuditLog.Record(tx, clock.GetUtcNow(), WorkspaceEvent.Of(AuditKind.MemberLeft, actor, actor.Me.Account.Id, client));
        tx.Announce(new Announcement("account", actor.Me.Account.Id));
        return Done.It;
    });

    /// <summary>
    /// Makes another member owner; the one who hands over becomes an admin, or stays owner as well. Both get a letter. Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c>, <c>step_up.second_factor_required</c>,
    /// <c>ownership.owners_only</c> (403), and at the field <c>ownership.member_unknown</c> (404), <c>ownership.suspended</c>, <c>ownership.owner_already</c> (409).
    /// </summary>
    /// <param name="email">Address of the member who becomes owner.</param>
    /// <param name="stay">Stay owner beside them.</param>
    /// <returns>Who it is now.</returns>
    public async Task<Outcome<Account>> HandOver(WorkspaceActor actor, string email, bool stay, Client client)
    {
        if (actor.Membership.Rights.Rank != Rank.Owner) return OwnershipRefusals.OwnersOnly;
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<Account>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var again = await actor.Again(tx, Permission.None);
            if (!again.Ok) return again.Refusal;
            if (await RequireProof.Again(tx, actor.Me, settings.Sessions) is { } old) return old;
            if (again.Value.Rights.Rank != Rank.Owner) return OwnershipRefusals.OwnersOnly;
            return await Give(tx, actor, email, stay, client, now);
        });
    }

    /// <summary>The same in the transaction of somebody who holds the workspace and has looked that they own it. Refuses at the field as <see cref="HandOver"/>.</summary>
    internal async Task<Outcome<Account>> Give(WriteTx tx, WorkspaceActor actor, string email, bool stay, Client client, DateTimeOffset now)
    {
        if (await AccountTable.ByEmail(tx, email) is not { } found) return OwnershipRefusals.MemberUnknown;
        // Nobody suspends them between this look and the commit.
        await AccountTable.Hold(tx, found.Id);
        if (await AccountTable.ById(tx, found.Id) is not { } heir || await MemberTable.Find(tx, actor.WorkspaceId, heir.Id) is not { } member) return OwnershipRefusals.MemberUnknown;
        if (member.SuspendedAt is not null || !heir.IsActive) return OwnershipRefusals.Suspended;
        if (member.Rights.Rank == Rank.Owner) return OwnershipRefusals.OwnerAlready;
        // The new owner first: then the old one is not the last.
        await MemberTable.MakeOwner(tx, actor.WorkspaceId, heir.Id);
        if (!stay && !await MemberTable.SetRole(tx, actor.WorkspaceId, actor.Me.Account.Id, Role.Admin.Key))
        {
            tx.Undo();
            return RoleRefusals.LastOwner;
        }
        await Tell(tx, actor, heir, member.ShownName ?? heir.Name, stay, client, now);
        return heir;
    }

    private async Task Tell(WriteTx tx, WorkspaceActor actor, Account heir, string name, bool stay, Client client, DateTimeOffset now)
    {
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.OwnershipGiven, actor, actor.Me.Account.Id, client, stay ? Role.Owner : Role.Admin, name));
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.OwnershipReceived, actor, heir.Id, client, Role.Owner));
        await letters.Tell(tx, actor.Me.Account, "ownership_given", actor, now, stay ? Role.Owner : Role.Admin, name);
        await letters.Tell(tx, heir, "ownership_received", actor, now, Role.Owner);
        tx.Announce(new Announcement("account", actor.Me.Account.Id));
        tx.Announce(new Announcement("account", heir.Id));
    }
}

public static class OwnershipRefusals
{
    public static readonly Refusal OwnersOnly = new("ownership.owners_only", 403);
    public static readonly Refusal MemberUnknown = new("ownership.member_unknown", 404, "email");
    public static readonly Refusal Suspended = new("ownership.suspended", 409, "email");
    public static readonly Refusal OwnerAlready = new("ownership.owner_already", 409, "email");
}
