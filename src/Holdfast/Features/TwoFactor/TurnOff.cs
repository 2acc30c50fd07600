using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.Unusual;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <param name="Proof">A second factor, now: it is the proof that this asks for.</param>
/// <param name="Password">Where the password alone has to be longer: the current one, and a new one that is long enough. Null where it will do.</param>
public sealed record TurnOffForm(SecondProof Proof, ChangePasswordForm? Password);

/// <summary>Everything that happens when a person turns two-factor off: one transaction, all factors and codes gone, a letter (ASVS 6.3.7, 7.5.1). Where the password is then too short for being alone, a longer one comes with it (NIST SP 800-63B-4 §3.1.1.2).</summary>
public sealed class TurnOff(Db db, ProveSecondFactor prove, ChangePassword change, PasswordContexts contexts, TwoFactorLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>True when a longer password has to come with it.</summary>
    public async Task<bool> NeedsLongerPassword(SignedIn me)
    {
        var alone = settings.Passwords.ShortestFor(secondFactorAlwaysRequired: false);
        if (alone == settings.Passwords.ShortestFor(secondFactorAlwaysRequired: true)) return false;
        return await db.Read(tx => PasswordTable.Of(tx, me.Account.Id)) is { } stored && (stored.LeastLength is not { } met || met < alone);
    }

    /// <summary>
    /// Refuses with <c>two_factor.off</c> (409), <c>two_factor.required_by_role</c> (403), <c>two_factor.code_of_app</c> (400: a recovery code does not do),
    /// <c>two_factor.longer_password</c> (400), as <see cref="ChangePassword"/> and as <see cref="ProveSecondFactor.In"/>, and with <c>session.ended</c> (401).
    /// </summary>
    public async Task<Outcome<FreshSession>> Run(SignedIn me, TurnOffForm form, Client client)
    {
        if (!me.Factors.IsOn) return TwoFactorRefusals.Off;
        if (me.TwoFactorRule.Exists) return TwoFactorRefusals.RequiredByRole;
        if (form.Proof.Method == ProofMethod.RecoveryCode) return new Refusal("two_factor.code_of_app", 400, "method");
        ReadyPassword? ready = null;
        if (await NeedsLongerPassword(me))
        {
            if (form.Password is null) return new Refusal("two_factor.longer_password", 400, "newPassword", Args: settings.Passwords.ShortestFor(secondFactorAlwaysRequired: false));
            var prepared = await change.Prepare(me, form.Password, contexts.Of(me) with { SecondFactorAlwaysRequired = false }, client);
            if (!prepared.Ok) return prepared.Refusal;
            ready = prepared.Value;
        }
        return await db.Write<Outcome<FreshSession>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await TwoFactorTable.Hold(tx, me.Account.Id);
            if (!(await TwoFactorTable.Of(tx, me.Account.Id)).IsOn) return TwoFactorRefusals.Off;
            var proven = await prove.In(tx, me.Account, form.Proof, new ProofContext(AuditKind.TwoFactorOffFailed, me.Session.Id, client, PasskeyPurpose.TurnOff(me.Session.Id)), now);
            if (!proven.Ok)
            {
                // The password was right, whatever the code was.
                if (ready is not null) await Throttle.Succeeded(tx, ready.Proof.Subject);
                return proven.Refusal;
            }
            var fresh = await Renew(tx, me, ready, proven.Value, client, now);
            if (!fresh.Ok)
            {
                tx.Undo();
                return fresh.Refusal;
            }
            await RemoveFactors.In(tx, me.Account.Id, now);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.TwoFactorOff, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["method"] = proven.Value.Method } });
            await FindUnusual.Raise(tx, me.Account.Id, new Finding(UnusualKind.TwoFactorOff, Severity.Medium, new Dictionary<string, string>()), me.Session.Id, client, now);
            await letters.TurnedOff(tx, me.Account, proven.Value.Method, client, now);
            return fresh.Value;
        });
    }

    private async Task<Outcome<FreshSession>> Renew(WriteTx tx, SignedIn me, ReadyPassword? ready, AcceptedFactor factor, Client client, DateTimeOffset now)
    {
        if (ready is not null)
        {
            var changed = await change.In(tx, me, ready, client, now);
            return changed.Ok ? changed.Value.Fresh : changed.Refusal;
        }
        return await StartSession.Renew(tx, me.Session, factor.Method, now) is { } fresh ? fresh : SessionRefusals.Ended;
    }
}
