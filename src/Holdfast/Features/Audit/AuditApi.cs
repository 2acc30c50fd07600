using Holdfast.Configuration;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Audit;

/// <summary>The security log as a file: a workspace's for its admins, the rest for operators.</summary>
public static class AuditApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/workspaces/{workspace}/audit-log", async (string workspace, HttpContext context, ExportAudit export, Db db, TimeProvider clock, long after = 0) =>
        {
            var actor = context.InWorkspace();
            var end = await export.End(actor.WorkspaceId);
            if (Refuse(after, end) is { } refusal) return Api.Refuse(refusal);
            // A program fetches what is new every few minutes: its key says when it was last used.
            if (actor.Key is null) await db.Write(tx => Tell(tx, WorkspaceEvent.Of(AuditKind.LogExported, actor, actor.Me.Account.Id, Client.Of(context)), clock));
            return File(context, export, end ?? new ChainHead { Chain = actor.WorkspaceId }, after, whole: false, $"{actor.Slug}-audit-log.ndjson");
        }).WithName("exportWorkspaceAuditLog").WithSummary("The workspace's security log, chained by hash, one JSON object a line; `after` begins behind that number. Without network addresses and browsers")
            .Needs(Permission.ReportingView).ForKeys(ApiScope.AuditRead).WithTags("Audit").Produces<string>(200, ExportAudit.MediaType).ProducesProblem(400);

        app.MapGet("/api/v1/operator/audit-log", async (HttpContext context, ExportAudit export, Db db, TimeProvider clock, SessionSettings sessions, string? workspace = null, long after = 0) =>
        {
            var me = context.Me();
            // Whole: with addresses, browsers and names of everybody.
            if (RequireProof.Of(me, clock.GetUtcNow(), sessions, ProofStrength.SecondFactor) is { } missing) return Api.Refuse(missing);
            if (workspace is not null && !Ids.IsWellFormed(workspace)) return Api.Refuse(new Refusal("request.not_found", 404));
            var end = await export.End(workspace ?? "");
            if (end is null && workspace is not null) return Api.Refuse(new Refusal("request.not_found", 404));
            if (Refuse(after, end) is { } refusal) return Api.Refuse(refusal);
            await db.Write(tx => Tell(tx, new AuditEvent(AuditKind.LogExported, me.Account.Id, Client.Of(context)) { SessionId = me.Session.Id, Data = new Dictionary<string, string> { ["chain"] = workspace ?? "" } }, clock));
            return File(context, export, end ?? new ChainHead { Chain = "" }, after, whole: true, "audit-log.ndjson");
        }).WithName("exportAuditLog").WithSummary("The security log of what belongs to no workspace, or with `workspace` (an id) of one, with what is personal; needs a proof of at most ten minutes")
            .WithTags("Operators").Produces<string>(200, ExportAudit.MediaType).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
    }

    private static Refusal? Refuse(long after, ChainHead? end) => after >= 0 && after <= (end?.Number ?? 0) ? null : new Refusal("request.range", 400, "after", Args: [0, end?.Number ?? 0]);

    private static async Task<Done> Tell(WriteTx tx, AuditEvent what, TimeProvider clock)
    {
        await AuditLog.Record(tx, clock.GetUtcNow(), what);
        return Done.It;
    }

    /// <summary>Ends when whoever asked has gone: writes to a closed line do not fail.</summary>
    private static IResult File(HttpContext context, ExportAudit export, ChainHead end, long after, bool whole, string name) =>
        Results.Stream(to => export.Run(to, end, after, whole, context.RequestAborted), ExportAudit.MediaType, name);
}
