using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>A person gives a passkey another name, removes it, or says after "This wasn't me" that it is theirs (ASVS 6.5.6).</summary>
public sealed class ChangePasskeys(Db db, PasskeyLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses with <c>passkey.not_found</c> (404), and at the field <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c> (400).</summary>
    public async Task<Outcome<Done>> Rename(SignedIn me, string id, string name, Client client)
    {
        name = name.Trim();
        if (Fields.Line(name, "name", Passkey.LongestName) is { } wrong) return wrong;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            if (!await PasskeyTable.Rename(tx, me.Account.Id, id, name)) return PasskeyRefusals.NotFound;
            await Record(tx, me, AuditKind.PasskeyRenamed, name, client, clock.GetUtcNow());
            return Done.It;
        });
    }

    /// <summary>Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>passkey.not_found</c> (404), <c>two_factor.last_factor</c> (409: without it nothing that is taken would be left).</summary>
    /// <returns>Its name.</returns>
    public async Task<Outcome<string>> Remove(SignedIn me, string id, Client client)
    {
        if (Unproven(me) is { } refusal) return refusal;
        return await db.Write<Outcome<string>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            var factors = await TwoFactorTable.Of(tx, me.Account.Id);
            if (factors.Passkeys.FirstOrDefault(p => p.Id == id) is not { } passkey) return PasskeyRefusals.NotFound;
            if (factors.WhyNotRemove(id) is { } kept) return kept;
            await PasskeyTable.Remove(tx, me.Account.Id, id);
            await DropTrust.Run(tx, me.Account.Id, now);
            await Record(tx, me, AuditKind.PasskeyRemoved, passkey.Name, client, now);
            await letters.Removed(tx, me.Account, passkey.Name, client, now);
            return passkey.Name;
        });
    }

    /// <summary>It signs in alone again. Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>passkey.not_found</c> (404: unknown, or nobody asked).</summary>
    /// <returns>Its name.</returns>
    public async Task<Outcome<string>> Confirm(SignedIn me, string id, Client client)
    {
        if (Unproven(me) is { } refusal) return refusal;
        return await db.Write<Outcome<string>>(async tx =>
        {
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            if (!await PasskeyTable.Resume(tx, me.Account.Id, id)) return PasskeyRefusals.NotFound;
            var name = (await PasskeyTable.Of(tx, me.Account.Id)).Single(p => p.Id == id).Name;
            await Record(tx, me, AuditKind.PasskeyConfirmed, name, client, clock.GetUtcNow());
            return name;
        });
    }

    private Refusal? Unproven(SignedIn me) => RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor);

    private static async Task Record(WriteTx tx, SignedIn me, string kind, string name, Client client, DateTimeOffset now)
    {
        await AuditLog.Record(tx, now, new AuditEvent(kind, me.Account.Id, client) { SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["app"] = name } });
        tx.Announce(new Announcement("account", me.Account.Id));
    }
}
