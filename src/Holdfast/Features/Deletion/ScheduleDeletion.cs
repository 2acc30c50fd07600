using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Features.Links;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>What becomes of a workspace that the person alone owns.</summary>
/// <param name="HandTo">Address of the member who becomes owner; null deletes the workspace too.</param>
public sealed record WorkspaceChoice(string WorkspaceId, string? HandTo);

/// <param name="Confirm">Has to be <see cref="DeletionCase.Word"/>, in capitals.</param>
public sealed record DeletionForm(string Confirm, IReadOnlyList<WorkspaceChoice> Workspaces);

/// <summary>
/// A person asks for the deletion of their account: it closes at once. All sessions end, what waited ends, systems are told to hold, workspaces are handed over or closed, and letters say how to keep the account. Nothing is deleted before the
/// days of grace are over (ASVS 7.4.2, 7.5.1).
/// </summary>
public sealed class ScheduleDeletion(Db db, DeletionLetters letters, LeaveWorkspace leave, TellMembers tellMembers, PlanErasure plan, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses with <c>deletion.confirm</c> (400, at the field), <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>operator.last</c>, <c>deletion.already</c>, <c>deletion.workspace_undecided</c> (409),
    /// <c>deletion.heir_unknown</c> (404), <c>deletion.heir_suspended</c> (409), <c>session.ended</c> (401).
    /// </summary>
    public async Task<Outcome<DeletionCase>> Run(SignedIn me, DeletionForm form, Client client)
    {
        if (!string.Equals(form.Confirm, DeletionCase.Word, StringComparison.Ordinal)) return DeletionRefusals.Confirm;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<DeletionCase>>(async tx =>
        {
            var outcome = await In(tx, me, form, client, clock.GetUtcNow());
            if (!outcome.Ok) tx.Undo();
            return outcome;
        });
    }

    private async Task<Outcome<DeletionCase>> In(WriteTx tx, SignedIn me, DeletionForm form, Client client, DateTimeOffset now)
    {
        // Every workspace first, in one order: of two owners who leave at once, the second sees that the first is gone.
        foreach (var membership in me.Memberships.OrderBy(m => m.WorkspaceId, StringComparer.Ordinal)) await WorkspaceTable.Hold(tx, membership.WorkspaceId);
        await AccountTable.Hold(tx, me.Account.Id);
        if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
        if (await AccountTable.ById(tx, me.Account.Id) is not { } account) return SessionRefusals.Ended;
        if (account.IsOperator && !await AccountTable.OtherOperators(tx, account.Id)) return OperatorRefusals.Last;
        if (!await AccountTable.Close(tx, account.Id, now)) return DeletionRefusals.Already;
        var asked = new DeletionCase { AccountId = account.Id, Id = Ids.New(now), Number = await DeletionTable.NextNumber(tx), State = DeletionState.Grace, AskedAt = now, DueAt = await Due(tx, account.Id, now) };
        asked = asked with { NextAt = asked.NextLook };
        await DeletionTable.Insert(tx, asked);
        var places = await Decide(tx, me, account, asked, form, client, now);
        if (!places.Ok) return places.Refusal;
        await plan.Hold(tx, asked, now);
        // The session first: whatever else is under way with this account holds it, or comes too late.
        var ended = await SessionTable.EndAll(tx, account.Id, null, EndReason.AccountClosed, me.Session.Id, now);
        await DropTrust.Run(tx, account.Id, now);
        await LinkTable.Kill(tx, account.Id, LinkPurpose.KeepAccount, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionAsked, account.Id, client)
        {
            SessionId = me.Session.Id,
            Data = new Dictionary<string, string> { ["case"] = asked.Label, ["days"] = ((int)settings.Deletion.Grace.TotalDays).ToString(CultureInfo.InvariantCulture), ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) },
        });
        await letters.Scheduled(tx, account, asked, places.Value, client, now);
        tx.Announce(new Announcement("account", account.Id));
        return asked;
    }

    /// <summary>After the days of grace, and not before a former address can take its change back no more: whoever deletes somebody's account would change the address first.</summary>
    private async Task<DateTimeOffset> Due(WriteTx tx, string accountId, DateTimeOffset now)
    {
        var due = now + settings.Deletion.Grace;
        return await EmailChangeTable.UndoableUntil(tx, accountId, now) is { } until && until > due ? until : due;
    }

    /// <returns>What is said of workspaces in the letter.</returns>
    private async Task<Outcome<IReadOnlyList<DecidedWorkspace>>> Decide(WriteTx tx, SignedIn me, Account account, DeletionCase asked, DeletionForm form, Client client, DateTimeOffset now)
    {
        var decided = new List<DecidedWorkspace>();
        foreach (var place in await WorkspaceTable.SoleOwnerOf(tx, account.Id))
        {
            var choice = form.Workspaces.FirstOrDefault(c => c.WorkspaceId == place.Id);
            // Nobody else is there: nothing to decide.
            if (choice is null && place.People > 1) return WorkspaceUndecided(place.Name);
            if (choice?.HandTo is { } email)
            {
                if (me.Memberships.FirstOrDefault(m => m.WorkspaceId == place.Id) is not { } membership) return WorkspaceUndecided(place.Name);
                // They stay owner beside the new one until the deletion: who keeps the account has lost nothing.
                var given = await leave.Give(tx, new WorkspaceActor(me, membership), email.Trim(), stay: true, client, now);
                if (!given.Ok) return given.Refusal.Code == OwnershipRefusals.MemberUnknown.Code ? new Refusal("deletion.heir_unknown", 404, "workspaces", Args: place.Name) : new Refusal("deletion.heir_suspended", 409, "workspaces", Args: place.Name);
                await DeletionTable.AddWorkspace(tx, asked, place.Id, given.Value.Id);
                decided.Add(new DecidedWorkspace(place.Name, given.Value.Name));
                continue;
            }
            await WorkspaceTable.Close(tx, place.Id, now);
            await DeletionTable.AddWorkspace(tx, asked, place.Id, null);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.WorkspaceClosed, account.Id, client)
            {
                SessionId = me.Session.Id, WorkspaceId = place.Id, Data = new Dictionary<string, string> { ["case"] = asked.Label }, Personal = new Dictionary<string, string> { ["workspace"] = place.Name, ["by"] = account.Name },
            });
            await tellMembers.Run(tx, "workspace_goes", place.Id, account, asked.DueAt, now);
            tx.Announce(new Announcement("workspace", place.Id));
            decided.Add(new DecidedWorkspace(place.Name, null));
        }
        return decided;
    }

    private static Refusal WorkspaceUndecided(string name) => new("deletion.workspace_undecided", 409, "workspaces", Args: name);
}

/// <param name="To">Who owns it from now on; null when it goes too.</param>
public sealed record DecidedWorkspace(string Name, string? To);
