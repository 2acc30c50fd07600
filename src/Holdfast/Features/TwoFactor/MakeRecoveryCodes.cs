using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Recovery codes: made ten at a time, shown once, stored as keyed hashes; new ones take the place of all old ones (ASVS 6.5.2, 6.5.3).</summary>
public sealed class MakeRecoveryCodes(Db db, KeyRing keys, TwoFactorLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Refuses with <c>step_up.required</c>, <c>step_up.second_factor_required</c> (403), <c>session.ended</c> (401) and <c>two_factor.off</c> (409).</summary>
    public async Task<Outcome<RecoveryCode[]>> Run(SignedIn me, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } refusal) return refusal;
        return await db.Write<Outcome<RecoveryCode[]>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            if (!(await TwoFactorTable.Of(tx, me.Account.Id)).IsOn) return TwoFactorRefusals.Off;
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } old) return old;
            var codes = await In(tx, keys, me, client, now);
            await letters.RecoveryCodesMade(tx, me.Account, client, now);
            tx.Announce(new Announcement("account", me.Account.Id));
            return codes;
        });
    }

    /// <summary>The same within a transaction that does more.</summary>
    internal static async Task<RecoveryCode[]> In(WriteTx tx, KeyRing keys, SignedIn me, Client client, DateTimeOffset now)
    {
        RecoveryCode[] codes = [.. Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.New())];
        await RecoveryCodeTable.Replace(tx, me.Account.Id, [.. codes.Select(code => code.Hash(keys, me.Account.Id))], keys.NewestId, now);
        await TwoFactorTable.SetCodesSaved(tx, me.Account.Id, null);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.RecoveryCodesMade, me.Account.Id, client)
        {
            SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["count"] = codes.Length.ToString(CultureInfo.InvariantCulture) },
        });
        return codes;
    }

    /// <summary>The codes that a page has just shown, sent back to be downloaded or shown once more. Null unless every one of them is this person's.</summary>
    public async Task<IReadOnlyList<RecoveryCode>?> Recognise(SignedIn me, IReadOnlyList<string> shown)
    {
        if (shown.Count is 0 or > RecoveryCode.Count) return null;
        var codes = new List<RecoveryCode>();
        foreach (var text in shown)
        {
            if (!RecoveryCode.TryParse(PlainCode.From(text), out var code)) return null;
            codes.Add(code);
        }
        var all = await db.Read(async tx =>
        {
            foreach (var code in codes) if (!await RecoveryCodeTable.Has(tx, me.Account.Id, code.Hash(keys, me.Account.Id))) return false;
            return true;
        });
        return all ? codes : null;
    }

    /// <summary>The person says that the codes are saved.</summary>
    public Task<Outcome<Done>> Saved(SignedIn me, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        var now = clock.GetUtcNow();
        await TwoFactorTable.Hold(tx, me.Account.Id);
        var factors = await TwoFactorTable.Of(tx, me.Account.Id);
        if (!factors.IsOn) return TwoFactorRefusals.Off;
        if (!factors.CodesUnsaved) return Done.It;
        await TwoFactorTable.SetCodesSaved(tx, me.Account.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.RecoveryCodesSaved, me.Account.Id, client) { SessionId = me.Session.Id });
        tx.Announce(new Announcement("account", me.Account.Id));
        return Done.It;
    });
}
