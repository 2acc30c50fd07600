using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Unusual;

/// <summary>A person's own list, and the ends that something unusual can have: "It was me", or an admin has looked at it.</summary>
public sealed class CloseUnusual(Db db, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Shown at most, open or not.</summary>
    public const int MostShown = 50;

    public Task<List<UnusualEvent>> Open(SignedIn me) => db.Read(tx => UnusualTable.Open(tx, me.Account.Id, MostShown));

    /// <summary>Of the last 90 days.</summary>
    public Task<List<UnusualEvent>> All(SignedIn me) => db.Read(tx => UnusualTable.Of(tx, me.Account.Id, clock.GetUtcNow().AddDays(-90), MostShown));

    /// <summary>
    /// "It was me". Needs a proof, or whoever sits in the session that it is about would say so. Refuses with <c>step_up.…</c> (403), <c>session.ended</c> (401) and <c>unusual.unknown</c> (404: not this person's, or closed already).
    /// </summary>
    public async Task<Outcome<Done>> WasMe(SignedIn me, string id, Client client)
    {
        if (RequireProof.Of(me, clock.GetUtcNow(), settings.Sessions, ProofStrength.SecondFactor) is { } proof) return proof;
        if (!Ids.IsWellFormed(id)) return UnusualRefusals.Unknown;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (await RequireProof.Again(tx, me, settings.Sessions) is { } refusal) return refusal;
            if (await UnusualTable.Find(tx, me.Account.Id, id) is not { } e) return UnusualRefusals.Unknown;
            // The sign-in that it is about proves nothing about itself.
            var proven = (me.Factors.IsOn ? me.Session.SecondProvenAt : me.Session.ProvenAt) ?? DateTimeOffset.UnixEpoch;
            if (e.SessionId == me.Session.Id && proven <= e.At) return RequireProof.Anew(me, settings.Sessions);
            if (!await UnusualTable.Close(tx, me.Account.Id, id, UnusualEnd.WasMe, now)) return UnusualRefusals.Unknown;
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.UnusualClosed, me.Account.Id, client) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["unusual"] = e.Kind, ["how"] = UnusualEnd.WasMe } });
            return Done.It;
        });
    }

    /// <param name="before">Cursor from the page before; anything that is no id counts as none.</param>
    public async Task<UnusualInWorkspace> InWorkspace(WorkspaceActor actor, string? before, int limit = MostShown)
    {
        var rows = await db.Read(tx => UnusualTable.InWorkspace(tx, actor.WorkspaceId, Ids.IsWellFormed(before) ? before : null, limit + 1));
        return new UnusualInWorkspace([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Id : null);
    }

    /// <summary>An admin has looked at it. The person's own list stays as it is. Refuses with <c>step_up.required</c> (403), <c>unusual.unknown</c> (404) and as <see cref="WorkspaceActor.Again"/>.</summary>
    public async Task<Outcome<Done>> Reviewed(WorkspaceActor actor, string accountId, string id, Client client)
    {
        // A stolen session of an admin must not clear the list of what it did.
        if (RequireProof.Of(actor.Me, clock.GetUtcNow(), settings.Sessions) is { } proof) return proof;
        if (!Ids.IsWellFormed(id) || !Ids.IsWellFormed(accountId)) return UnusualRefusals.Unknown;
        return await db.Write<Outcome<Done>>(async tx =>
        {
            var now = clock.GetUtcNow();
            var again = await actor.Again(tx, Permission.ReportingView);
            if (!again.Ok) return again.Refusal;
            if (await MemberTable.Find(tx, actor.WorkspaceId, accountId) is null || await UnusualTable.Find(tx, accountId, id) is not { } e || !await UnusualTable.Review(tx, actor.WorkspaceId, id, actor.Me.Account.Id, now)) return UnusualRefusals.Unknown;
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.UnusualReviewed, accountId, client)
            {
                ActorId = actor.Me.Account.Id, SessionId = actor.Me.Account.Id == accountId ? actor.Me.Session.Id : "", WorkspaceId = actor.WorkspaceId, Data = new Dictionary<string, string> { ["unusual"] = e.Kind },
                Personal = new Dictionary<string, string> { ["workspace"] = actor.Workspace, ["by"] = actor.Name },
            });
            return Done.It;
        });
    }
}

/// <param name="Next">Cursor of the page after; null on the last.</param>
public sealed record UnusualInWorkspace(IReadOnlyList<MemberUnusual> Items, string? Next);

public static class UnusualRefusals
{
    public static readonly Refusal Unknown = new("unusual.unknown", 404);
}
