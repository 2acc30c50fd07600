using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <param name="Meta">A second line; empty for none.</param>
public sealed record CaseStep(string Icon, string Tone, string What, string Meta, DateTimeOffset At);

/// <summary>What happened in a case, newest first, out of its own record.</summary>
/// <param name="Moments">In the zone of the page.</param>
public sealed record CaseTimeline(CaseView View, Text T, Moments Moments)
{
    public IEnumerable<CaseStep> Steps
    {
        get
        {
            var (c, request, decision) = (View.Case, View.Request, View.Decision);
            var steps = new List<CaseStep>
            {
                new("lifering", "accent", T["reset_case.step.requested", request.By], T["reset_case.step.requested.meta", CaseWords.Role(request.Role, T), request.Workspace], c.RequestedAt),
                new("mail", "", T["reset_case.step.letter", request.Person], "", c.RequestedAt),
            };
            if (c.DecidedAt is { } decided && c.State != CaseState.Declined)
            {
                steps.Add(new("check", "ok", T["reset_case.step.approved", decision!.By], decision.Way.Length > 0 ? T[$"reset_case.way.{decision.Way}"] : "", decided));
                steps.Add(new("clock", "", T["reset_case.step.wait"], c.WaitsUntil is { } until ? T["reset_case.step.wait.meta", Moments.Full(until)] : "", decided));
                steps.Add(new("mail", "", T["reset_case.step.letter", request.Person], "", decided));
            }
            if (c.RemindedAt is { } reminded) steps.Add(new("mail", "", T["reset_case.step.reminded", request.Person], "", reminded));
            if (c.ClosedAt is { } closed) steps.Add(Closing(c, closed));
            steps.Reverse();
            return steps;
        }
    }

    private CaseStep Closing(ResetCase c, DateTimeOffset at) => c.State switch
    {
        CaseState.Done => new("check", "ok", T["reset_case.step.done"], T.Count("reset_case.step.done.meta", c.SignedOut ?? 0), at),
        CaseState.Declined => new("ban", "", T["reset_case.step.declined", View.Decision?.By], "", at),
        CaseState.Stopped when c.ClosedWhy == StopWay.Suspended => new("ban", "danger", T["reset_case.step.suspended"], "", at),
        CaseState.Stopped when c.ClosedWhy == StopWay.Operator => new("ban", "danger", T["reset_case.step.stopped_by", View.ClosedBy ?? "…"], "", at),
        CaseState.Stopped => new("ban", "danger", T["reset_case.step.stopped", View.Request.Person], T[$"reset_case.stop_way.{c.ClosedWhy}"], at),
        CaseState.Withdrawn => new("x", "", T["reset_case.step.withdrawn", View.ClosedBy ?? View.Request.By], "", at),
        CaseState.Lapsed => new("clock", "", T["reset_case.step.lapsed"], "", at),
        _ => new("x", "", T["reset_case.step.overtaken"], "", at),
    };
}
