using Holdfast.Configuration;
using Holdfast.Hosting;
using Holdfast.Storage;

namespace Holdfast.Features.Sessions;

/// <param name="Live">This one first, then by last use.</param>
/// <param name="Ended">In the last 30 days, newest first.</param>
public sealed record SessionList(IReadOnlyList<Session> Live, IReadOnlyList<Session> Ended);

/// <summary>A person's sessions, without any secret.</summary>
public sealed class ListSessions(Db db, LastActive lastActive, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>More than these are not listed; they can still all be ended.</summary>
    public const int Most = 1000;

    public async Task<SessionList> Run(SignedIn me, bool withEnded)
    {
        var now = clock.GetUtcNow();
        var (rows, ended) = await db.Read<(List<Session>, List<Session>)>(async tx => (
            await SessionTable.Live(tx, me.Account.Id, Most),
            withEnded ? await SessionTable.Ended(tx, me.Account.Id, now - Background.Kept, Most) : []));
        var live = rows.Select(Fresh).Where(s => s.WhyOver(now, settings.Sessions) is null)
            .OrderByDescending(s => s.Id == me.Session.Id).ThenByDescending(s => s.LastActiveAt).ThenByDescending(s => s.Id, StringComparer.Ordinal).ToList();
        // Ran out, but not yet tidied away: over all the same.
        var expired = withEnded ? rows.Select(Fresh).Where(s => s.WhyOver(now, settings.Sessions) is not null).Select(s => s with { EndReason = s.WhyOver(now, settings.Sessions), EndedAt = EndOf(s) }) : [];
        return new SessionList(live, [.. expired.Concat(ended).OrderByDescending(s => s.EndedAt)]);
    }

    /// <summary>One of the person's own, live or ended. Null for anybody else's.</summary>
    public async Task<Session?> One(SignedIn me, string id) =>
        Ids.IsWellFormed(id) && await db.Read(tx => SessionTable.ById(tx, me.Account.Id, id)) is { } session ? Fresh(session) : null;

    private Session Fresh(Session session) => lastActive.Of(session.TokenHash) is { } seen && seen > session.LastActiveAt ? session with { LastActiveAt = seen } : session;

    private DateTimeOffset EndOf(Session session)
    {
        var idle = session.LastActiveAt + session.IdleLifetime(settings.Sessions);
        var latest = session.LatestEnd(settings.Sessions);
        return idle < latest ? idle : latest;
    }
}
