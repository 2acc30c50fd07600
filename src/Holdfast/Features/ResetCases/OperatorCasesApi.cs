using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <param name="Next">Cursor of the page of closed cases after; absent on the last.</param>
public sealed record CaseListAnswer(IReadOnlyList<CaseListed> Open, IReadOnlyList<CaseListed> Closed, string? Next);

public sealed record CaseListed(string Id, string Number, string State, string Person, string Workspace, string RequestedBy, DateTimeOffset RequestedAt, DateTimeOffset? WaitsUntil, DateTimeOffset? ClosedAt);

/// <summary>The record of a case. Absent is what has not happened.</summary>
/// <param name="Lost">Of <c>phone</c>, <c>codes</c>, <c>passkey</c>.</param>
/// <param name="Way"><c>call</c>, <c>video</c> or <c>admin</c>.</param>
/// <param name="RequestSeal">Hexadecimal SHA-256 over a salt and the request's text.</param>
/// <param name="ClosedWhy">How it was stopped: <c>link</c>, <c>signed_in</c>, <c>not_me</c> or <c>operator</c>.</param>
/// <param name="Fingerprint">Hexadecimal SHA-256 over the closed record; it stands in the audit log as well.</param>
/// <param name="UsedSince">When a factor was used after the request.</param>
public sealed record CaseAnswer(
    string Id, string Number, string State, string AccountId, string Person, string Email, string WorkspaceId, string Workspace, string RequestedById, string RequestedBy, string Role, DateTimeOffset RequestedAt, IReadOnlyList<string> Lost, string Reason, string Reach,
    string? DecidedById, string? DecidedBy, DateTimeOffset? DecidedAt, string? Way, string? Evidence, DateTimeOffset? WaitsUntil, DateTimeOffset? RemindedAt, string? ClosedById, DateTimeOffset? ClosedAt, string? ClosedWhy, long? SignedOut, string RequestSeal, string? DecisionSeal, string? Fingerprint, DateTimeOffset? UsedSince);

/// <param name="Way"><c>call</c>, <c>video</c> or <c>admin</c>; may be absent to decline.</param>
/// <param name="Evidence">What was asked and answered; at most 1,000 characters. It is sealed with the case.</param>
/// <param name="NoStake">You did not ask for it, and have no stake in it. Needed to approve.</param>
public sealed record DecisionRequest(string? Way = null, string? Evidence = null, bool NoStake = false);

/// <summary>What operators do with cases. For everybody else there is nothing here.</summary>
public static class OperatorCasesApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/operator/cases").WithTags("Operators");

        group.MapGet("", async (LookAtCases look, string? before = null, int limit = LookAtCases.PageSize) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var (closed, next) = await look.Closed(before, limit);
            return Results.Ok(new CaseListAnswer([.. (await look.Open()).Select(Listed)], [.. closed.Select(Listed)], next));
        }).WithName("listCases").WithSummary("Two-factor resets: open ones, oldest first, and closed ones, newest first; `before` takes the cursor `next`").Produces<CaseListAnswer>().ProducesProblem(400).ProducesProblem(404);

        group.MapGet("/{id}", async (string id, LookAtCases look) =>
        {
            var outcome = await look.One(id);
            return outcome.Ok ? Results.Ok(Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("getCase").WithSummary("The record of one case").Produces<CaseAnswer>().ProducesProblem(404);

        group.MapPost("/{id}/approve", async (string id, DecisionRequest body, HttpContext context, DecideReset decide) => Answer(await decide.Approve(context.Me(), id, Form(body), Client.Of(context))))
            .WithName("approveCase").WithSummary("Say how the identity was made sure of, and start the waiting time").Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/decline", async (string id, DecisionRequest body, HttpContext context, DecideReset decide) => Answer(await decide.Decline(context.Me(), id, Form(body), Client.Of(context))))
            .WithName("declineCase").WithSummary("Close the case without a reset").Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/stop", async (string id, HttpContext context, StopReset stop) => Answer(await stop.ByOperator(context.Me(), id, Client.Of(context))))
            .WithName("stopCase").WithSummary("Stop a case that waits; it is closed for good").Produces(204).ProducesProblem(404).ProducesProblem(409);
    }

    private static DecisionForm Form(DecisionRequest body) => new(body.Way ?? "", body.Evidence ?? "", body.NoStake);

    private static IResult Answer(Outcome<ResetCase> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static CaseListed Listed(CaseRow row) => new(row.Case.Id, row.Case.Label, row.Case.State, row.Request.Person, row.Request.Workspace, row.Request.By, row.Case.RequestedAt, row.Case.WaitsUntil, row.Case.ClosedAt);

    private static CaseAnswer Answer(CaseView view)
    {
        var (c, request, decision) = (view.Case, view.Request, view.Decision);
        static string? Hex(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(bytes);
        static string? Filled(string? text) => string.IsNullOrEmpty(text) ? null : text;
        return new CaseAnswer(c.Id, c.Label, c.State, c.AccountId, request.Person, request.Email, c.WorkspaceId, request.Workspace, c.RequestedBy, request.By, request.Role, c.RequestedAt, request.LostThings, request.Reason, request.Reach,
            c.DecidedBy, decision?.By, c.DecidedAt, Filled(decision?.Way), decision?.Evidence, c.WaitsUntil, c.RemindedAt, Filled(c.ClosedBy), c.ClosedAt, Filled(c.ClosedWhy), c.SignedOut, Hex(c.RequestSeal)!, Hex(c.DecisionSeal), Hex(c.Fingerprint), view.UsedSince);
    }
}
