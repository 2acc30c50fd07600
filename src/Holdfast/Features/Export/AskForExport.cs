using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Sessions;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Export;

/// <summary>A person wants their data: it is prepared in the background, and a letter says when it is there. Asking for it opens nothing, so it needs no proof; fetching it does.</summary>
public sealed class AskForExport(Db db, TimeProvider clock)
{
    /// <summary>Refuses with <c>export.being_made</c> (409), <c>export.too_often</c> (429), <c>session.ended</c> (401). One that waits to be fetched is replaced.</summary>
    public Task<Outcome<DataExport>> Run(SignedIn me, Client client) => db.Write<Outcome<DataExport>>(async tx =>
    {
        var now = clock.GetUtcNow();
        await AccountTable.Hold(tx, me.Account.Id);
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (await ExportTable.Latest(tx, me.Account.Id) is { IsBeingMade: true }) return ExportRefusals.BeingMade;
        if (DataExport.WhyNotNow(await ExportTable.AskedSince(tx, me.Account.Id, now - DataExport.PaceWindow), now) is { } tooOften) return tooOften;
        await ExportTable.Drop(tx, me.Account.Id, now);
        var asked = new DataExport { AccountId = me.Account.Id, Id = Ids.New(now), AskedAt = now };
        await ExportTable.Insert(tx, asked.AccountId, asked.Id, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ExportAsked, me.Account.Id, client) { SessionId = me.Session.Id });
        return asked;
    });

    /// <summary>Stops preparing it, or erases the one that is ready. Refuses with <c>export.none</c> (404), <c>session.ended</c> (401).</summary>
    public Task<Outcome<Done>> Stop(SignedIn me, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (!await SessionTable.IsStill(tx, me.Session)) return SessionRefusals.Ended;
        if (!await ExportTable.Drop(tx, me.Account.Id, now)) return ExportRefusals.None;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.ExportStopped, me.Account.Id, client) { SessionId = me.Session.Id });
        return Done.It;
    });
}

/// <summary>How a person's export stands.</summary>
public sealed class LookAtExport(Db db)
{
    /// <summary>The newest; null when none was ever asked for.</summary>
    public Task<DataExport?> Latest(SignedIn me) => db.Read(tx => ExportTable.Latest(tx, me.Account.Id));
}
