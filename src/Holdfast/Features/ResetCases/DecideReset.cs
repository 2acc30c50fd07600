using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <param name="Way">Of <see cref="IdentityCheck"/>; may be empty to decline.</param>
/// <param name="Evidence">What was asked and answered, or why it is declined: 1 to <see cref="DecideReset.LongestEvidence"/> characters.</param>
/// <param name="NoStake">"I am not the one who asked, and I have no stake in it."</param>
public sealed record DecisionForm(string Way, string Evidence, bool NoStake);

/// <summary>An operator other than the requester, and not the person, records how the identity was made sure of, and approves or declines (ASVS 6.4.4, 8.2.1). Approving starts the waiting time; nobody can make that shorter.</summary>
public sealed class DecideReset(Db db, ResetCaseLetters letters, CloseCase close, TimeProvider clock, HoldfastSettings settings)
{
    public const int LongestEvidence = 1000;

    /// <summary>
    /// Refuses with <c>reset_case.own_request</c>, <c>reset_case.about_yourself</c> (403), <c>reset_case.closed</c>, <c>reset_case.decided_already</c>, <c>two_factor.off</c> (409), <c>account.suspended</c> (403), at fields <c>form.…</c>, <c>reset_case.say_how</c>,
    /// <c>reset_case.no_stake</c> (400), with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>session.ended</c> (401), <c>request.not_found</c> (404: no such case, or no operator any more).
    /// </summary>
    public Task<Outcome<ResetCase>> Approve(SignedIn me, string id, DecisionForm form, Client client) => Decide(me, id, form, approving: true, async (tx, open, now) =>
    {
        if (await AccountTable.ById(tx, open.AccountId) is not { } person) return CaseRefusals.NotFound;
        if (person.SuspendedAt is not null) return AccountRefusals.Suspended;
        if (!(await TwoFactorTable.Of(tx, open.AccountId)).IsOn) return TwoFactorRefusals.Off;
        var (decided, decision, text) = Decided(open, me, form, now);
        var waiting = settings.TwoFactor.ResetWaiting;
        var approved = decided with { State = CaseState.Waiting, WaitsUntil = now + waiting, NextAt = ResetCase.FirstLook(now, waiting) };
        if (!await ResetCaseTable.Approve(tx, approved)) return CaseRefusals.DecidedAlready;
        await ResetCaseTable.PutText(tx, approved, text);
        var request = CaseRequest.Of(await CaseText.Read(tx, approved, CaseRequest.Part));
        var link = await LinkTable.Make(tx, person.Id, LinkPurpose.StopReset, now, StopReset.LinkLifetime);
        await AuditLog.Record(tx, now, CaseEvent.Of(AuditKind.ResetApproved, approved, request, By(me, client), new() { ["way"] = form.Way }));
        await letters.Approved(tx, person, approved, request, decision, link, now);
        tx.Announce(new Announcement("account", person.Id));
        return approved;
    }, client);

    /// <summary>Closes the case; nothing changes for the person. Refuses as <see cref="Approve"/>.</summary>
    public Task<Outcome<ResetCase>> Decline(SignedIn me, string id, DecisionForm form, Client client) => Decide(me, id, form, approving: false, async (tx, open, now) =>
    {
        var (decided, _, text) = Decided(open, me, form, now);
        await ResetCaseTable.PutText(tx, open, text);
        return await close.In(tx, decided, open.State, CaseState.Declined, By(me, client), now) is { } closed ? closed : CaseRefusals.DecidedAlready;
    }, client);

    private async Task<Outcome<ResetCase>> Decide(SignedIn me, string id, DecisionForm form, bool approving, Func<WriteTx, ResetCase, DateTimeOffset, Task<Outcome<ResetCase>>> work, Client client)
    {
        // Said before anything else: no proof and no text makes one's own case decidable.
        if (!Ids.IsWellFormed(id) || await db.Read(tx => ResetCaseTable.ById(tx, id)) is not { } looked) return CaseRefusals.NotFound;
        if (looked.WhyNotDecide(me.Account.Id) is { } beforehand) return beforehand;
        form = form with { Evidence = Fields.Lines(form.Evidence) };
        if (Wrong(form, approving) is { } wrong) return wrong;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write(async tx =>
        {
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (await AccountTable.ById(tx, me.Account.Id) is not { IsOperator: true, IsActive: true }) return CaseRefusals.NotFound;
            await TwoFactorTable.Hold(tx, looked.AccountId);
            if (await ResetCaseTable.ById(tx, id) is not { } open) return CaseRefusals.NotFound;
            if (open.WhyNotDecide(me.Account.Id) is { } refusal) return refusal;
            var outcome = await work(tx, open, clock.GetUtcNow());
            if (!outcome.Ok) tx.Undo();
            return outcome;
        });
    }

    private static (ResetCase, CaseDecision, CaseText) Decided(ResetCase open, SignedIn me, DecisionForm form, DateTimeOffset now)
    {
        var decision = new CaseDecision(me.Account.Name, form.Way, form.Evidence);
        var text = decision.Sealed();
        return (open with { DecidedBy = me.Account.Id, DecidedAt = now, DecisionSeal = text.Commitment }, decision, text);
    }

    private static Refusal? Wrong(DecisionForm form, bool approving)
    {
        var way = IdentityCheck.All.Contains(form.Way, StringComparer.Ordinal);
        return Refusal.Combine(
        [
            approving || form.Way.Length > 0 ? (way ? null : CaseRefusals.SayHow) : null,
            Fields.Text(form.Evidence, "evidence", LongestEvidence),
            approving && !form.NoStake ? CaseRefusals.NoStake : null,
        ]);
    }

    private static Closer By(SignedIn me, Client client) => new(me.Account.Id, me.Account.Name, client, me.Session.Id);
}
