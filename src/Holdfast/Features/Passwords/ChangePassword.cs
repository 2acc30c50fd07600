using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.StepUp;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passwords;

/// <param name="SignOutOthers">What the person ticked; counts only where <c>Sessions:OnPasswordChange</c> is <c>Ask</c>.</param>
public sealed record ChangePasswordForm(PlainPassword Current, PlainPassword New, PlainPassword Again, bool SignOutOthers);

/// <param name="SignedOut">How many other sessions were ended.</param>
public sealed record PasswordChange(FreshSession Fresh, int SignedOut);

/// <summary>Everything that happens when a person changes their password: one transaction (ASVS 6.2.2, 6.2.3, 6.3.7, 7.4.3).</summary>
public sealed class ChangePassword(Db db, ProvePassword prove, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, PasswordLetters letters, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>
    /// Refuses with <c>password.required</c>, <c>password.wrong</c>, <c>password.not_repeated</c>, <c>password.unchanged</c> and what <see cref="CheckPassword"/> refuses (400),
    /// <c>sign_in.wait</c> (429), <c>hashing.queue_full</c> (503), <c>session.ended</c> (401).
    /// </summary>
    public async Task<Outcome<PasswordChange>> Run(SignedIn me, ChangePasswordForm form, Client client)
    {
        var score = await Look(me, form);
        if (!score.Ok) return score.Refusal;
        var proof = await prove.Run(me, form.Current, "currentPassword", AuditKind.PasswordChangeFailed, client);
        if (!proof.Ok) return proof.Refusal;
        var hash = await hasher.Hash(form.New);
        if (!hash.Ok) return hash.Refusal;

        var endOthers = settings.Sessions.OnPasswordChange switch
        {
            OnPasswordChange.SignOutOthers => true,
            OnPasswordChange.Ask => form.SignOutOthers,
            OnPasswordChange.KeepOthers => false,
            _ => true,
        };
        return await db.Write<Outcome<PasswordChange>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var row = new PasswordRow { AccountId = me.Account.Id, Phc = hash.Value.Phc, PepperId = hash.Value.PepperId, Score = score.Value, ChangedAt = now };
            if (!await PasswordTable.Replace(tx, row, proof.Value.Stored.Phc) || await StartSession.Renew(tx, me.Session, ProofMethod.Password, now) is not { } fresh)
            {
                tx.Undo();
                return SessionRefusals.Ended;
            }
            var ended = endOthers ? await SessionTable.EndAll(tx, me.Account.Id, me.Session.Id, EndReason.PasswordChanged, me.Session.Id, now) : [];
            var kept = endOthers ? 0 : (await SessionTable.Live(tx, me.Account.Id, 1000)).Count(s => s.Id != me.Session.Id && s.WhyOver(now, settings.Sessions) is null);
            await LinkTable.KillRecovery(tx, me.Account.Id, now);
            await Throttle.Succeeded(tx, proof.Value.Subject);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasswordChanged, me.Account.Id, client)
            {
                SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) },
            });
            await letters.Changed(tx, me.Account, client, ended.Count, kept, now);
            return new PasswordChange(fresh, ended.Count);
        });
    }

    /// <returns>The new password's score, when there is nothing to mend in the form.</returns>
    private async Task<Outcome<int>> Look(SignedIn me, ChangePasswordForm form)
    {
        var score = await check.Run(form.New, contexts.Of(me), "newPassword");
        return Refusal.Combine([
            form.Current.IsEmpty ? new Refusal("password.required", 400, "currentPassword") : null,
            score.Refusal ?? (form.New.SameAs(form.Current) ? new Refusal("password.unchanged", 400, "newPassword") : null),
            form.Again.SameAs(form.New) ? null : new Refusal("password.not_repeated", 400, "newPasswordAgain")]) is { } wrong ? wrong : score;
    }
}
