using System.Text.Json;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <param name="Next">Cursor of the page of done ones after; absent on the last.</param>
public sealed record ErasureListAnswer(IReadOnlyList<ErasureListed> Open, IReadOnlyList<ErasureListed> Done, string? Next);

/// <param name="Standing"><c>grace</c>, <c>running</c>, <c>stuck</c>, <c>done</c> or <c>kept</c>.</param>
public sealed record ErasureListed(string Id, string Case, string Standing, DateTimeOffset AskedAt, DateTimeOffset DueAt, DateTimeOffset? BegunAt, DateTimeOffset? EndedAt);

/// <param name="Email">Absent once it is erased.</param>
public sealed record ErasureAnswer(string Id, string Case, string Standing, string AccountId, string? Email, DateTimeOffset AskedAt, DateTimeOffset DueAt, DateTimeOffset? BegunAt, string? BegunBy, DateTimeOffset? EndedAt, IReadOnlyList<ErasureStepAnswer> Steps, Receipt? Receipt);

/// <param name="Position">Names the step in calls.</param>
/// <param name="Phase"><c>hold</c>, <c>release</c> or <c>erase</c>.</param>
/// <param name="State"><c>waiting</c>, <c>acknowledged</c>, <c>closed_by_hand</c> or <c>overtaken</c>.</param>
/// <param name="Key">The same at every try.</param>
/// <param name="NextTryAt">Absent when it waits for an operator, or is over.</param>
/// <param name="LastAnswer">Of the last try that failed.</param>
public sealed record ErasureStepAnswer(int Position, string Phase, string System, string Name, string State, string Key, int Tries, DateTimeOffset? LastTryAt, DateTimeOffset? NextTryAt, DateTimeOffset? EndedAt, string? Said, string? LastAnswer);

/// <param name="Reason">It stands in the receipt that the person gets; at most 300 characters, and names nobody.</param>
/// <param name="Confirm"><c>CLOSE</c>, a space, and the step's number: its position less 2000.</param>
public sealed record CloseStepRequest(string Reason, string Confirm);

/// <summary>What operators do with deletions. For everybody else there is nothing here.</summary>
public static class OperatorErasuresApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/operator/erasures").WithTags("Operators");

        group.MapGet("", async (LookAtErasures look, string? before = null, int limit = LookAtErasures.PageSize) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var (done, next) = await look.Done(before, limit);
            return Results.Ok(new ErasureListAnswer([.. (await look.Open()).Select(v => Listed(v.Case, v.Standing))], [.. done.Select(c => Listed(c, c.State))], next));
        }).WithName("listErasures").WithSummary("Deletions of accounts: open ones, stuck ones first, and done ones, newest first; `before` takes the cursor `next`").Produces<ErasureListAnswer>().ProducesProblem(400).ProducesProblem(404);

        group.MapGet("/{id}", async (string id, LookAtErasures look) =>
        {
            var outcome = await look.One(id);
            return outcome.Ok ? Results.Ok(Answer(outcome.Value)) : Api.Refuse(outcome.Refusal);
        }).WithName("getErasure").WithSummary("One deletion, with what each system was told and said").Produces<ErasureAnswer>().ProducesProblem(404);

        group.MapPost("/{id}/steps/{position}/try", async (string id, int position, HttpContext context, ActOnStep act) => Done(await act.TryNow(context.Me(), id, position, Client.Of(context))))
            .WithName("tryErasureStep").WithSummary("Ask a system again now, with the same key").Produces(204).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/steps/{position}/close", async (string id, int position, CloseStepRequest body, HttpContext context, ActOnStep act) => Done(await act.Close(context.Me(), id, position, new CloseStepForm(body.Reason, body.Confirm), Client.Of(context))))
            .WithName("closeErasureStep").WithSummary("Close a step by hand, with a reason that the person reads; the next one goes on").Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult Done(Outcome<ErasureStep> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static ErasureListed Listed(Deletion.DeletionCase c, string standing) => new(c.Id, c.Label, standing, c.AskedAt, c.DueAt, c.BegunAt, c.EndedAt);

    private static ErasureAnswer Answer(ErasureView view)
    {
        var c = view.Case;
        return new ErasureAnswer(c.Id, c.Label, view.Standing, c.AccountId, view.Email, c.AskedAt, c.DueAt, c.BegunAt, c.BegunBy, c.EndedAt,
            [
                .. view.Steps.Select(s => new ErasureStepAnswer(s.Position, s.Phase, s.Connector, s.Name, s.State, s.IdempotencyKey, s.Tries, s.LastTryAt, s.NextTryAt, s.EndedAt, string.IsNullOrEmpty(s.Said) ? null : s.Said,
                    view.Tries.FirstOrDefault(one => one.Position == s.Position)?.Answer)),
            ],
            c.Receipt is { } json ? JsonSerializer.Deserialize(json, ErasureJson.Default.Receipt) : null);
    }
}
