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
/// <param name="Replaces">Token of a session that this browser still has: it ends when the new one starts.</param>
/// <param name="Remembered">A token by which this browser may skip the second step.</param>
public sealed record SignInForm(string Email, PlainPassword Password, bool Keep, string? Zone, TokenHash? Replaces, TokenHash? Remembered = null);

/// <param name="Browser">A device cookie to set; null when the browser has one already.</param>
public sealed record SignInResult(FreshSession Fresh, SecretToken? Browser);

/// <summary>What a right password leads to.</summary>
public abstract record SignInStep
{
    private SignInStep() { }

    /// <summary>A session.</summary>
    public sealed record SignedIn(SignInResult Result) : SignInStep;

    /// <summary>A pending sign-in, which opens the second step and nothing else.</summary>
    /// <param name="Ways">How the second factor may be proven: <see cref="ProofMethod"/>s, the usual one first.</param>
    public sealed record Pending(SecretToken Token, IReadOnlyList<string> Ways, DateTimeOffset EndsAt) : SignInStep;
}

/// <summary>
/// E-mail and password in, a session out, or, with a second factor set up, a pending sign-in (see <see cref="SecondStep"/>). A wrong address and a wrong password do the same work, take the same time and get the same words (ASVS 6.3.8).
/// </summary>
public sealed class SignIn(Db db, PasswordHasher hasher, Throttle throttle, RememberBrowser rememberBrowser, TimeProvider clock, HoldfastSettings settings, SignInMetrics metrics)
{
    /// <summary>
    /// Refuses with <c>sign_in.email_required</c>, <c>password.required</c> (400), <c>sign_in.wrong</c> (401), <c>sign_in.wait</c>, <c>sign_in.stopped</c>,
    /// <c>sign_in.network_wait</c> (429), after a right password <c>account.suspended</c> (403), and <c>hashing.queue_full</c> (503).
    /// </summary>
    public async Task<Outcome<SignInStep>> Run(SignInForm form, Client client)
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

    /// <param name="why">Null for the words that a wrong address gets as well.</param>
    private async Task<Outcome<SignInStep>> Failed(Account? account, Client client, Refusal? why = null)
    {
        await db.Write(async tx =>
        {
            await AuditLog.Record(tx, clock.GetUtcNow(), new AuditEvent(AuditKind.SignInFailed, account?.Id ?? "", client) { ActorId = "", Data = new Dictionary<string, string> { ["method"] = ProofMethod.Password } });
            return Done.It;
        });
        metrics.Count(why == AccountRefusals.Suspended ? "suspended" : "wrong");
        return why ?? new Refusal("sign_in.wrong", 401);
    }

    private async Task<Outcome<SignInStep>> Succeeded(SignInForm form, Client client, Account account, PasswordRow stored, Throttle.Subject subject, PasswordHash? better)
    {
        var result = await db.Write<Outcome<SignInStep>>(async tx =>
        {
            var now = clock.GetUtcNow();
            // The password may have been changed or blocked while it was being verified.
            if (!await PasswordTable.StillIs(tx, account.Id, stored.Phc)) return new Refusal("sign_in.wrong", 401);
            if (better is not null) await PasswordTable.Rehash(tx, account.Id, stored.Phc, better.Phc, better.PepperId);
            var factors = await TwoFactorTable.Of(tx, account.Id);
            Outcome<SignInStep> step;
            if (await AccountTable.ById(tx, account.Id) is not { SuspendedAt: null }) step = AccountRefusals.Suspended;
            else if (!factors.IsOn) step = await Start(tx, form, client, account, ProofMethod.Password, now);
            else if (await TrustBrowser.Serves(tx, account.Id, form.Remembered, settings.TwoFactor, now)) step = await Start(tx, form, client, account, $"{ProofMethod.Password} {ProofMethod.RememberedBrowser}", now);
            else step = await Wait(tx, form, client, account, better?.Phc ?? stored.Phc, factors, now);
            // Last, because everybody behind this network waits for its row.
            await Throttle.Succeeded(tx, subject);
            return step;
        });
        if (!result.Ok) return await Failed(account, client, result.Refusal);
        metrics.Count(result.Value is SignInStep.Pending ? "second_step_asked" : "signed_in");
        return result;
    }

    private async Task<Outcome<SignInStep>> Start(WriteTx tx, SignInForm form, Client client, Account account, string methods, DateTimeOffset now)
    {
        if (TimeZones.IsKnown(form.Zone)) await AccountTable.GuessTimeZone(tx, account.Id, form.Zone!);
        var fresh = await StartSession.Run(tx, account, client, form.Keep, methods, now);
        if (!fresh.Ok) return fresh.Refusal;
        if (form.Replaces is { } old) await SessionTable.EndByToken(tx, old, EndReason.Replaced, now);
        return new SignInStep.SignedIn(await Enter(tx, rememberBrowser, account, fresh.Value, methods, client, now));
    }

    /// <summary>What every sign-in ends with, after one step or two: the browser is known from now on, and the log says how it was done.</summary>
    internal static async Task<SignInResult> Enter(WriteTx tx, RememberBrowser rememberBrowser, Account account, FreshSession fresh, string methods, Client client, DateTimeOffset now)
    {
        var browser = await rememberBrowser.Run(tx, account, fresh.Session, client, now);
        var facts = new Dictionary<string, string> { ["method"] = methods, ["device"] = browser.IsNew ? "new" : "known" };
        if (browser.IsNewCountry) facts["country"] = "new";
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignedIn, account.Id, client) { SessionId = fresh.Session.Id, Data = facts });
        return new SignInResult(fresh, browser.Made);
    }

    /// <summary>Nothing of the account changes yet, and the browser is not known by it: whoever has only the password is still a stranger.</summary>
    private static async Task<SignInStep> Wait(WriteTx tx, SignInForm form, Client client, Account account, string phc, Factors factors, DateTimeOffset now)
    {
        var token = SecretToken.New();
        var pending = new PendingSignIn
        {
            TokenHash = token.Hash, AccountId = account.Id, NextStep = NextStep.SecondFactor, ProvenWith = ProofMethod.Password, PasswordMark = PendingSignIn.MarkOf(phc), Kept = form.Keep, Replaces = form.Replaces,
            Address = client.Address, UserAgent = client.UserAgent, MadeAt = now, EndsAt = now + PendingSignIn.Lifetime,
        };
        await PendingSignInTable.Insert(tx, pending);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SecondStepAsked, account.Id, client) { ActorId = "", Data = new Dictionary<string, string> { ["method"] = ProofMethod.Password } });
        return new SignInStep.Pending(token, factors.Ways, pending.EndsAt);
    }
}
