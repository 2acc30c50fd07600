using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <param name="Zone">Time zone that the browser reports (IANA); a guess that counts only where none is known.</param>
/// <param name="Replaces">Token of a session that this browser still has: it ends when the new one starts.</param>
public sealed record PasskeySignInForm(PasskeyAnswer Answer, bool Keep, string? Zone, TokenHash? Replaces);

/// <summary>
/// A passkey in, a session out. The authenticator has verified the person, so it is something that they have and something that they know or are: both factors at once (NIST SP 800-63B-4 §3.1.7, ASVS 6.3.3).
/// </summary>
public sealed class SignInByPasskey(Db db, PasskeyCeremony ceremony, AcceptPasskey accept, RememberBrowser rememberBrowser, Throttle throttle, TimeProvider clock, SignInMetrics metrics)
{
    /// <summary>
    /// Refuses with <c>passkey.required</c>, <c>passkey.wrong</c>, <c>passkey.challenge_over</c> (400), <c>passkey.unknown</c> (401), <c>passkey.copied</c>, <c>passkey.paused</c> (403), <c>passkey.network_wait</c> (429).
    /// </summary>
    /// <param name="browser">Hash of the cookie that came with the challenge; null when it is gone.</param>
    public async Task<Outcome<SignInResult>> Run(PasskeySignInForm form, TokenHash? browser, Client client)
    {
        if (form.Answer.Credential.Length == 0) return PasskeyRefusals.Required;
        // What can be told without the database costs no try.
        if (browser is not { } bound || ceremony.Open(PasskeyPurpose.SignIn(bound), form.Answer.Ticket, clock.GetUtcNow()) is not { } ticket) return PasskeyRefusals.ChallengeOver;
        if (PasskeyCeremony.IdOf(form.Answer.Credential) is not { } credentialId) return PasskeyRefusals.Wrong;
        var result = await db.Write<Outcome<SignInResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var found = await PasskeyTable.ByCredential(tx, credentialId);
            var account = found is null ? null : await AccountTable.ById(tx, found.AccountId);
            var subject = await Subject(tx, account, client);
            if (await throttle.Charge(tx, subject, now) is { } held)
            {
                if (await Throttle.IsNews(tx, subject, held)) await Record(tx, AuditKind.SignInThrottled, account, client, "why", held.Code, now);
                return held;
            }
            if (found is null || account is null) return PasskeyRefusals.Unknown;
            var accepted = await accept.In(tx, ticket, form.Answer, account, found, alone: true, client, "", now);
            // A stopped password stops this as well: whoever pressed "This wasn't me" may mean the one who added the passkey.
            if (accepted.Ok && await PasswordTable.Of(tx, account.Id) is { BlockedAt: not null }) accepted = PasskeyRefusals.Paused;
            if (!accepted.Ok)
            {
                await Record(tx, AuditKind.SignInFailed, account, client, "method", ProofMethod.Passkey, now);
                return accepted.Refusal;
            }
            var signedIn = await Start(tx, account, form, client, now);
            await Throttle.Succeeded(tx, subject);
            return signedIn;
        });
        metrics.Count(result.Ok ? "signed_in" : result.Refusal.Status == 429 ? "throttled" : "wrong");
        return result;
    }

    private async Task<Outcome<SignInResult>> Start(WriteTx tx, Account account, PasskeySignInForm form, Client client, DateTimeOffset now)
    {
        if (TimeZones.IsKnown(form.Zone)) await AccountTable.GuessTimeZone(tx, account.Id, form.Zone!);
        var fresh = await StartSession.Run(tx, account, client, form.Keep, ProofMethod.Passkey, now);
        if (!fresh.Ok) return fresh.Refusal;
        if (form.Replaces is { } old) await SessionTable.EndByToken(tx, old, EndReason.Replaced, now);
        var result = await SignIn.SignIn.Enter(tx, rememberBrowser, account, fresh.Value, ProofMethod.Passkey, client, now);
        await DeviceTurnedUp.In(tx, account.Id, ProofMethod.Passkey);
        return result;
    }

    /// <summary>Counted for the network alone: a signature cannot be guessed, and so that nobody can hold a person up, nothing is counted for them.</summary>
    private async Task<Throttle.Subject> Subject(WriteTx tx, Account? account, Client client)
    {
        var known = account is not null && client.Browser is { } browser && await KnownBrowserTable.Knows(tx, account.Id, browser);
        return throttle.For(Throttle.Passkey, account is null ? "" : Configuration.MailAddressShape.Canonical(account.Email), client, known);
    }

    private static Task Record(WriteTx tx, string kind, Account? account, Client client, string fact, string value, DateTimeOffset now) =>
        AuditLog.Record(tx, now, new AuditEvent(kind, account?.Id ?? "", client) { ActorId = "", Data = new Dictionary<string, string> { [fact] = value } });
}
