using Holdfast.Features.EmailChange;
using Holdfast.Features.NotMe;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>All four have to be there; they may be absent only so that the refusal can say which.</summary>
/// <param name="Lost">Of <c>phone</c>, <c>codes</c>, <c>passkey</c>.</param>
/// <param name="Reason">At most 500 characters; the person and the operators read it.</param>
/// <param name="Reach">How an operator can reach the person.</param>
/// <param name="Known">You have talked to the person yourself.</param>
public sealed record ResetRequest(IReadOnlyList<string>? Lost = null, string? Reason = null, string? Reach = null, bool Known = false);

/// <param name="State"><c>requested</c>, <c>waiting</c>, <c>done</c>, <c>declined</c>, <c>stopped</c>, <c>withdrawn</c>, <c>lapsed</c> or <c>overtaken</c>.</param>
/// <param name="Number">How people speak of it, such as TF-0042.</param>
/// <param name="WaitsUntil">When it takes effect; absent before it is approved.</param>
public sealed record ResetCaseAnswer(string Id, string Number, string State, string Person, string RequestedBy, DateTimeOffset RequestedAt, string Reason, DateTimeOffset? WaitsUntil);

/// <summary>What the workspace that asks, and the person, may do about a case.</summary>
public static class ResetCasesApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var users = app.MapGroup("/api/v1/workspaces/{workspace}/users/{id}/two-factor-reset").WithTags("Two-factor resets");

        users.MapGet("", async (string workspace, string id, HttpContext context, LookAtCases look) =>
            await look.OfMember(context.InWorkspace(), id) is { } open ? Results.Ok(Answer(open.Case, open.Request)) : Api.Refuse(CaseRefusals.NoneOpen))
            .WithName("getUserTwoFactorReset").WithSummary("The open case that this workspace asked for").Needs(Permission.UsersRecover).Produces<ResetCaseAnswer>();

        users.MapPost("", async (string workspace, string id, ResetRequest body, HttpContext context, RequestReset request, LookAtCases look) =>
        {
            var outcome = await request.Run(context.InWorkspace(), id, new ResetForm(body.Lost ?? [], body.Reason ?? "", body.Reach ?? "", body.Known), Client.Of(context));
            return outcome.Ok && await look.OfMember(context.InWorkspace(), id) is { } open ? Results.Created(null as string, Answer(open.Case, open.Request)) : Api.Refuse(outcome.Refusal ?? CaseRefusals.NoneOpen);
        }).WithName("requestTwoFactorReset").WithSummary("Ask for the reset of a member's two-factor; the person is told at once and may stop it, an operator decides")
            .Needs(Permission.UsersRecover).Produces<ResetCaseAnswer>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(429);

        users.MapDelete("", async (string workspace, string id, HttpContext context, RequestReset request) =>
        {
            var outcome = await request.Withdraw(context.InWorkspace(), id, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("withdrawTwoFactorReset").WithSummary("Take the request back; the case is closed for good").Needs(Permission.UsersRecover).Produces(204).ProducesProblem(409);

        app.MapGet("/api/v1/account/reset-case", async (HttpContext context, StopReset stop) => await stop.Mine(context.Me()) is { } open ? Results.Ok(Answer(open.Case, open.Request)) : Api.Refuse(CaseRefusals.NoneOpen))
            .WithName("getResetCase").WithSummary("The open case about your own two-factor").WithTags("Two-factor resets").Produces<ResetCaseAnswer>().ProducesProblem(404);

        app.MapPost("/api/v1/account/reset-case/stop", async (HttpContext context, StopReset stop) => Answer(await stop.ByPerson(context.Me(), Client.Of(context))))
            .WithName("stopResetCase").WithSummary("Stop the case about your own two-factor; it is closed for good").WithTags("Two-factor resets").Produces(204).ProducesProblem(404);

        app.MapPost("/api/v1/reset-cases/stop", async (MailedTokenRequest body, HttpContext context, StopReset stop) => Answer(SecretToken.TryHash(body.Token, out var link) ? await stop.ByLink(link, Client.Of(context)) : LinkRefusals.Over))
            .WithName("stopResetCaseByLink").WithSummary("Stop a case with what the link in a letter carries").WithTags("Two-factor resets").WithMetadata(new OpenToAllAttribute()).Produces(204).ProducesProblem(404);
    }

    private static IResult Answer(Outcome<OpenReset> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static ResetCaseAnswer Answer(ResetCase c, CaseRequest request) => new(c.Id, c.Label, c.State, request.Person, request.By, c.RequestedAt, request.Reason, c.WaitsUntil);
}
