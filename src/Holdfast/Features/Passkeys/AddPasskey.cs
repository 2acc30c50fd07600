using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <param name="Name">What the person calls it; at most <see cref="Passkey.LongestName"/> characters. Empty takes a name that fits.</param>
/// <param name="Device">In words: what it is called where the authenticator does not say what it is.</param>
public sealed record AddPasskeyForm(PasskeyAnswer Answer, string? Name, string Device);

/// <param name="Codes">New recovery codes, when this was the first factor or took the place of a lost device; else null.</param>
public sealed record AddedPasskey(Passkey Passkey, FreshSession Fresh, IReadOnlyList<RecoveryCode>? Codes);

/// <summary>
/// Everything that happens when a new passkey is right: it counts, the first factor turns two-factor on and makes recovery codes, one that replaces a lost device removes the apps and all old codes. One transaction
/// (ASVS 6.3.7, 6.4.4, 7.2.4).
/// </summary>
public sealed class AddPasskey(Db db, KeyRing keys, BeginPasskey begin, PasskeyCeremony ceremony, RelyingParty here, PasskeyLetters letters, TimeProvider clock)
{
    /// <summary>
    /// Refuses as <see cref="BeginPasskey.Run"/>, with <c>passkey.required</c>, <c>passkey.wrong</c>, <c>passkey.challenge_over</c> (400), <c>passkey.taken</c> (409: registered already, for whomever), <c>session.ended</c> (401), and at the field
    /// <c>form.too_long</c>, <c>form.characters</c> (400).
    /// </summary>
    public async Task<Outcome<AddedPasskey>> Run(SignedIn me, AddPasskeyForm form, Client client)
    {
        if (begin.WhyNot(me) is { } refusal) return refusal;
        var wished = form.Name?.Trim() ?? "";
        if (wished.Length > 0 && Fields.Line(wished, "name", Passkey.LongestName) is { } wrong) return wrong;
        if (form.Answer.Credential.Length == 0) return PasskeyRefusals.Required;
        if (ceremony.Open(PasskeyPurpose.Add(me.Session.Id), form.Answer.Ticket, clock.GetUtcNow()) is not { } ticket) return PasskeyRefusals.ChallengeOver;
        if (await db.Read(tx => ListPasskeys.Holder(tx, me.Account.Id)) is not { } holder || await ceremony.VerifyNew(ticket, holder, form.Answer.Credential) is not { } made) return PasskeyRefusals.Wrong;
        return await db.Write<Outcome<AddedPasskey>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            var before = await TwoFactorTable.Of(tx, me.Account.Id);
            // A factor may have come up since the proof was looked at: then the proof has to be by it.
            if ((before.IsOn && !me.Factors.IsOn) || !await UsedChallengeTable.Use(tx, ticket.Hash, ticket.EndsAt)) return PasskeyRefusals.ChallengeOver;
            if (before.Passkeys.Count() >= Passkey.Most) return PasskeyRefusals.TooMany;
            var passkey = New(me, made, wished.Length > 0 ? wished : Authenticators.Name(made.Aaguid, form.Device, [.. before.Passkeys.Select(p => p.Name)]), now);
            if (!await PasskeyTable.Insert(tx, passkey)) return PasskeyRefusals.Taken;
            if (await StartSession.Renew(tx, me.Session, ProofMethod.Passkey, now) is not { } fresh)
            {
                tx.Undo();
                return SessionRefusals.Ended;
            }
            return new AddedPasskey(passkey, fresh, await Follow(tx, me, before, passkey, client, now));
        });
    }

    private Passkey New(SignedIn me, MadePasskey made, string name, DateTimeOffset now) => new()
    {
        AccountId = me.Account.Id, Id = Ids.New(now), CredentialId = made.CredentialId, PublicKey = made.PublicKey, SignCount = made.SignCount, Transports = made.Transports, BackupEligible = made.BackupEligible, BackedUp = made.BackedUp,
        Aaguid = made.Aaguid, RpId = here.Id, Name = name, AddedAt = now,
    };

    /// <returns>New codes, where there have to be any.</returns>
    private async Task<IReadOnlyList<RecoveryCode>?> Follow(WriteTx tx, SignedIn me, Factors before, Passkey passkey, Client client, DateTimeOffset now)
    {
        var account = me.Account;
        // Apps begun elsewhere, with less than what is asked for from now on.
        if (!before.IsOn) await TotpTable.EndBegun(tx, account.Id);
        if (before.WantsNewDevice)
        {
            await TotpTable.RemoveAll(tx, account.Id, except: null);
            await TwoFactorTable.WantNoNewDevice(tx, account.Id);
        }
        await DropTrust.Run(tx, account.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasskeyAdded, account.Id, client) { SessionId = me.Session.Id, Personal = new Dictionary<string, string> { ["app"] = passkey.Name } });
        if (!before.IsOn) await AuditLog.Record(tx, now, new AuditEvent(AuditKind.TwoFactorOn, account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["method"] = ProofMethod.Passkey } });
        var codes = before.IsOn && !before.WantsNewDevice ? null : await MakeRecoveryCodes.In(tx, keys, me, client, now);
        await letters.Added(tx, account, before, passkey.Name, client, now);
        await CopyToMembers.Run(tx, account.Id);
        tx.Announce(new Announcement("account", account.Id));
        return codes;
    }
}
