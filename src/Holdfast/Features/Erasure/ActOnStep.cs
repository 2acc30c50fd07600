using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <param name="Reason">1 to <see cref="ActOnStep.LongestReason"/> characters; it stands in the receipt that the person gets.</param>
/// <param name="Confirm">"CLOSE" and the step's number.</param>
public sealed record CloseStepForm(string Reason, string Confirm);

/// <summary>What operators do with a step that does not get through: ask again now, or close it by hand, with a reason that the person reads.</summary>
public sealed class ActOnStep(Db db, TimeProvider clock, HoldfastSettings settings)
{
    public const int LongestReason = NamesNobody.LongestText;

    /// <summary>The word for a step, such as "CLOSE 3".</summary>
    public static string WordFor(ErasureStep step) => string.Create(CultureInfo.InvariantCulture, $"CLOSE {step.Number}");

    /// <summary>Refuses with <c>request.not_found</c> (404: no such step, or no operator any more), <c>erasure.not_now</c> (409: it is over, or being tried at this moment), <c>session.ended</c> (401). The plan for later tries stays.</summary>
    public Task<Outcome<ErasureStep>> TryNow(SignedIn me, string deletionId, int position, Client client) => Act(me, deletionId, position, async (tx, about, step, now) =>
    {
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (!await ErasureStepTable.TryNow(tx, step, now)) return ErasureRefusals.NotNow;
        await Record(tx, AuditKind.DeletionStepRetried, me, about, step, client, now);
        tx.Announce(new Announcement("erasure", ""));
        return step;
    });

    /// <summary>
    /// The step counts as done, and the next one goes on. Refuses with <c>erasure.confirm</c>, <c>erasure.names_person</c>, <c>form.…</c> (400, at the fields), <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403),
    /// <c>request.not_found</c> (404), <c>erasure.not_this</c> (409: over, not its turn, or one that nobody may close).
    /// </summary>
    public async Task<Outcome<ErasureStep>> Close(SignedIn me, string deletionId, int position, CloseStepForm form, Client client)
    {
        var reason = Fields.Lines(form.Reason).Replace('\n', ' ');
        var word = position >= ErasureStep.FirstErase ? string.Create(CultureInfo.InvariantCulture, $"CLOSE {position - ErasureStep.FirstErase}") : "CLOSE";
        if (Refusal.Combine([Fields.Text(reason, "reason", LongestReason), string.Equals(form.Confirm.Trim(), word, StringComparison.Ordinal) ? null : new Refusal("erasure.confirm", 400, "confirm", Args: word)]) is { } wrong) return wrong;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await Act(me, deletionId, position, async (tx, about, step, now) =>
        {
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (!step.MayBeClosedByHand || step.Tries == 0) return ErasureRefusals.NotThis;
            if (await AccountTable.ById(tx, step.AccountId) is not { } person || NamesNobody.Clean(reason, person.Id, person.Email, person.Name).Length == 0) return new Refusal("erasure.names_person", 400, "reason");
            if (!await ErasureStepTable.End(tx, step, StepState.ClosedByHand, reason, "", now, me.Account.Id)) return ErasureRefusals.NotThis;
            await ErasureStepTable.TidyKept(tx, step);
            await Record(tx, AuditKind.DeletionStepClosed, me, about, step, client, now);
            tx.Announce(new Announcement("erasure", ""));
            return step;
        });
    }

    private Task<Outcome<ErasureStep>> Act(SignedIn me, string deletionId, int position, Func<WriteTx, DeletionCase, ErasureStep, DateTimeOffset, Task<Outcome<ErasureStep>>> work) => db.Write<Outcome<ErasureStep>>(async tx =>
    {
        if (await AccountTable.ById(tx, me.Account.Id) is not { IsOperator: true, IsActive: true }) return ErasureRefusals.NotFound;
        if (!Ids.IsWellFormed(deletionId) || await DeletionTable.ById(tx, deletionId) is not { } about) return ErasureRefusals.NotFound;
        await AccountTable.Hold(tx, about.AccountId);
        if ((await ErasureStepTable.Of(tx, about.AccountId, about.Id)).FirstOrDefault(step => step.Position == position) is not { } found) return ErasureRefusals.NotFound;
        var outcome = await work(tx, about, found, clock.GetUtcNow());
        if (!outcome.Ok) tx.Undo();
        return outcome;
    });

    private static Task Record(WriteTx tx, string kind, SignedIn me, DeletionCase about, ErasureStep step, Client client, DateTimeOffset now) => AuditLog.Record(tx, now, new AuditEvent(kind, about.AccountId, client)
    {
        ActorId = me.Account.Id, SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["case"] = about.Label, ["system"] = step.Connector, ["phase"] = step.Phase }, Personal = new Dictionary<string, string> { ["by"] = me.Account.Name },
    });
}
