using System.Globalization;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Links;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>Who closes a case, and from where.</summary>
/// <param name="ActorId">Empty for the server.</param>
/// <param name="Name">For the log; empty for the server and the person themselves.</param>
public sealed record Closer(string ActorId, string Name, Client Client, string SessionId = "")
{
    public static readonly Closer Server = new("", "", Client.Server);
}

/// <summary>Everything that happens when a case is closed, whoever does it: the record is sealed, links to stop it die, the log has it, and everybody concerned gets a letter. In the caller's transaction.</summary>
public sealed class CloseCase(ResetCaseLetters letters)
{
    /// <param name="open">As it was just read, with the person's factors held; a decision that comes with closing is in it already.</param>
    /// <param name="from">Its state in the database.</param>
    /// <param name="state">One of <see cref="CaseState.Closed"/>.</param>
    /// <param name="why">In what way; empty where the state says it.</param>
    /// <returns>Null when somebody else closed or decided it meanwhile.</returns>
    public async Task<ResetCase?> In(WriteTx tx, ResetCase open, string from, string state, Closer by, DateTimeOffset now, string why = "", int? signedOut = null)
    {
        var closed = open with { State = state, ClosedBy = by.ActorId, ClosedAt = now, ClosedWhy = why, SignedOut = signedOut, NextAt = null };
        closed = closed with { Fingerprint = closed.Fingerprinted() };
        if (!await ResetCaseTable.Close(tx, closed, from)) return null;
        await LinkTable.Kill(tx, closed.AccountId, LinkPurpose.StopReset, now);
        var request = CaseRequest.Of(await CaseText.Read(tx, closed, CaseRequest.Part));
        await AuditLog.Record(tx, now, CaseEvent.Of(KindOf(state), closed, request, by, new()
        {
            ["fingerprint"] = Convert.ToHexStringLower(closed.Fingerprint!), ["why"] = why, ["signedOut"] = signedOut?.ToString(CultureInfo.InvariantCulture) ?? "",
        }));
        await letters.Closed(tx, await AccountTable.ById(tx, closed.AccountId), closed, request, now);
        tx.Announce(new Announcement("account", closed.AccountId));
        return closed;
    }

    private static string KindOf(string state) => state switch
    {
        CaseState.Done => AuditKind.TwoFactorReset,
        CaseState.Declined => AuditKind.ResetDeclined,
        CaseState.Stopped => AuditKind.ResetStopped,
        CaseState.Withdrawn => AuditKind.ResetWithdrawn,
        _ => AuditKind.ResetLapsed,
    };
}

/// <summary>Entries of the log about a case: about the person, and of the workspace that asked.</summary>
internal static class CaseEvent
{
    /// <param name="facts">Empty ones are left out.</param>
    public static AuditEvent Of(string kind, ResetCase about, CaseRequest request, Closer by, Dictionary<string, string> facts)
    {
        var data = facts.Where(fact => fact.Value.Length > 0).ToDictionary(StringComparer.Ordinal);
        (data["case"], data["by"]) = (about.Label, "case");
        return new AuditEvent(kind, about.AccountId, by.Client)
        {
            ActorId = by.ActorId, SessionId = by.SessionId, WorkspaceId = about.WorkspaceId, Data = data,
            Personal = new Dictionary<string, string>(StringComparer.Ordinal) { ["workspace"] = request.Workspace, ["by"] = by.Name.Length > 0 ? by.Name : request.By },
        };
    }
}
