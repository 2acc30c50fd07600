using Holdfast.Features.Operator;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <param name="All">It is told of everything, also of types that come later; <paramref name="Types"/> is empty then.</param>
/// <param name="State"><c>on</c>, <c>failing</c> or <c>paused</c>.</param>
/// <param name="FailingSince">Absent while it takes what it is told.</param>
/// <param name="LastStatus">Absent when nothing came back.</param>
/// <param name="LastProblem">In our words; absent after a good answer.</param>
/// <param name="Waiting">Events that are not delivered yet.</param>
/// <param name="Failed">Events that were given up, of the last <c>Webhooks:KeepDays</c>.</param>
public sealed record WebhookAnswer(string Id, string Name, string Address, bool All, IReadOnlyList<string> Types, string State, DateTimeOffset MadeAt, DateTimeOffset? PausedAt, DateTimeOffset? FailingSince, DateTimeOffset? LastTryAt, int? LastStatus, string? LastProblem, long Waiting, DateTimeOffset? OldestWaiting, long Failed);

/// <param name="Address">https; http for this machine alone.</param>
/// <param name="Types">Names of events; absent or empty means all.</param>
public sealed record WebhookRequest(string Name, string Address, IReadOnlyList<string>? Types = null);

/// <param name="Secret">Signing key, given this once.</param>
public sealed record RegisteredWebhookAnswer(string Id, string Secret);

/// <param name="Group">As the list of activities groups them.</param>
public sealed record EventTypeAnswer(string Type, string Group);

/// <param name="Event">Id of the event.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c> or <c>failed</c>.</param>
public sealed record DeliveryAnswer(string Event, string Type, DateTimeOffset At, string State, int Tries, DateTimeOffset? LastTryAt, int? LastStatus, string? LastProblem, long? Took, DateTimeOffset? NextTryAt, DateTimeOffset? DeliveredAt, DateTimeOffset? FailedAt);

/// <param name="Next">Cursor of the page after, for <c>before</c>; absent on the last.</param>
public sealed record DeliveriesAnswer(IReadOnlyList<DeliveryAnswer> Items, string? Next);

/// <param name="Event">Id of the event that is on its way.</param>
public sealed record TestedWebhookAnswer(string Event);

/// <param name="Count">How many events are sent once more.</param>
public sealed record SentAgainAnswer(long Count);

/// <summary>What operators do with addresses that are told of events. For everybody else there is nothing here.</summary>
public static class WebhooksApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/operator/webhooks").WithTags("Operators");

        group.MapGet("", async (Db db) => Results.Ok(await db.Read(async Task<IReadOnlyList<WebhookAnswer>> (tx) =>
        {
            var (all, backlogs) = (new List<WebhookAnswer>(), await DeliveryTable.Backlogs(tx));
            foreach (var endpoint in await WebhookTable.All(tx)) all.Add(Answer(endpoint, await WebhookTable.Kinds(tx, endpoint.Id), backlogs));
            return all;
        }))).WithName("listWebhooks").WithSummary("Addresses that are told of security events").Produces<IReadOnlyList<WebhookAnswer>>();

        group.MapGet("/types", () => Results.Ok((IReadOnlyList<EventTypeAnswer>)[.. EventTypes.Groups.SelectMany(g => g.Value.Select(kind => new EventTypeAnswer(kind, g.Key)))]))
            .WithName("listEventTypes").WithSummary("Permanent names of events that are sent").Produces<IReadOnlyList<EventTypeAnswer>>();

        group.MapGet("/{id}", async (string id, Db db) => await db.Read(async tx => await WebhookTable.ById(tx, id) is { } endpoint
                ? Results.Ok(Answer(endpoint, await WebhookTable.Kinds(tx, id), await DeliveryTable.Backlogs(tx))) : Api.Refuse(WebhookRefusals.Unknown)))
            .WithName("getWebhook").WithSummary("One of them").Produces<WebhookAnswer>().ProducesProblem(404);

        group.MapPost("", async (WebhookRequest body, HttpContext context, RegisterWebhook register) => Answer(await register.Run(Form(body), By(context))))
            .WithName("registerWebhook").WithSummary("Add one; its signing key is given this once").Produces<RegisteredWebhookAnswer>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(409);

        group.MapPut("/{id}", async (string id, WebhookRequest body, HttpContext context, ChangeWebhook change) => Answer(await change.Run(id, Form(body), By(context))))
            .WithName("changeWebhook").WithSummary("Change one; what waits goes to the new address").Produces(204).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);

        group.MapPost("/{id}/secret", async (string id, HttpContext context, ChangeWebhook change) => Answer(await change.NewSecret(id, By(context))))
            .WithName("makeWebhookSecret").WithSummary("A new signing key; the old one signs beside it for a while").Produces<RegisteredWebhookAnswer>().ProducesProblem(403).ProducesProblem(404);

        group.MapPost("/{id}/pause", async (string id, HttpContext context, ChangeWebhook change) => Answer(await change.Pause(id, By(context))))
            .WithName("pauseWebhook").WithSummary("Send nothing; events wait").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapPost("/{id}/resume", async (string id, HttpContext context, ChangeWebhook change) => Answer(await change.Resume(id, By(context))))
            .WithName("resumeWebhook").WithSummary("Send again, what waits first").Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);

        group.MapDelete("/{id}", async (string id, HttpContext context, ChangeWebhook change) => Answer(await change.Remove(id, By(context))))
            .WithName("removeWebhook").WithSummary("Remove one; what waits is dropped").Produces(204).ProducesProblem(403).ProducesProblem(404);

        MapDeliveries(group);
    }

    private static void MapDeliveries(RouteGroupBuilder group)
    {
        group.MapPost("/{id}/test", async (string id, HttpContext context, SendAgain send) => await send.Test(id, By(context)) is var sent && sent.Ok ? Results.Ok(new TestedWebhookAnswer(sent.Value)) : Api.Refuse(sent.Refusal))
            .WithName("testWebhook").WithSummary("Send an event webhook.tested").Produces<TestedWebhookAnswer>().ProducesProblem(404).ProducesProblem(409);

        group.MapGet("/{id}/deliveries", async (string id, string? before, string? state, int? limit, Db db) => await db.Read(async tx =>
            {
                if (await WebhookTable.ById(tx, id) is null) return Api.Refuse(WebhookRefusals.Unknown);
                var most = Math.Clamp(limit ?? WebhookPage.PageSize, 1, 200);
                var rows = await DeliveryTable.Of(tx, id, Ids.IsWellFormed(before) ? before : null, state == "failed", most + 1);
                return Results.Ok(new DeliveriesAnswer([.. rows.Take(most).Select(Answer)], rows.Count > most ? rows[most - 1].Id : null));
            }))
            .WithName("listWebhookDeliveries").WithSummary("What it was told, the newest first; state=failed for what was given up").Produces<DeliveriesAnswer>().ProducesProblem(404);

        group.MapPost("/{id}/deliveries/{eventId}/again", async (string id, string eventId, HttpContext context, SendAgain send) => Answer(await send.One(id, eventId, By(context))))
            .WithName("sendWebhookAgain").WithSummary("Send one event once more, with its id").Produces(204).ProducesProblem(404);

        group.MapPost("/{id}/deliveries/failed/again", async (string id, HttpContext context, SendAgain send) => await send.Failed(id, By(context)) is var outcome && outcome.Ok ? Results.Ok(new SentAgainAnswer(outcome.Value)) : Api.Refuse(outcome.Refusal))
            .WithName("sendFailedWebhooksAgain").WithSummary("Send everything once more that was given up").Produces<SentAgainAnswer>().ProducesProblem(404);
    }

    private static OperatorActor By(HttpContext context) => new(context.Me(), Client.Of(context));

    /// <summary>A place in a list may be null, whatever its type says: that is a name of nothing, and refused as one.</summary>
    private static EndpointForm Form(WebhookRequest b) => new(b.Name.Trim(), b.Address.Trim(), b.Types is not { Count: > 0 }, [.. ((IReadOnlyList<string?>?)b.Types ?? []).Select(type => type ?? "")]);

    private static IResult Answer(Outcome<RegisteredWebhook> outcome) => outcome.Ok ? Results.Ok(new RegisteredWebhookAnswer(outcome.Value.Endpoint.Id, outcome.Value.Secret)) : Api.Refuse(outcome.Refusal);

    private static IResult Answer(Outcome<WebhookEndpoint> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static IResult Answer(Outcome<Done> outcome) => outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);

    private static WebhookAnswer Answer(WebhookEndpoint e, IReadOnlyList<string> types, IReadOnlyList<Backlog> backlogs)
    {
        var backlog = backlogs.FirstOrDefault(b => b.EndpointId == e.Id);
        return new WebhookAnswer(e.Id, e.Name, e.Address, e.AllKinds, types, e.Standing, e.MadeAt, e.PausedAt, e.FailingSince, e.LastTryAt, e.LastStatus, e.LastProblem, backlog?.Waiting ?? 0, backlog?.Oldest, backlog?.Failed ?? 0);
    }

    private static DeliveryAnswer Answer(Delivery d) =>
        new(d.Id, d.Kind, d.At, d.State, d.Tries, d.LastTryAt, d.LastStatus, d.LastProblem, d.Took, d.DeliveredAt is null && d.FailedAt is null ? d.NextTryAt : null, d.DeliveredAt, d.FailedAt);
}
