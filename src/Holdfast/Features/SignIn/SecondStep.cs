using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <param name="Zone">Time zone that the browser reports (IANA); a guess that counts only where none is known.</param>
/// <param name="Remember">The person wants to be asked no more in this browser; counts where <c>TwoFactor:RememberDays</c> allows it.</param>
public sealed record SecondStepForm(SecondProof Proof, string? Zone, bool Remember);

/// <param name="Method">What it was done with.</param>
/// <param name="CodesLeft">Recovery codes that are left.</param>
/// <param name="Remembered">A cookie to set: this browser may skip the second step for some days.</param>
public sealed record SecondStepResult(SignInResult SignIn, string Method, int CodesLeft, SecretToken? Remembered);

/// <summary>A pending sign-in that is open, and whose it is.</summary>
public sealed record OpenPending(PendingSignIn Pending, Account Account, Factors Factors);

/// <summary>The second step of a sign-in: a pending sign-in and a second factor in, a session out (ASVS 6.3.3, 7.2.4).</summary>
public sealed class SecondStep(Db db, ProveSecondFactor prove, RememberBrowser rememberBrowser, TwoFactorLetters letters, TimeProvider clock, HoldfastSettings settings, SignInMetrics metrics)
{
    /// <summary>Null when there is none, it ran out, was used or killed, or the password or the factors have changed since.</summary>
    public Task<OpenPending?> Look(TokenHash pending, Client client) => db.Read(async tx => (await Open(tx, pending, client, clock.GetUtcNow()))?.Pending);

    /// <summary>Refuses with <c>sign_in.pending_over</c> (401), <c>account.suspended</c> (403) and as <see cref="ProveSecondFactor.In"/>.</summary>
    public async Task<Outcome<SecondStepResult>> Run(TokenHash pending, SecondStepForm form, Client client)
    {
        var result = await db.Write<Outcome<SecondStepResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await Open(tx, pending, client, now) is not var (open, phc)) return PendingRefusals.Over;
            var proven = await prove.In(tx, open.Account, form.Proof, new ProofContext(AuditKind.SecondStepFailed, "", client), now);
            if (!proven.Ok) return proven.Refusal;
            // This holds the password's row: whatever stops the password waits and then ends the session made here, or is seen here.
            if (!await PasswordTable.StillIs(tx, open.Account.Id, phc) || !await PendingSignInTable.Use(tx, pending, now))
            {
                tx.Undo();
                return PendingRefusals.Over;
            }
            return await Start(tx, open, form, proven.Value, client, now);
        });
        metrics.Count(result.Ok ? "signed_in" : result.Refusal.Status == 429 ? "second_step_throttled" : "second_step_wrong");
        return result;
    }

    /// <summary>"Not you?": nothing can be done with it any more.</summary>
    public Task Cancel(TokenHash pending) => db.Write(async tx => { await PendingSignInTable.Kill(tx, pending, clock.GetUtcNow()); return Done.It; });

    private static async Task<(OpenPending Pending, string Phc)?> Open(ReadTx tx, TokenHash token, Client client, DateTimeOffset now)
    {
        if (await PendingSignInTable.Find(tx, token) is not { } pending || !pending.IsOpen(client.UserAgent, now)) return null;
        if (await PasswordTable.Of(tx, pending.AccountId) is not { BlockedAt: null } stored || !pending.IsAbout(stored.Phc)) return null;
        if (await AccountTable.ById(tx, pending.AccountId) is not { } account) return null;
        var factors = await TwoFactorTable.Of(tx, account.Id);
        return factors.IsOn ? (new OpenPending(pending, account, factors), stored.Phc) : null;
    }

    private async Task<Outcome<SecondStepResult>> Start(WriteTx tx, OpenPending open, SecondStepForm form, AcceptedFactor factor, Client client, DateTimeOffset now)
    {
        var (pending, account) = (open.Pending, open.Account);
        var methods = $"{pending.ProvenWith} {factor.Method}";
        if (TimeZones.IsKnown(form.Zone)) await AccountTable.GuessTimeZone(tx, account.Id, form.Zone!);
        var started = await StartSession.Run(tx, account, client, pending.Kept, methods, now);
        if (!started.Ok) return started.Refusal;
        var fresh = started.Value;
        if (pending.Replaces is { } old) await SessionTable.EndByToken(tx, old, EndReason.Replaced, now);
        var signIn = await SignIn.Enter(tx, rememberBrowser, account, fresh, methods, client, now);
        var left = open.Factors.CodesLeft;
        if (factor.Method == ProofMethod.RecoveryCode) left = await RecoveryCodeUsed.In(tx, letters, account, fresh.Session.Id, methods, client, now);
        else if (await TwoFactorTable.WantNoNewDevice(tx, account.Id)) tx.Announce(new Announcement("account", account.Id));
        var remembered = form.Remember && settings.TwoFactor.MayRemember && factor.Method != ProofMethod.RecoveryCode ? await TrustBrowser.Run(tx, account.Id, settings.TwoFactor, client, now) : (SecretToken?)null;
        return new SecondStepResult(signIn, factor.Method, left, remembered);
    }
}

public static class PendingRefusals
{
    public static readonly Refusal Over = new("sign_in.pending_over", 401);
}
