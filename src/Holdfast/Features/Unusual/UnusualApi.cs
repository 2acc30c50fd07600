using Holdfast.Features.Places;
using Holdfast.Features.Workspaces;
using Holdfast.Web;

namespace Holdfast.Features.Unusual;

/// <param name="Kind">guessed, new_country, too_far, recovery_code, two_factor_off, application_reuse or secured.</param>
/// <param name="Severity">low, medium or high.</param>
/// <param name="What">In words.</param>
/// <param name="Place">In words, approximate.</param>
/// <param name="ClosedHow">was_me or secured; absent while it is open.</param>
public sealed record UnusualAnswer(string Id, string Kind, string Severity, DateTimeOffset At, string What, string Device, string Place, DateTimeOffset? ClosedAt, string? ClosedHow);

/// <param name="Next">Cursor of the page after; absent on the last.</param>
public sealed record MemberUnusualAnswers(IReadOnlyList<MemberUnusualAnswer> Items, string? Next);

/// <param name="What">In words, without places.</param>
/// <param name="ReviewedAt">When an admin of this workspace looked at it; absent until then.</param>
public sealed record MemberUnusualAnswer(string Id, string UserId, string Person, string Kind, string Severity, DateTimeOffset At, string What, DateTimeOffset? ClosedAt, string? ClosedHow, DateTimeOffset? ReviewedAt, bool NeedsReview);

public static class UnusualApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1").WithTags("Unusual activity");

        group.MapGet("/me/unusual", async (HttpContext context, CloseUnusual unusual, FindPlace places, Words words, Configuration.ProductSettings product) =>
        {
            var text = words.Of(context);
            var all = await unusual.All(context.Me());
            return TypedResults.Ok<IReadOnlyList<UnusualAnswer>>([.. all.Select(e => new UnusualAnswer(e.Id, e.Kind, e.Severity, e.At, UnusualWords.Say(e.Kind, e.Said, text), e.Device.Name(text, product.Name), places.Name(e.Address, text), e.ClosedAt, e.ClosedHow))]);
        }).WithName("listUnusual").WithSummary("What looked wrong with the account in the last 90 days, newest first");

        group.MapPost("/me/unusual/{id}/was-me", async (string id, HttpContext context, CloseUnusual unusual) =>
        {
            var outcome = await unusual.WasMe(context.Me(), id, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("closeUnusual").WithSummary("It was the person themselves").Produces(204).ProducesProblem(403).ProducesProblem(404);

        group.MapGet("/workspaces/{workspace}/unusual", async (string workspace, HttpContext context, CloseUnusual unusual, Words words, string? before = null, int limit = CloseUnusual.MostShown) =>
        {
            if (limit is < 1 or > 200) return Api.Refuse(new Refusal("request.range", 400, "limit", Args: [1, 200]));
            var text = words.Of(context);
            var page = await unusual.InWorkspace(context.InWorkspace(), before, limit);
            return Results.Ok(new MemberUnusualAnswers([.. page.Items.Select(e => new MemberUnusualAnswer(e.Id, e.AccountId, e.Person, e.Kind, e.Severity, e.At, UnusualWords.Alone(e.Kind, text), e.ClosedAt, e.ClosedHow, e.ReviewedAt, e.NeedsReview))], page.Next));
        }).WithName("listWorkspaceUnusual").WithSummary("What looked wrong with members, newest first; `before` takes the cursor `next`").Needs(Permission.ReportingView).Produces<MemberUnusualAnswers>().ProducesProblem(400);

        group.MapPost("/workspaces/{workspace}/users/{id}/unusual/{unusual}/reviewed", async (string workspace, string id, string unusual, HttpContext context, CloseUnusual close) =>
        {
            var outcome = await close.Reviewed(context.InWorkspace(), id, unusual, Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("reviewUnusual").WithSummary("An admin has looked at it").Needs(Permission.ReportingView).Produces(204).ProducesProblem(404);
    }
}
