using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Recovery;

/// <summary>A mailed link chooses a new password: all sessions end, other links die, a notice is mailed, nobody is signed in by it, and a second factor stays (ASVS 6.4.3).</summary>
public sealed class ResetPassword(Db db, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, PasswordLetters letters, Throttle throttle, PasswordSettings settings, TimeProvider clock)
{
    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>How many characters the new password has to have at least; null when the link is not open.</summary>
    public Task<int?> Look(TokenHash token) => db.Read<int?>(async tx =>
        await LinkTable.Find(tx, token, LinkPurpose.ResetPassword) is { } link && link.IsOpen(clock.GetUtcNow()) ? settings.ShortestFor((await TwoFactorTable.Of(tx, link.AccountId)).IsOn) : null);

    /// <summary>Refuses with <c>link.over</c> (404), <c>password.not_repeated</c> and what <see cref="CheckPassword"/> refuses (400), <c>hashing.queue_full</c> (503). A refusal leaves the link usable.</summary>
    public async Task<Outcome<Done>> Run(TokenHash token, PlainPassword next, PlainPassword again, Client client)
    {
        var (account, memberships, factors) = await db.Read<(Account?, List<Membership>, Factors)>(async tx =>
        {
            var link = await LinkTable.Find(tx, token, LinkPurpose.ResetPassword);
            if (link is null || !link.IsOpen(clock.GetUtcNow())) return (null, [], Factors.None);
            return (await AccountTable.ById(tx, link.AccountId), await WorkspaceTable.Of(tx, link.AccountId), await TwoFactorTable.Of(tx, link.AccountId));
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
            if (await LinkTable.Use(tx, token, LinkPurpose.ResetPassword, now) != account.Id) return LinkRefusals.Over;
            await PasswordTable.Overwrite(tx, new PasswordRow { AccountId = account.Id, Phc = hash.Value.Phc, PepperId = hash.Value.PepperId, Score = score.Value, ChangedAt = now, LeastLength = settings.LongestRuleMet(next.CodePoints) });
            var ended = await SessionTable.EndAll(tx, account.Id, null, EndReason.PasswordReset, null, now);
            await LinkTable.KillRecovery(tx, account.Id, now);
            await EmailChangeTable.DropWaiting(tx, account.Id, now);
            await DropTrust.Run(tx, account.Id, now);
            await throttle.Recovered(tx, MailAddressShape.Canonical(account.Email));
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasswordReset, account.Id, client) { Data = new Dictionary<string, string> { ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) } });
            await letters.Changed(tx, account, client, ended.Count, 0, now);
            return Done.It;
        });
    }
}
