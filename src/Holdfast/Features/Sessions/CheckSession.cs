using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <summary>What the session check found: a live session, one that is over (with the reason), or nothing.</summary>
public readonly record struct CheckedSession(SignedIn? SignedIn, Session? Over, string? WhyOver);

/// <summary>On each request: cookie → hash → session, refused at once if it has ended (ASVS 7.2.1, 7.4.1).</summary>
public sealed class CheckSession(Db db, SessionCache cache, LastActive lastActive, Announcements announcements, TimeProvider clock, HoldfastSettings settings)
{
    /// <param name="isUse">False for what a page asks by itself: it must not keep alive a session that nobody uses (ASVS 7.3.1).</param>
    public ValueTask<CheckedSession> Run(ReadOnlySpan<char> token, bool isUse) => SecretToken.TryHash(token, out var hash) ? Run(hash, isUse) : default;

    public ValueTask<CheckedSession> Run(TokenHash hash, bool isUse)
    {
        var now = clock.GetUtcNow();
        if (announcements.IsTrustworthy && cache.Find(hash) is { } known && known.IsLive(now, settings.Sessions))
        {
            if (isUse && known.Touch(now)) lastActive.Note(hash, now);
            return new(new CheckedSession(known, null, null));
        }
        return Load(hash, isUse, now);
    }

    private async ValueTask<CheckedSession> Load(TokenHash hash, bool isUse, DateTimeOffset now)
    {
        var epoch = cache.Epoch;
        var (session, account, memberships, factors) = await db.Read<(Session?, Account?, List<Membership>, Factors)>(async tx =>
        {
            var row = await SessionTable.ByToken(tx, hash);
            if (row is null || row.EndedAt is not null) return (row, null, [], Factors.None);
            return (row, await AccountTable.ById(tx, row.AccountId), await WorkspaceTable.Of(tx, row.AccountId), await TwoFactorTable.Of(tx, row.AccountId));
        });
        if (session is null) return default;
        // The database may be behind by one batch; this node's own memory of the last use counts as well.
        if (lastActive.Of(hash) is { } seen && seen > session.LastActiveAt) session = session with { LastActiveAt = seen };
        if (session.WhyOver(now, settings.Sessions) is { } why) return new CheckedSession(null, session, why);
        if (account is null || account.SuspendedAt is not null || account.ErasingAt is not null) return default;
        // A rule, a role or a suspension that changes drops the cached copy: what is put below is what holds until then.
        var rule = TwoFactorRule.Of(factors, memberships, account.IsOperator, settings.TwoFactor, now);
        // From the first meeting on the days of grace are counted, whatever the settings become.
        if (rule.EnrolBy is not null && factors.Standing.RequiredSince is null) await db.Write(async tx => { await TwoFactorTable.Meet(tx, account.Id, now); return Web.Done.It; });
        var signedIn = new SignedIn(session, account, memberships, factors, rule, session.LatestEnd(settings.Sessions));
        if (isUse && signedIn.Touch(now)) lastActive.Note(hash, now);
        cache.Put(signedIn, epoch);
        return new CheckedSession(signedIn, null, null);
    }
}
