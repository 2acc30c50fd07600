using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <param name="Name">What the person calls the app; at most <see cref="ConfirmApp.LongestName"/> characters.</param>
public sealed record ConfirmAppForm(string Id, PlainCode Code, string Name);

/// <param name="Codes">New recovery codes, when this was the first factor or took the place of a lost device; else null.</param>
public sealed record ConfirmedApp(FreshSession Fresh, IReadOnlyList<RecoveryCode>? Codes);

/// <summary>
/// Everything that happens when a first code of a new app is right: the app counts, the code is burnt, the first one turns two-factor on and makes recovery codes, one that replaces a lost device removes
/// the others and all old codes. One transaction (ASVS 6.3.7, 6.4.4, 7.2.4).
/// </summary>
public sealed class ConfirmApp(Db db, KeyRing keys, TwoFactorLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    public const int LongestName = 60;

    /// <summary>
    /// Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>two_factor.enrolment_over</c> (404: unknown, over, or another session's), <c>two_factor.too_many_apps</c> (409),
    /// <c>session.ended</c> (401), and at the fields <c>code.required</c>, <c>code.digits</c>, <c>code.only_digits</c>, <c>code.wrong</c>, <c>form.required</c>, <c>form.too_long</c>, <c>form.characters</c> (400).
    /// </summary>
    public async Task<Outcome<ConfirmedApp>> Run(SignedIn me, ConfirmAppForm form, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } unproven) return unproven;
        var name = form.Name.Trim();
        if (Refusal.Combine([ProveByApp.Shape(form.Code), Fields.Line(name, "name", LongestName)]) is { } wrong) return wrong;
        if (!TotpCode.TryParse(form.Code, out var code, out _)) return TwoFactorRefusals.CodeWrong;
        return await db.Write<Outcome<ConfirmedApp>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            if (await TotpTable.Begun(tx, me.Account.Id, me.Session.Id, now) is not { } row || row.Id != form.Id) return TwoFactorRefusals.EnrolmentOver;
            var before = await TwoFactorTable.Of(tx, me.Account.Id);
            // A factor may have come up since the proof was looked at: then the proof has to be by it.
            if (before.IsOn && !me.Factors.IsOn) return TwoFactorRefusals.EnrolmentOver;
            if (!before.WantsNewDevice && before.WhyNoMoreApps() is { } full) return full;
            if (TotpKey.Open(keys, me.Account.Id, row.Id, row.SealedKey) is not { } key || Totp.StepOf(key, code, now) is not { } step) return TwoFactorRefusals.CodeWrong;
            if (!await TotpTable.Confirm(tx, me.Account.Id, row.Id, me.Session.Id, name, step, now) || await StartSession.Renew(tx, me.Session, ProofMethod.Totp, now) is not { } fresh)
            {
                tx.Undo();
                return SessionRefusals.Ended;
            }
            return new ConfirmedApp(fresh, await Follow(tx, me, before, row.Id, name, client, now));
        });
    }

    /// <returns>New codes, where there have to be any.</returns>
    private async Task<IReadOnlyList<RecoveryCode>?> Follow(WriteTx tx, SignedIn me, Factors before, string id, string name, Client client, DateTimeOffset now)
    {
        var account = me.Account;
        var (kind, replaces) = before switch
        {
            { IsOn: false } => (AuditKind.TwoFactorOn, false),
            { WantsNewDevice: true } => (AuditKind.AppReplaced, true),
            _ => (AuditKind.AppAdded, false),
        };
        // Begun elsewhere with less than what is asked for from now on.
        if (!before.IsOn) await TotpTable.EndBegun(tx, account.Id);
        if (replaces)
        {
            await TotpTable.RemoveAll(tx, account.Id, except: id);
            await TwoFactorTable.WantNoNewDevice(tx, account.Id);
        }
        await DropTrust.Run(tx, account.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(kind, account.Id, client) { SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["app"] = name } });
        var codes = kind == AuditKind.AppAdded ? null : await MakeRecoveryCodes.In(tx, keys, me, client, now);
        await letters.AppConfirmed(tx, account, kind, name, client, now);
        await CopyToMembers.Run(tx, account.Id);
        tx.Announce(new Announcement("account", account.Id));
        return codes;
    }
}
