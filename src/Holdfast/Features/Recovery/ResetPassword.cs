using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Passwords;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <param name="Email">Whose it is: the page says so, and password managers file the new password under it.</param>
/// <param name="Shortest">How many characters the new password has to have at least.</param>
public sealed record OpenResetLink(string Email, int Shortest);

/// <summary>A mailed link chooses a new password: all sessions end, other links die, a notice is mailed, nobody is signed in by it, and a second factor stays (ASVS 6.4.3).</summary>
public sealed class ResetPassword(Db db, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, PasswordLetters letters, Throttle throttle, PasswordSettings settings, TimeProvider clock)
{
    /// <summary>Null when the link is not open. Looking uses nothing up: mail scanners open every link.</summary>
    public Task<OpenResetLink?> Look(TokenHash token) => db.Read(async tx =>
        await Owner(tx, token, clock.GetUtcNow()) is { } account ? new OpenResetLink(account.Email, settings.ShortestFor((await TwoFactorTable.Of(tx, account.Id)).IsOn)) : null);

    /// <summary>Refuses with <c>link.over</c> (404), <c>password.not_repeated</c> and what <see cref="CheckPassword"/> refuses (400), <c>hashing.queue_full</c> (503). A refusal leaves the link usable.</summary>
    public async Task<Outcome<Done>> Run(TokenHash token, PlainPassword next, PlainPassword again, Client client)
    {
        var (account, memberships, factors) = await db.Read<(Account?, List<Membership>, Factors)>(async tx =>
        {
            if (await Owner(tx, token, clock.GetUtcNow()) is not { } owner) return (null, [], Factors.None);
            return (owner, await WorkspaceTable.Of(tx, owner.Id), await TwoFactorTable.Of(tx, owner.Id));
        });
        if (account is null) return LinkRefusals.Over;
        var context = contexts.Of(account.Name, account.Email, memberships.Select(m => m.Workspace), factors.IsOn);
        var score = await check.Run(next, context, "newPassword");
        if (Refusal.Combine([score.Refusal, again.SameAs(next) ? null : new Refusal("password.not_repeated", 400, "newPasswordAgain")]) is { } wrong) return wrong;
        var hash = await hasher.Hash(next);
        if (!hash.Ok) return hash.Refusal;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            var now = clock.GetUtcNow();
            // Its row first, as everywhere that links are made: the address cannot change, nor a newer link be made, between this look and the commit.
            await AccountTable.Hold(tx, account.Id);
            if (await Owner(tx, token, now) is null || await LinkTable.Use(tx, token, LinkPurpose.ResetPassword, now) != account.Id) return LinkRefusals.Over;
            await PasswordTable.Overwrite(tx, new PasswordRow { AccountId = account.Id, Phc = hash.Value.Phc, PepperId = hash.Value.PepperId, Score = score.Value, ChangedAt = now, LeastLength = settings.LongestRuleMet(next.CodePoints) });
            var ended = await SessionTable.EndAll(tx, account.Id, null, EndReason.PasswordReset, null, now);
            await LinkTable.KillRecovery(tx, account.Id, now);
            await SecureTable.NotePassword(tx, account.Id, now);
            await DropTrust.Run(tx, account.Id, now);
            await throttle.Recovered(tx, MailAddressShape.Canonical(account.Email));
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasswordReset, account.Id, client) { Data = new Dictionary<string, string> { ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) } });
            await letters.Changed(tx, account, client, ended.Count, 0, now);
            return Done.It;
        });
    }

    /// <summary>Whose link it is, while it is open and they still have the address that it went to.</summary>
    private static async Task<Account?> Owner(ReadTx tx, TokenHash token, DateTimeOffset now) =>
        await LinkTable.Find(tx, token, LinkPurpose.ResetPassword) is { } link && link.IsOpen(now) && await AccountTable.ById(tx, link.AccountId) is { SuspendedAt: null } account && link.IsFor(MailAddressShape.Canonical(account.Email)) ? account : null;
}
