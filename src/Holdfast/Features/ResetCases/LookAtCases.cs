using Holdfast.Features.Accounts;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>A case with its texts, as lists show it.</summary>
public sealed record CaseRow(ResetCase Case, CaseRequest Request, CaseDecision? Decision);

/// <summary>All that an operator needs to decide. No password, no code, no network address.</summary>
/// <param name="Person">Null when the account is gone.</param>
/// <param name="Sessions">Live ones of the person.</param>
/// <param name="RequesterMay">Whoever asked still may ask for it, of this person.</param>
/// <param name="ClosedBy">Name of who closed it, where that was neither the server nor the person.</param>
public sealed record CaseView(ResetCase Case, CaseRequest Request, CaseDecision? Decision, Account? Person, Factors Factors, long Sessions, bool RequesterMay, string? ClosedBy)
{
    /// <summary>When a factor that is said to be lost was used after the request; null when none was.</summary>
    public DateTimeOffset? UsedSince => Case.IsOpen && Factors.All.Max(f => f.LastUsedAt) is { } used && used > Case.RequestedAt ? used : null;
}

/// <summary>Cases for operators, and for the workspace that asked.</summary>
public sealed class LookAtCases(Db db)
{
    /// <summary>Open cases on one page, oldest first: beyond that the page says so, and the API is not longer either.</summary>
    public const int MostOpen = 200;

    public const int PageSize = 20;

    public Task<IReadOnlyList<CaseRow>> Open() => db.Read(async tx => await Rows(tx, await ResetCaseTable.Open(tx, MostOpen)));

    public Task<long> CountToDecide() => db.Read(ResetCaseTable.CountToDecide);

    /// <param name="before">Cursor of the page before; what is none counts as none.</param>
    public async Task<(IReadOnlyList<CaseRow> Items, string? Next)> Closed(string? before, int limit = PageSize) => await db.Read(async tx =>
    {
        var rows = await ResetCaseTable.Closed(tx, Ids.IsWellFormed(before) ? before : null, limit + 1);
        return (await Rows(tx, [.. rows.Take(limit)]), rows.Count > limit ? rows[limit - 1].Id : null);
    });

    /// <summary>Refuses with <c>request.not_found</c> (404).</summary>
    public Task<Outcome<CaseView>> One(string id) => db.Read<Outcome<CaseView>>(async tx => Ids.IsWellFormed(id) && await ResetCaseTable.ById(tx, id) is { } found ? await View(tx, found) : CaseRefusals.NotFound);

    /// <summary>A member's open case, where this workspace asked for it; null otherwise.</summary>
    public Task<CaseView?> OfMember(WorkspaceActor actor, string accountId) => db.Read(async tx => await ResetCaseTable.OpenOf(tx, accountId) is { } open && open.WorkspaceId == actor.WorkspaceId ? await View(tx, open) : null);

    private static async Task<CaseView> View(ReadTx tx, ResetCase found)
    {
        var row = await Row(tx, found);
        var person = await AccountTable.ById(tx, found.AccountId);
        var requester = await MemberTable.Find(tx, found.WorkspaceId, found.RequestedBy);
        var closer = string.IsNullOrEmpty(found.ClosedBy) || found.ClosedBy == found.AccountId ? null : (await AccountTable.ById(tx, found.ClosedBy))?.Name;
        return new CaseView(found, row.Request, row.Decision, person, await TwoFactorTable.Of(tx, found.AccountId), (await SessionTable.Live(tx, found.AccountId, 1000)).Count,
            requester is { SuspendedAt: null } && requester.Rights.Allows(Permission.UsersRecover) && await AccountTable.ById(tx, found.RequestedBy) is { SuspendedAt: null }
                && await MemberTable.Find(tx, found.WorkspaceId, found.AccountId) is { } member && requester.Rights.WhyNotActOn(member.Rights) is null, closer);
    }

    private static async Task<IReadOnlyList<CaseRow>> Rows(ReadTx tx, List<ResetCase> cases)
    {
        var rows = new List<CaseRow>();
        foreach (var one in cases) rows.Add(await Row(tx, one));
        return rows;
    }

    private static async Task<CaseRow> Row(ReadTx tx, ResetCase found) => new(found, CaseRequest.Of(await CaseText.Read(tx, found, CaseRequest.Part)),
        found.DecisionSeal is null ? null : CaseDecision.Of(await CaseText.Read(tx, found, CaseDecision.Part)));
}
