using Holdfast.Features.EmailChange;
using Holdfast.Features.NotMe;
using Holdfast.Secrets;
using Holdfast.Web;

namespace Holdfast.Features.Export;

/// <param name="State"><c>being_made</c>, <c>ready</c>, <c>fetched</c> or <c>over</c>.</param>
/// <param name="EndsAt">Until when it can be fetched; absent before it is made.</param>
/// <param name="Sha256">Hexadecimal, of the ZIP.</param>
public sealed record ExportAnswer(string State, DateTimeOffset AskedAt, DateTimeOffset? EndsAt, long? Bytes, string? Sha256);

public static class ExportApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/api/v1/account/export").WithTags("Deletion").WithMetadata(new OpenWhileClosingAttribute());

        group.MapGet("", async (HttpContext context, LookAtExport look, TimeProvider clock) => await look.Latest(context.Me()) is { } export ? Results.Ok(Answer(export, clock.GetUtcNow())) : Api.Refuse(ExportRefusals.None))
            .WithName("getExport").WithSummary("How the export of one's data stands").Produces<ExportAnswer>().ProducesProblem(404);

        group.MapPost("", async (HttpContext context, AskForExport ask, TimeProvider clock) =>
        {
            var outcome = await ask.Run(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.Accepted(null as string, Answer(outcome.Value, clock.GetUtcNow())) : Api.Refuse(outcome.Refusal);
        }).WithName("askForExport").WithSummary("Prepare a ZIP with JSON of everything that is held on the person; a letter carries the link").Produces<ExportAnswer>(202).ProducesProblem(409).ProducesProblem(429);

        group.MapDelete("", async (HttpContext context, AskForExport ask) =>
        {
            var outcome = await ask.Stop(context.Me(), Client.Of(context));
            return outcome.Ok ? Results.NoContent() : Api.Refuse(outcome.Refusal);
        }).WithName("stopExport").WithSummary("Stop preparing it, or erase the one that is ready").Produces(204).ProducesProblem(404);

        group.MapPost("/fetch", async (MailedTokenRequest body, HttpContext context, FetchExport fetch, TimeProvider clock) =>
        {
            var outcome = SecretToken.TryHash(body.Token, out var link) ? await fetch.Run(context.Me(), link, Client.Of(context)) : LinkRefusals.Over;
            return outcome.Ok ? Results.File(outcome.Value, "application/zip", ExportPage.FileName(clock.GetUtcNow())) : Api.Refuse(outcome.Refusal);
        }).WithName("fetchExport").WithSummary("Fetch it, once, with what the link in the letter carries, after a proof").Produces(200, contentType: "application/zip").ProducesProblem(403).ProducesProblem(404);
    }

    private static ExportAnswer Answer(DataExport e, DateTimeOffset now) =>
        new(e.FetchedAt is not null ? "fetched" : e.IsBeingMade ? "being_made" : e.IsReady(now) ? "ready" : "over", e.AskedAt, e.EndsAt, e.Bytes, e.Sha256);
}
