using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Features.Workspaces;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Secure;

/// <summary>
/// "Secure my account" (SPEC S8): sign out everywhere else, choose a new password, check the second factor, in this order; then a summary for the person, and a list for the admins of their workspaces of what to look through.
/// </summary>
public sealed class SecureAccount(Db db, EndSessions end, ChangePassword change, PasswordContexts contexts, SendLetters outbox, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Of one workspace are told at most.</summary>
    private const int MostAdmins = 20;

    public Task<SecureRun?> Open(SignedIn me) => db.Read(tx => SecureTable.Open(tx, me.Account.Id));

    /// <summary>The first step. Refuses as <see cref="EndSessions"/>.</summary>
    public Task<Outcome<int>> SignOut(SignedIn me, Client client) => end.Others(me, client, async (tx, ended, now) =>
    {
        await SecureTable.Begin(tx, me.Account.Id, SecureRun.ByPerson, ended, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SecureBegun, me.Account.Id, client) { SessionId = me.Session.Id });
    });

    /// <summary>The second step; whatever the settings say, all other sessions end. Refuses as <see cref="ChangePassword"/>, and with <c>secure.not_begun</c> (409).</summary>
    public async Task<Outcome<PasswordChange>> Password(SignedIn me, ChangePasswordForm form, Client client)
    {
        if (await Open(me) is not { Next: SecureStep.Password }) return SecureRefusals.OutOfOrder;
        var ready = await change.Prepare(me, form, contexts.Of(me), client);
        if (!ready.Ok) return ready.Refusal;
        return await db.Write(tx => change.In(tx, me, ready.Value with { EndOthers = true }, client, clock.GetUtcNow()));
    }

    /// <summary>The last step: "these are mine". Refuses with <c>secure.not_begun</c> (409) while the steps before it are not done, <c>step_up.…</c> (403) and <c>session.ended</c> (401).</summary>
    /// <returns>What was done.</returns>
    public async Task<Outcome<SecureRun>> Factors(SignedIn me, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } proof) return proof;
        return await db.Write<Outcome<SecureRun>>(async tx =>
        {
            var now = clock.GetUtcNow();
            await AccountTable.Hold(tx, me.Account.Id);
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } refusal) return refusal;
            if (await SecureTable.Open(tx, me.Account.Id) is not { } run || !await SecureTable.Finish(tx, me.Account.Id, run.Id, now)) return SecureRefusals.OutOfOrder;
            // As it is now: the password may have been changed since it was read.
            run = (await SecureTable.Find(tx, me.Account.Id, run.Id))!;
            // For the admins to see; with it everything that was open is closed for the person.
            await FindUnusual.Raise(tx, me.Account.Id, new Finding(UnusualKind.Secured, Severity.Medium, new Dictionary<string, string>()), me.Session.Id, client, now);
            await UnusualTable.CloseAll(tx, me.Account.Id, UnusualEnd.Secured, now);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SecureDone, me.Account.Id, client) { SessionId = me.Session.Id });
            await Tell(tx, me, run, await TwoFactorTable.Of(tx, me.Account.Id), now);
            return run with { FactorsAt = now, ClosedAt = now };
        });
    }

    /// <summary>"Not now": the way stays open, nobody is led there.</summary>
    public Task PutOff(SignedIn me) => db.Write(async tx => { await SecureTable.PutOff(tx, me.Account.Id, clock.GetUtcNow()); return Done.It; });

    private async Task Tell(WriteTx tx, SignedIn me, SecureRun run, Factors factors, DateTimeOffset now)
    {
        var account = me.Account;
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "secured", account.Id, SecuredLetter.ForPerson(settings.Product, text, new SecuredFacts(
            account.Email, account.FirstName, text.Count("secure.signed_out", run.SignedOut), LetterTime.Format(text, run.PasswordAt!.Value, account.TimeZone), Say(factors, text), settings.Server.LinkTo("/account/security"))), now);
        foreach (var place in me.Memberships)
        {
            foreach (var id in (await MemberTable.Admins(tx, place.WorkspaceId, MostAdmins)).Where(id => id != account.Id))
            {
                if (await AccountTable.ById(tx, id) is not { IsActive: true } admin) continue;
                var words = Text.For(admin.Language);
                await outbox.Enqueue(tx, "secured_admin", admin.Id, SecuredLetter.ForAdmin(settings.Product, words, admin.Email, admin.FirstName, place.ShownName ?? account.Name, place.Workspace, LetterTime.Format(words, now, admin.TimeZone),
                    settings.Server.LinkTo($"/w/{place.Slug}/unusual")), now);
            }
        }
    }

    /// <summary>Such as "One app and 2 passkeys".</summary>
    internal static string Say(Factors factors, Text text)
    {
        var (apps, passkeys) = (factors.Apps.Count(), factors.Passkeys.Count());
        if (apps + passkeys == 0) return text["two_factor.standing.off"];
        if (passkeys == 0) return text.Count("two_factor.standing.apps", apps);
        return apps == 0 ? text.Count("two_factor.standing.passkeys", passkeys) : text.Count("two_factor.standing.and_passkeys", passkeys, text.Count("two_factor.standing.apps", apps));
    }
}

public static class SecureRefusals
{
    public static readonly Refusal OutOfOrder = new("secure.not_begun", 409);
}
