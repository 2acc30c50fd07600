using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Erasure;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Deletion;

/// <summary>The person waits no longer: the deletion begins at once, and there is no way back.</summary>
public sealed class DeleteNow(Db db, BeginErasure begin, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses with <c>deletion.confirm</c> (400, at the field), <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>deletion.none</c> (404), <c>deletion.begun</c>, <c>deletion.address_changed</c> (409), <c>session.ended</c> (401).</summary>
    public async Task<Outcome<DeletionCase>> Run(SignedIn me, string confirm, Client client)
    {
        if (!string.Equals(confirm, DeletionCase.Word, StringComparison.Ordinal)) return DeletionRefusals.Confirm;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<DeletionCase>>(async tx =>
        {
            await AccountTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (await DeletionTable.OpenOf(tx, me.Account.Id) is not { } open) return DeletionRefusals.None;
            // As long as a former address may take its change back, it is not sure whose wish this is.
            if (await EmailChangeTable.UndoableUntil(tx, me.Account.Id, clock.GetUtcNow()) is not null) return DeletionRefusals.AddressChanged;
            return await begin.In(tx, open, BegunBy.Person, client, me.Session.Id, clock.GetUtcNow()) ? open : DeletionRefusals.Begun;
        });
    }
}
