using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>
/// A person ends sessions of their own: this one, another, all others, or all. Effective on the next request everywhere: the cached copies
/// go in the same breath as the commit. A failure to write reaches the caller.
/// </summary>
public sealed class EndSessions(Db db, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Signs out here. Needs no proof: leaving is always allowed.</summary>
    public Task SignOut(SignedIn me, Client client) => db.Write(async tx =>
    {
        var now = clock.GetUtcNow();
        if ((await SessionTable.End(tx, me.Account.Id, me.Session.Id, EndReason.SignedOut, me.Session.Id, now)).Count == 0) return Done.It;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignedOut, me.Account.Id, client) { SessionId = me.Session.Id });
        return Done.It;
    });

    /// <summary>Ends one session. Refuses with <c>session.not_found</c> (not this person's, or over already) and <c>step_up.required</c>.</summary>
    public async Task<Outcome<Session>> One(SignedIn me, string sessionId, Client client)
    {
        if (ProofMissing(me) is { } refusal) return refusal;
        if (!Ids.IsWellFormed(sessionId)) return SessionRefusals.NotFound;
        return await db.Write<Outcome<Session>>(async tx =>
        {
            if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
            var now = clock.GetUtcNow();
            if (await SessionTable.End(tx, me.Account.Id, sessionId, EndReason.EndedByYou, me.Session.Id, now) is not [var ended]) return SessionRefusals.NotFound;
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SessionEnded, me.Account.Id, client)
            {
                SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["ended"] = ended.Id }, Personal = new Dictionary<string, string> { ["endedBrowser"] = ended.UserAgent, ["endedHints"] = ended.Hints },
            });
            return ended;
        });
    }

    /// <summary>Ends several at once. The session that asks stays, and what is not this person's, or over already, is passed by. Refuses with <c>step_up.required</c>.</summary>
    /// <returns>How many were ended.</returns>
    public async Task<Outcome<int>> Those(SignedIn me, IReadOnlyCollection<string> sessionIds, Client client)
    {
        if (ProofMissing(me) is { } refusal) return refusal;
        return await db.Write<Outcome<int>>(async tx =>
        {
            if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
            var now = clock.GetUtcNow();
            var ended = 0;
            foreach (var id in sessionIds.Where(id => id != me.Session.Id && Ids.IsWellFormed(id)).Distinct(StringComparer.Ordinal))
            {
                ended += (await SessionTable.End(tx, me.Account.Id, id, EndReason.EndedByYou, me.Session.Id, now)).Count;
            }
            if (ended > 0) await Record(tx, me, AuditKind.SomeSessionsEnded, ended, client, now);
            return ended;
        });
    }

    /// <summary>Ends every other session. Refuses with <c>step_up.required</c>.</summary>
    /// <returns>How many were ended.</returns>
    public Task<Outcome<int>> Others(SignedIn me, Client client) => Many(me, me.Session.Id, AuditKind.OtherSessionsEnded, client);

    /// <summary>The same, with more in its transaction.</summary>
    /// <param name="then">Gets how many were ended, and the moment.</param>
    internal Task<Outcome<int>> Others(SignedIn me, Client client, Func<WriteTx, int, DateTimeOffset, Task> then) => Many(me, me.Session.Id, AuditKind.OtherSessionsEnded, client, then);

    /// <summary>Ends every session, this one included. Refuses with <c>step_up.required</c>.</summary>
    public Task<Outcome<int>> All(SignedIn me, Client client) => Many(me, null, AuditKind.AllSessionsEnded, client);

    private async Task<Outcome<int>> Many(SignedIn me, string? except, string kind, Client client, Func<WriteTx, int, DateTimeOffset, Task>? then = null)
    {
        if (ProofMissing(me) is { } refusal) return refusal;
        return await db.Write<Outcome<int>>(async tx =>
        {
            // A request that was let in while it lived does nothing after: it would sign out whoever ended it.
            if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
            var now = clock.GetUtcNow();
            var ended = await SessionTable.EndAll(tx, me.Account.Id, except, EndReason.EndedByYou, me.Session.Id, now);
            // Who signs out a lost laptop does not want it to go past the second step either.
            await TrustedBrowserTable.ForgetAll(tx, me.Account.Id);
            await Record(tx, me, kind, ended.Count, client, now);
            if (then is not null) await then(tx, ended.Count, now);
            return ended.Count;
        });
    }

    private static Task Record(WriteTx tx, SignedIn me, string kind, int ended, Client client, DateTimeOffset now) =>
        AuditLog.Record(tx, now, new AuditEvent(kind, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["count"] = ended.ToString(CultureInfo.InvariantCulture) } });

    private Refusal? ProofMissing(SignedIn me) => settings.Sessions.StepUpToEnd ? RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions) : null;
}

public static class SessionRefusals
{
    public static readonly Refusal NotFound = new("session.not_found", 404);
    public static readonly Refusal Ended = new("session.ended", 401);
}
