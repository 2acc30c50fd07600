using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Holdfast.Client;

/// <summary>What every endpoint that Holdfast calls has in common: the signature is checked, what was dealt with is not handled again, and what failed comes again.</summary>
internal sealed class AnswerWebhook(HoldfastWebhookReader reader, string category)
{
    private const int Largest = 64 * 1024;

    /// <summary>Looks at a call whose signature was checked.</summary>
    /// <returns>An answer at once, or else what deals with it and gives the JSON of its answer; empty for none.</returns>
    internal delegate (IResult? AtOnce, Func<IServiceProvider, CancellationToken, Task<string>>? Work) Look(HoldfastWebhook webhook);

    internal IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, string path, Look look) =>
        endpoints.MapPost(path, async Task<IResult> (HttpContext context) => await Run(context, look)).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();

    private async Task<IResult> Run(HttpContext context, Look look)
    {
        var services = context.RequestServices;
        if (await Body(context.Request) is not { } body) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        var headers = context.Request.Headers;
        var fault = reader.Read(headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"], body, out var webhook);
        if (fault != WebhookFault.None)
        {
            services.GetRequiredService<ILoggerFactory>().CreateLogger(category).LogWarning("A webhook was refused: {Fault}", fault);
            // Nothing of the body is believed, and nothing is said that a guesser could use.
            return Results.StatusCode(fault is WebhookFault.Signature or WebhookFault.Timestamp ? StatusCodes.Status401Unauthorized : StatusCodes.Status400BadRequest);
        }
        var (atOnce, work) = look(webhook!);
        if (work is null) return atOnce ?? Results.Accepted();
        var log = services.GetRequiredService<IHoldfastWebhookLog>();
        var standing = await log.Begin(webhook!.Id, context.RequestAborted);
        // Holdfast has missed our answer, or somebody sends a copy: what was said once is said again.
        if (standing.State == WebhookState.Done) return standing.Answer is { Length: > 0 } said ? Answer(said) : Results.Accepted();
        // Acknowledged it would be lost if the other call failed: so it comes again.
        if (standing.State == WebhookState.UnderWay) return Results.StatusCode(StatusCodes.Status409Conflict);
        try
        {
            // Not with the caller's patience: what takes longer is finished, and the next try finds it done.
            var answer = await work(services, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            await log.Done(webhook.Id, answer, CancellationToken.None);
            return answer.Length > 0 ? Answer(answer) : Results.NoContent();
        }
        catch
        {
            await log.Failed(webhook.Id, CancellationToken.None);
            throw;
        }
    }

    private static IResult Answer(string json) => Results.Content(json, "application/json; charset=utf-8");

    private static async Task<byte[]?> Body(HttpRequest request)
    {
        if (request.ContentLength > Largest) return null;
        using var whole = new MemoryStream();
        var some = new byte[8192];
        for (int read; (read = await request.Body.ReadAsync(some, request.HttpContext.RequestAborted)) > 0;)
        {
            if (whole.Length + read > Largest) return null;
            whole.Write(some, 0, read);
        }
        return whole.ToArray();
    }
}
