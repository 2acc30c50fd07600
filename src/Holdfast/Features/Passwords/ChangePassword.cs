using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <param name="SignOutOthers">What the person ticked; counts only where <c>Sessions:OnPasswordChange</c> is <c>Ask</c>.</param>
public sealed record ChangePasswordForm(PlainPassword Current, PlainPassword New, PlainPassword Again, bool SignOutOthers);

/// <param name="SignedOut">How many other sessions were ended.</param>
public sealed record PasswordChange(FreshSession Fresh, int SignedOut);

/// <summary>A new password that may be set, hashed, and the old one proven.</summary>
internal sealed record ReadyPassword(PasswordHash Hash, int Score, int LeastLength, ProvenPassword Proof, bool EndOthers);

/// <summary>Everything that happens when a person changes their password: one transaction (ASVS 6.2.2, 6.2.3, 6.3.7, 7.4.3).</summary>
public sealed class ChangePassword(Db db, ProvePassword prove, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, PasswordLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses with <c>password.required</c>, <c>password.wrong</c>, <c>password.not_repeated</c>, <c>password.unchanged</c> and what <see cref="CheckPassword"/> refuses (400),
    /// <c>sign_in.wait</c> (429), <c>hashing.queue_full</c> (503), <c>session.ended</c> (401).
    /// </summary>
    public async Task<Outcome<PasswordChange>> Run(SignedIn me, ChangePasswordForm form, Client client)
    {
        var ready = await Prepare(me, form, contexts.Of(me), client);
        if (!ready.Ok) return ready.Refusal;
        return await db.Write(tx => In(tx, me, ready.Value, client, clock.GetUtcNow()));
    }

    /// <summary>All that takes time, before the transaction: refuses as <see cref="Run"/>.</summary>
    internal async Task<Outcome<ReadyPassword>> Prepare(SignedIn me, ChangePasswordForm form, PasswordContext context, Client client)
    {
        var score = await Look(form, context);
        if (!score.Ok) return score.Refusal;
        var proof = await prove.Run(me, form.Current, "currentPassword", AuditKind.PasswordChangeFailed, client);
        if (!proof.Ok) return proof.Refusal;
        var hash = await hasher.Hash(form.New);
        if (!hash.Ok) return hash.Refusal;
        return new ReadyPassword(hash.Value, score.Value, settings.Passwords.LongestRuleMet(form.New.CodePoints), proof.Value, settings.Sessions.OnPasswordChange switch
        {
            OnPasswordChange.SignOutOthers => true,
            OnPasswordChange.Ask => form.SignOutOthers,
            OnPasswordChange.KeepOthers => false,
            _ => true,
        });
    }

    /// <summary>The change itself, within a transaction that may do more. Refuses with <c>session.ended</c> (401), and then nothing of the transaction happens.</summary>
    internal async Task<Outcome<PasswordChange>> In(WriteTx tx, SignedIn me, ReadyPassword ready, Client client, DateTimeOffset now)
    {
        var row = new PasswordRow { AccountId = me.Account.Id, Phc = ready.Hash.Phc, PepperId = ready.Hash.PepperId, Score = ready.Score, ChangedAt = now, LeastLength = ready.LeastLength };
        if (!await PasswordTable.Replace(tx, row, ready.Proof.Stored.Phc) || await StartSession.Renew(tx, me.Session, ProofMethod.Password, now) is not { } fresh)
        {
            tx.Undo();
            return SessionRefusals.Ended;
        }
        var ended = ready.EndOthers ? await SessionTable.EndAll(tx, me.Account.Id, me.Session.Id, EndReason.PasswordChanged, me.Session.Id, now) : [];
        var kept = ready.EndOthers ? 0 : (await SessionTable.Live(tx, me.Account.Id, 1000)).Count(s => s.Id != me.Session.Id && s.WhyOver(now, settings.Sessions) is null);
        await LinkTable.KillRecovery(tx, me.Account.Id, now);
        await SecureTable.NotePassword(tx, me.Account.Id, now);
        await DropTrust.Run(tx, me.Account.Id, now);
        await Throttle.Succeeded(tx, ready.Proof.Subject);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasswordChanged, me.Account.Id, client)
        {
            SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) },
        });
        await letters.Changed(tx, me.Account, client, ended.Count, kept, now);
        return new PasswordChange(fresh, ended.Count);
    }

    /// <returns>The new password's score, when there is nothing to mend in the form.</returns>
    private async Task<Outcome<int>> Look(ChangePasswordForm form, PasswordContext context)
    {
        var score = await check.Run(form.New, context, "newPassword");
        return Refusal.Combine([
            form.Current.IsEmpty ? new Refusal("password.required", 400, "currentPassword") : null,
            score.Refusal ?? (form.New.SameAs(form.Current) ? new Refusal("password.unchanged", 400, "newPassword") : null),
            form.Again.SameAs(form.New) ? null : new Refusal("password.not_repeated", 400, "newPasswordAgain")]) is { } wrong ? wrong : score;
    }
}
