using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.StepUp;

/// <summary>A signed-in person proves once more who they are; the session gets a new token and a new proof (ASVS 7.2.4, 7.5.1).</summary>
public sealed class StepUp(Db db, ProvePassword prove, ProveSecondFactor proveSecond, TwoFactorLetters letters, TimeProvider clock)
{
    /// <summary>By a second factor. Refuses as <see cref="ProveSecondFactor.In"/>, and with <c>two_factor.off</c> (409), <c>session.ended</c> (401).</summary>
    public Task<Outcome<FreshSession>> BySecondFactor(SignedIn me, SecondProof proof, Client client) => db.Write<Outcome<FreshSession>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (!(await TwoFactorTable.Of(tx, me.Account.Id)).IsOn) return TwoFactorRefusals.Off;
        var proven = await proveSecond.In(tx, me.Account, proof, new ProofContext(AuditKind.StepUpFailed, me.Session.Id, client, PasskeyPurpose.StepUp(me.Session.Id)), now);
        if (!proven.Ok) return proven.Refusal;
        if (await StartSession.Renew(tx, me.Session, proven.Value.Method, now) is not { } fresh)
        {
            tx.Undo();
            return SessionRefusals.Ended;
        }
        if (proven.Value.Method == ProofMethod.RecoveryCode) await RecoveryCodeUsed.In(tx, letters, me.Account, me.Session.Id, proven.Value.Method, client, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.StepUp, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["method"] = proven.Value.Method } });
        return fresh;
    });

    /// <summary>By the password. Refuses as <see cref="ProvePassword"/>, and with <c>session.ended</c> (401).</summary>
    public async Task<Outcome<FreshSession>> ByPassword(SignedIn me, PlainPassword password, Client client)
    {
        var proof = await prove.Run(me, password, "password", AuditKind.StepUpFailed, client);
        if (!proof.Ok) return proof.Refusal;
        return await db.Write<Outcome<FreshSession>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (!await PasswordTable.StillIs(tx, me.Account.Id, proof.Value.Stored.Phc)
                || await StartSession.Renew(tx, me.Session, ProofMethod.Password, now) is not { } fresh)
            {
                tx.Undo();
                return SessionRefusals.Ended;
            }
            await Throttle.Succeeded(tx, proof.Value.Subject);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.StepUp, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["method"] = ProofMethod.Password } });
            return fresh;
        });
    }
}

/// <summary>A password that was right, and the count to clear once that had its effect.</summary>
public sealed record ProvenPassword(PasswordRow Stored, Throttle.Subject Subject, bool NeedsRehash);

/// <summary>Checks the password of somebody who is signed in, under the same brake as sign-in: a stolen session is no place for guessing.</summary>
public sealed class ProvePassword(Db db, PasswordHasher hasher, Throttle throttle, TimeProvider clock)
{
    /// <summary>Refuses with <c>password.required</c> (400), <c>password.wrong</c> (400, at the field), <c>sign_in.wait</c> (429), <c>hashing.queue_full</c> (503).</summary>
    /// <param name="auditFailure">The <see cref="AuditKind"/> under which a wrong password is recorded.</param>
    public async Task<Outcome<ProvenPassword>> Run(SignedIn me, PlainPassword password, string field, string auditFailure, Client client)
    {
        if (password.IsEmpty) return new Refusal("password.required", 400, field);
        var canonical = MailAddressShape.Canonical(me.Account.Email);
        var (stored, subject, refusal) = await db.Write<(PasswordRow?, Throttle.Subject?, Refusal?)>(async tx =>
        {
            var known = client.Browser is { } browser && await KnownBrowserTable.Knows(tx, me.Account.Id, browser);
            var who = throttle.For(Throttle.Password, canonical, client, known);
            var now = clock.GetUtcNow();
            var held = await throttle.Charge(tx, who, now);
            if (held is not null && await Throttle.IsNews(tx, who, held))
            {
                await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignInThrottled, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["why"] = held.Code } });
            }
            return (await PasswordTable.Of(tx, me.Account.Id), who, held);
        });
        if (refusal is not null) return refusal;
        var verdict = await hasher.Verify(password, stored is { BlockedAt: null } ? new PasswordHash(stored.Phc, stored.PepperId) : null);
        if (!verdict.Ok)
        {
            await db.Write(async tx => { await Throttle.TakeBack(tx, subject!); return Done.It; });
            return verdict.Refusal;
        }
        if (verdict.Value.Matches) return new ProvenPassword(stored!, subject!, verdict.Value.NeedsRehash);
        await db.Write(async tx =>
        {
            await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(auditFailure, me.Account.Id, client) { SessionId = me.Session.Id });
            return Done.It;
        });
        return new Refusal("password.wrong", 400, field);
    }
}
