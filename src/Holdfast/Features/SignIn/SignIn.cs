using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.SignIn;

/// <param name="Zone">Time zone that the browser reports (IANA); a guess that counts only where none is known.</param>
/// <param name="Replaces">Token of a session that this browser still has: it ends when the new one starts.</param>
public sealed record SignInForm(string Email, PlainPassword Password, bool Keep, string? Zone, TokenHash? Replaces);

/// <param name="Browser">A device cookie to set; null when the browser has one already.</param>
public sealed record SignInResult(FreshSession Fresh, SecretToken? Browser);

/// <summary>
/// E-mail and password in, a session out. A wrong address and a wrong password do the same work, take the same time and get the same words (ASVS 6.3.8).
/// </summary>
public sealed class SignIn(Db db, PasswordHasher hasher, Throttle throttle, RememberBrowser rememberBrowser, TimeProvider clock, SignInMetrics metrics)
{
    /// <summary>
    /// Refuses with <c>sign_in.email_required</c>, <c>password.required</c> (400), <c>sign_in.wrong</c> (401), <c>sign_in.wait</c>, <c>sign_in.stopped</c>,
    /// <c>sign_in.network_wait</c> (429) and <c>hashing.queue_full</c> (503).
    /// </summary>
    public async Task<Outcome<SignInResult>> Run(SignInForm form, Client client)
    {
        if (Refusal.Combine([
            MailAddressShape.IsPlain(form.Email.Trim()) ? null : new Refusal("sign_in.email_required", 400, "email"),
            form.Password.IsEmpty ? new Refusal("password.required", 400, "password") : null]) is { } missing) return missing;

        var canonical = MailAddressShape.Canonical(form.Email);
        var charged = await Charge(canonical, client);
        if (!charged.Ok)
        {
            metrics.Count("throttled");
            return charged.Refusal;
        }
        var (account, stored, subject) = charged.Value;
        var verdict = await hasher.Verify(form.Password, stored is { BlockedAt: null } ? new PasswordHash(stored.Phc, stored.PepperId) : null);
        if (!verdict.Ok)
        {
            await db.Write(async tx => { await Throttle.TakeBack(tx, subject); return Done.It; });
            metrics.Count("busy");
            return verdict.Refusal;
        }
        if (!verdict.Value.Matches || account is null) return await Failed(account, client);

        var better = verdict.Value.NeedsRehash ? await hasher.Hash(form.Password) : default;
        return await Succeeded(form, client, account, stored!, subject, better is { Ok: true } ? better.Value : null);
    }

    private sealed record Try(Account? Account, PasswordRow? Stored, Throttle.Subject Subject);

    private Task<Outcome<Try>> Charge(string canonical, Client client) => db.Write<Outcome<Try>>(async tx =>
    {
        var account = await AccountTable.ByEmail(tx, canonical);
        // Looked up for nobody as well: the same statements, whoever is asked about.
        var stored = await PasswordTable.Of(tx, account?.Id ?? "");
        var known = client.Browser is { } browser && await KnownBrowserTable.Knows(tx, account?.Id ?? "", browser);
        var subject = throttle.For(Throttle.Password, canonical, client, known);
        var now = clock.GetUtcNow();
        if (await throttle.Charge(tx, subject, now) is not { } refusal) return new Try(account, stored, subject);
        if (await Throttle.IsNews(tx, subject, refusal))
        {
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignInThrottled, account?.Id ?? "", client) { ActorId = "", Data = new Dictionary<string, string> { ["why"] = refusal.Code } });
        }
        return refusal;
    });

    private async Task<Outcome<SignInResult>> Failed(Account? account, Client client)
    {
        await db.Write(async tx =>
        {
            await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(AuditKind.SignInFailed, account?.Id ?? "", client) { ActorId = "", Data = new Dictionary<string, string> { ["method"] = ProofMethod.Password } });
            return Done.It;
        });
        metrics.Count("wrong");
        return new Refusal("sign_in.wrong", 401);
    }

    private async Task<Outcome<SignInResult>> Succeeded(SignInForm form, Client client, Account account, PasswordRow stored, Throttle.Subject subject, PasswordHash? better)
    {
        var result = await db.Write<Outcome<SignInResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            // The password may have been changed or blocked while it was being verified.
            if (!await PasswordTable.StillIs(tx, account.Id, stored.Phc)) return new Refusal("sign_in.wrong", 401);
            if (better is not null) await PasswordTable.Rehash(tx, account.Id, stored.Phc, better.Phc, better.PepperId);
            if (TimeZones.IsKnown(form.Zone)) await AccountTable.GuessTimeZone(tx, account.Id, form.Zone!);
            if (form.Replaces is { } old) await SessionTable.EndByToken(tx, old, EndReason.Replaced, now);
            var fresh = await StartSession.Run(tx, account, client, form.Keep, ProofMethod.Password, now);
            var browser = await rememberBrowser.Run(tx, account, fresh.Session, client, now);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignedIn, account.Id, client)
            {
                SessionId = fresh.Session.Id, Data = new Dictionary<string, string> { ["method"] = ProofMethod.Password, ["device"] = browser.IsNew ? "new" : "known" },
            });
            // Last, because everybody behind this network waits for its row.
            await Throttle.Succeeded(tx, subject);
            return new SignInResult(fresh, browser.Made);
        });
        if (!result.Ok) return await Failed(account, client);
        metrics.Count("signed_in");
        return result;
    }
}
