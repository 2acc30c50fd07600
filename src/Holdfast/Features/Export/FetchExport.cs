using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.NotMe;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Export;

/// <summary>Hands an export out, once: to whoever has the link of the letter, is signed in to the account, and has just proven who they are.</summary>
public sealed class FetchExport(Db db, KeyRing keys, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Null when the link is not open, or is about somebody else.</summary>
    public Task<DataExport?> Look(SignedIn me, TokenHash link) => db.Read(tx => ExportTable.Open(tx, me.Account.Id, link, clock.GetUtcNow()));

    /// <summary>Refuses with <c>link.over</c> (404: unknown, somebody else's, fetched, stopped or past its end), <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>session.ended</c> (401).</summary>
    public async Task<Outcome<byte[]>> Run(SignedIn me, TokenHash link, Client client)
    {
        if (await Look(me, link) is null) return LinkRefusals.Over;
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        return await db.Write<Outcome<byte[]>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await AccountTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (await ExportTable.Open(tx, me.Account.Id, link, now) is not { } open || await ExportTable.Fetch(tx, open, now) is not { } file) return LinkRefusals.Over;
            if (keys.Open(MakeExports.Purpose(open), file) is not { } zip)
            {
                // Sealed by a key that is not there: it is not used up by that, and opens once the key is put back.
                tx.Undo();
                return LinkRefusals.Over;
            }
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ExportFetched, me.Account.Id, client) { SessionId = me.Session.Id });
            return zip;
        });
    }
}
