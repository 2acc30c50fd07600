using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>A person gives an app another name, or removes one of several (ASVS 6.5.6).</summary>
public sealed class ChangeApps(Db db, TwoFactorLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses with <c>two_factor.app_unknown</c> (404), and at the field <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c> (400).</summary>
    public async Task<Outcome<Done>> Rename(SignedIn me, string id, string name, Client client)
    {
        name = name.Trim();
        if (Fields.Line(name, "name", ConfirmApp.LongestName) is { } wrong) return wrong;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            if (!await TotpTable.Rename(tx, me.Account.Id, id, name)) return TwoFactorRefusals.NoSuchApp;
            await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(AuditKind.AppRenamed, me.Account.Id, client) { SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["app"] = name } });
            tx.Announce(new Announcement("account", me.Account.Id));
            return Done.It;
        });
    }

    /// <summary>Refuses with <c>step_up.second_factor_required</c> (403), <c>two_factor.app_unknown</c> (404), <c>two_factor.last_factor</c> (409).</summary>
    /// <returns>Its name.</returns>
    public async Task<Outcome<string>> Remove(SignedIn me, string id, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } refusal) return refusal;
        return await db.Write<Outcome<string>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            var factors = await TwoFactorTable.Of(tx, me.Account.Id);
            if (factors.WhyNotRemove(id) is { } kept) return kept;
            if (!await TotpTable.Remove(tx, me.Account.Id, id)) return TwoFactorRefusals.NoSuchApp;
            var name = factors.All.Single(f => f.Id == id).Name;
            await DropTrust.Run(tx, me.Account.Id, now);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.AppRemoved, me.Account.Id, client) { SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["app"] = name } });
            await letters.AppRemoved(tx, me.Account, name, client, now);
            tx.Announce(new Announcement("account", me.Account.Id));
            return name;
        });
    }

    /// <summary>"Later": the page about the new device no longer comes first.</summary>
    public Task PutOffNewDevice(SignedIn me, Client client) => db.Write(async tx =>
    {
        var now = clock.GetUtcNow();
        if (!await TwoFactorTable.PutOffNewDevice(tx, me.Account.Id, now)) return Done.It;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.NewDevicePutOff, me.Account.Id, client) { SessionId = me.Session.Id });
        tx.Announce(new Announcement("account", me.Account.Id));
        return Done.It;
    });
}
