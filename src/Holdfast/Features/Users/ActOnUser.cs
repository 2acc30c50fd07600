using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Recovery;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Users;

/// <summary>What can be done with somebody in a workspace. The names stand in addresses.</summary>
public static class UserAct
{
    public const string Recover = "password-recovery";
    public const string SignOut = "sign-out";

    /// <summary>Has a page of its own, and is a case: see ResetCases.</summary>
    public const string RequestReset = "reset-two-factor";

    public const string Suspend = "suspend";
    public const string Reactivate = "reactivate";
    public const string Remove = "remove";

    public static readonly IReadOnlyList<string> All = [Recover, SignOut, Suspend, Reactivate, Remove];

    /// <summary>The permission that it asks for.</summary>
    public static string Needs(string act) => act is Recover or RequestReset ? Permission.UsersRecover : Permission.UsersEdit;
}

/// <summary>
/// One member acts on another: change name or role, suspend, reactivate, remove, sign out everywhere. Each holds the workspace, looks again at both roles, writes the log and the letter, and counts from the other's next request on,
/// all in one transaction.
/// </summary>
public sealed class ActOnUser(Db db, RequestRecovery recovery, WorkspaceLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses as <see cref="WorkspaceActor.Again"/>, with <c>step_up.required</c> (403, where the role changes), <c>user.unknown</c> (404), <c>role.above_yours</c>, <c>role.more_than_yours</c>, <c>role.owner_is_handed_over</c> (403),
    /// <c>role.unknown</c> (404), <c>role.last_owner</c> (409), and at the name <c>form.…</c> (400).
    /// </summary>
    /// <param name="name">The name shown here; empty shows the person's own. Null leaves it.</param>
    /// <param name="role">Key of a role. Null leaves it.</param>
    public async Task<Outcome<Done>> Edit(WorkspaceActor actor, string id, string? name, string? role, Client client)
    {
        name = name?.Trim();
        if (name is { Length: > 0 } && Fields.Line(name, "name", Account.MaximumNameLength) is { } wrong) return wrong;
        return await Act(actor, id, proof: false, async (tx, me, user, now) =>
        {
            if (role is not null && role != user.Membership.Role)
            {
                if (RequireProof.Of(actor.Me, now, settings.Sessions) is { } unproven) return unproven;
                if (await RoleTable.Find(tx, actor.WorkspaceId, role) is not { } granted) return RoleRefusals.Unknown;
                if (me.Rights.WhyNotGrant(granted) is { } more) return more;
                if (!await MemberTable.SetRole(tx, actor.WorkspaceId, id, role)) return RoleRefusals.LastOwner;
                await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.MemberRoleChanged, actor, id, client, granted, before: user.Membership.Rights));
                await letters.Tell(tx, user.Account, "role_changed", actor, now, granted);
            }
            var shown = name is null ? user.Membership.ShownName : name.Length == 0 || name == user.Account.Name ? null : name;
            if (shown == user.Membership.ShownName) return Done.It;
            await MemberTable.SetShownName(tx, actor.WorkspaceId, id, shown);
            await CopyToMembers.Run(tx, id);
            await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.MemberRenamed, actor, id, client, name: shown ?? user.Account.Name));
            return Done.It;
        });
    }

    /// <summary>Closes the workspace to somebody who stays a member; their account is not touched. Refuses as <see cref="Edit"/>, with <c>user.yourself</c>, <c>user.suspended_already</c>, <c>role.last_owner</c> (409).</summary>
    public Task<Outcome<Done>> Suspend(WorkspaceActor actor, string id, Client client) => Act(actor, id, proof: true, async (tx, _, user, now) =>
    {
        if (id == actor.Me.Account.Id) return UserRefusals.Yourself;
        if (user.Membership.SuspendedAt is not null) return UserRefusals.SuspendedAlready;
        if (!await MemberTable.Suspend(tx, actor.WorkspaceId, id, now)) return RoleRefusals.LastOwner;
        await Tell(tx, AuditKind.MemberSuspended, "suspended", actor, user, client, now);
        return Done.It;
    });

    /// <summary>Opens it again. Refuses as <see cref="Edit"/>, with <c>user.not_suspended</c> (409).</summary>
    public Task<Outcome<Done>> Reactivate(WorkspaceActor actor, string id, Client client) => Act(actor, id, proof: true, async (tx, _, user, now) =>
    {
        if (!await MemberTable.Reactivate(tx, actor.WorkspaceId, id)) return UserRefusals.NotSuspended;
        await Tell(tx, AuditKind.MemberReactivated, "reactivated", actor, user, client, now);
        return Done.It;
    });

    /// <summary>The account stays. Refuses as <see cref="Edit"/>, with <c>user.yourself</c> (409: one leaves), <c>role.last_owner</c> (409).</summary>
    public Task<Outcome<Done>> Remove(WorkspaceActor actor, string id, Client client) => Act(actor, id, proof: true, async (tx, _, user, now) =>
    {
        if (id == actor.Me.Account.Id) return UserRefusals.Yourself;
        if (!await MemberTable.Remove(tx, actor.WorkspaceId, id)) return RoleRefusals.LastOwner;
        await Tell(tx, AuditKind.MemberRemoved, "removed", actor, user, client, now);
        return Done.It;
    });

    /// <summary>
    /// Ends all sessions of the account: open where this is the person's one workspace, else to operators. Refuses as <see cref="Edit"/>, with <c>user.yourself</c> (409), <c>user.not_only_here</c>, <c>user.of_operator</c> (403).
    /// </summary>
    public Task<Outcome<Done>> SignOut(WorkspaceActor actor, string id, Client client) => Act(actor, id, proof: true, async (tx, _, user, now) =>
    {
        if (id == actor.Me.Account.Id) return UserRefusals.Yourself;
        // As it is now: an operator who is none any more is an admin like others.
        if (await AccountTable.ById(tx, actor.Me.Account.Id) is not { } self) return UserRefusals.Unknown;
        if (WhyNotAccountWide(self, user) is { } refusal) return refusal;
        var ended = await SessionTable.EndAll(tx, id, null, EndReason.EndedByAdmin, null, now);
        await TrustedBrowserTable.ForgetAll(tx, id);
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(AuditKind.MemberSignedOut, actor, id, client, count: ended.Count));
        await letters.Tell(tx, user.Account, "signed_out", actor, now);
        return Done.It;
    });

    /// <summary>
    /// Mails the person the letter with which they choose a new password, as if they had asked for it; whoever starts it never sees the link and sets no password (ASVS 6.4.6). Refuses as <see cref="Suspend"/> but for the last owner, and with <c>account.suspended</c> (403), <c>recovery.just_sent</c> (429).
    /// </summary>
    public Task<Outcome<Done>> Recover(WorkspaceActor actor, string id, Client client) => Act(actor, id, proof: actor.Key is null,
        // A key that was made for this was proved when it was made; it helps plain members only, and the letter goes to nobody else.
        async (tx, _, user, _) => user.Account is { SuspendedAt: null, ErasingAt: null } ? await recovery.ForAccount(tx, user.Account, actor.Me.Account.Id, actor.WorkspaceId, client, actor.Key?.Id) : AccountRefusals.Suspended, Permission.UsersRecover);

    /// <summary>An act that reaches beyond the workspace is an admin's where there is no beyond. Operators stand above every workspace.</summary>
    public static Refusal? WhyNotAccountWide(Account actor, User user)
    {
        if (actor.IsOperator) return null;
        return user.Account.IsOperator ? UserRefusals.OfOperator : user.OnlyHere ? null : UserRefusals.NotOnlyHere;
    }

    private async Task<Outcome<Done>> Act(WorkspaceActor actor, string id, bool proof, Func<WriteTx, Membership, User, DateTimeOffset, Task<Outcome<Done>>> work, string permission = Permission.UsersEdit)
    {
        if (proof && RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } unproven) return unproven;
        return await db.Write(async tx =>
        {
            var again = await actor.Again(tx, permission);
            if (!again.Ok) return again.Refusal;
            if (await MemberTable.Find(tx, actor.WorkspaceId, id) is not { } membership || await AccountTable.ById(tx, id) is not { } account) return UserRefusals.Unknown;
            if (again.Value.Rights.WhyNotActOn(membership.Rights) is { } above) return above;
            // Whoever joins another workspace at this moment does so before the count, or after the commit.
            await MemberTable.HoldOf(tx, id);
            var outcome = await work(tx, again.Value, new User(account, membership, await MemberTable.CountOf(tx, id) == 1, [], 0, null), clock.GetUtcNow());
            if (!outcome.Ok) tx.Undo();
            else tx.Announce(new Announcement("account", id));
            return outcome;
        });
    }

    private async Task Tell(WriteTx tx, string kind, string letter, WorkspaceActor actor, User user, Client client, DateTimeOffset now)
    {
        await AuditLog.Record(tx, now, WorkspaceEvent.Of(kind, actor, user.Account.Id, client));
        await letters.Tell(tx, user.Account, letter, actor, now);
    }
}
