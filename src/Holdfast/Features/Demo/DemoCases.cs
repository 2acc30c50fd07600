using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.ResetCases;
using Holdfast.Storage;

namespace Holdfast.Features.Demo;

/// <summary>Resets of two-factor in the example: one to decide, one that waits, and closed ones of every kind.</summary>
/// <param name="done">When, in the story, somebody's factors were reset, and how many sessions ended.</param>
internal sealed class DemoCases(string workspaceId, IReadOnlyDictionary<string, Account> people, (DateTimeOffset At, int SignedOut) done, DateTimeOffset now)
{
    private const string Call = "Called back on the number that we have had for years. Named the last two bookings and the first day at work.";

    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        await Lapsed(tx, now.AddDays(-31));
        var stopped = await Ask(tx, "Samir Haddad", "Tomás Figueira", now.AddDays(-22), "He wrote that his phone is gone.");
        await Close(tx, await Approve(tx, stopped, now.AddDays(-22).AddHours(3), Call), CaseState.Stopped, stopped.Case.AccountId, "", now.AddDays(-22).AddHours(5), StopWay.Link);
        var declined = await Ask(tx, "Jonas Weidner", "Tomás Figueira", now.AddDays(-12), "Says that he cannot sign in.");
        await Decline(tx, declined, now.AddDays(-12).AddHours(2));
        var finished = await Ask(tx, "Chloé Marchand", "Priya Raman", done.At.AddDays(-1).AddHours(-4), "Phone and codes were in a bag that was stolen. She came to the office.");
        var approved = await Approve(tx, finished, done.At.AddDays(-1), Call);
        await Close(tx, await Remind(tx, approved, done.At.AddHours(-12)), CaseState.Done, "", "", done.At, "", done.SignedOut);
        var withdrawn = await Ask(tx, "Leila Farahani", "Tomás Figueira", now.AddDays(-5), "Left the phone in a taxi.");
        await Close(tx, withdrawn, CaseState.Withdrawn, people["Tomás Figueira"].Id, "Tomás Figueira", now.AddDays(-5).AddHours(1), "");
        await Approve(tx, await Ask(tx, "Ingrid Solheim", "Jonas Weidner", now.AddHours(-26), "New phone, and the old one is broken. She used her last codes on the way."), now.AddHours(-5), Call);
        await Ask(tx, "Giulia Ferrante", "Priya Raman", now.AddHours(-19), "Phone lost on a train yesterday evening, recovery codes were on it. She called me, I know her voice, and she was at the office today.");
        return _moments;
    }

    private async Task Lapsed(WriteTx tx, DateTimeOffset at) =>
        await Close(tx, await Ask(tx, "Giulia Ferrante", "Tomás Figueira", at, "Not sure whether the app still works."), CaseState.Lapsed, "", "", at + ResetCase.UndecidedLifetime, "");

    private async Task<DemoCase> Ask(WriteTx tx, string person, string by, DateTimeOffset at, string reason)
    {
        var (about, asker) = (people[person], people[by]);
        var request = new CaseRequest(by, "admin", DemoPeople.Workspaces[0], person, about.Email, "phone codes", reason, "+44 20 7946 0147");
        var text = request.Sealed();
        var opened = new ResetCase
        {
            AccountId = about.Id, Id = Ids.New(at), Number = await ResetCaseTable.NextNumber(tx), WorkspaceId = workspaceId, State = CaseState.Requested, RequestedBy = asker.Id, RequestedAt = at, RequestSeal = text.Commitment, NextAt = at + ResetCase.UndecidedLifetime,
        };
        await ResetCaseTable.Insert(tx, opened);
        await ResetCaseTable.PutText(tx, opened, text);
        return Tell(new DemoCase(opened, request), AuditKind.ResetRequested, at, asker.Id, by);
    }

    private async Task<DemoCase> Approve(WriteTx tx, DemoCase asked, DateTimeOffset at, string evidence)
    {
        var decided = await Decide(tx, asked, at, IdentityCheck.Call, evidence);
        var approved = decided.Case with { State = CaseState.Waiting, WaitsUntil = at.AddDays(1), NextAt = ResetCase.FirstLook(at, TimeSpan.FromDays(1)) };
        await ResetCaseTable.Approve(tx, approved);
        return Tell(decided with { Case = approved }, AuditKind.ResetApproved, at, approved.DecidedBy!, DemoPeople.First.Name);
    }

    private async Task Decline(WriteTx tx, DemoCase asked, DateTimeOffset at) =>
        await Close(tx, await Decide(tx, asked, at, "", "The number on file rang, and he knew of nothing: he can sign in."), CaseState.Declined, people[DemoPeople.First.Name].Id, DemoPeople.First.Name, at, "");

    private async Task<DemoCase> Decide(WriteTx tx, DemoCase asked, DateTimeOffset at, string way, string evidence)
    {
        var text = new CaseDecision(DemoPeople.First.Name, way, evidence).Sealed();
        await ResetCaseTable.PutText(tx, asked.Case, text);
        return asked with { Case = asked.Case with { DecidedBy = people[DemoPeople.First.Name].Id, DecidedAt = at, DecisionSeal = text.Commitment } };
    }

    private async Task<DemoCase> Remind(WriteTx tx, DemoCase waiting, DateTimeOffset at)
    {
        await ResetCaseTable.Remind(tx, waiting.Case, waiting.Case.WaitsUntil!.Value, at);
        return Tell(waiting with { Case = waiting.Case with { RemindedAt = at } }, AuditKind.ResetReminded, at, "", "");
    }

    private async Task Close(WriteTx tx, DemoCase open, string state, string by, string name, DateTimeOffset at, string why, int? signedOut = null)
    {
        var from = open.Case.State;
        var closed = open.Case with { State = state, ClosedBy = by, ClosedAt = at, ClosedWhy = why, SignedOut = signedOut, NextAt = null };
        await ResetCaseTable.Close(tx, closed with { Fingerprint = closed.Fingerprinted() }, from);
        // The story of the person tells of the reset itself.
        if (state != CaseState.Done) Tell(open with { Case = closed }, $"reset_case.{state}", at, by, name);
    }

    private DemoCase Tell(DemoCase about, string kind, DateTimeOffset at, string by, string name)
    {
        _moments.Add(new DemoMoment(at, CaseEvent.Of(kind, about.Case, about.Request, new Closer(by, name, Web.Client.Server), []), Web.Client.Server));
        return about;
    }

    private sealed record DemoCase(ResetCase Case, CaseRequest Request);
}
