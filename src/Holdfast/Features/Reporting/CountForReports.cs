using Holdfast.Features.Audit;
using Holdfast.Storage;

namespace Holdfast.Features.Reporting;

/// <summary>
/// Counts an event of the log in each workspace that the person is a member of at this moment, suspended there or not: called by the log itself, in the transaction of the event, so that figures and log cannot differ. It only adds rows:
/// two sign-ins at once never wait for each other over a figure. <see cref="FoldReports"/> adds them up.
/// </summary>
public static class CountForReports
{
    /// <param name="entryId">Of the entry in the log.</param>
    public static async Task Run(WriteTx tx, string entryId, DateTimeOffset now, AuditEvent what)
    {
        // Whoever it is about: a wrong address is in no workspace, and costs the same statements as one that has an account (ASVS 6.3.8).
        var counted = CountedEvents.Of(what.Kind, what.Data);
        foreach (var one in counted) await ReportTable.Insert(tx, what.AccountId, what.WorkspaceId, entryId, one, CountedEvents.HourOf(now));
        if (counted.Any(CountedEvents.IsArrival)) await ReportTable.InsertArrival(tx, what.AccountId, entryId);
    }
}
