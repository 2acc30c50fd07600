using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>Somebody whose data is to be erased.</summary>
/// <param name="Account">The account's id: the <c>Id</c> that <see cref="HoldfastPerson"/> has. Delete it as well.</param>
/// <param name="Email">Their address when they asked.</param>
/// <param name="Name">Their name when they asked.</param>
/// <param name="Deletion">Number of the deletion, for letters: <c>ER-2026-0217</c>.</param>
/// <param name="AskedAt">When they asked.</param>
public sealed record HoldfastErasure(string Account, string Email, string Name, string Deletion, DateTimeOffset AskedAt);

/// <summary>What was erased and what stays: it stands in the receipt that the person gets. A sentence that names the person is left out there.</summary>
/// <param name="Message">One sentence, such as "212 bookings erased."; null says nothing.</param>
/// <param name="Kept">What stays, and why, a line each; 20 at most.</param>
public sealed record HoldfastErased(string? Message = null, IReadOnlyList<string>? Kept = null);

/// <summary>How a message stands.</summary>
public enum WebhookState
{
    /// <summary>It came for the first time, or failed before: now it is this call's to deal with.</summary>
    New,

    /// <summary>Another call deals with it right now.</summary>
    UnderWay,

    /// <summary>It was dealt with.</summary>
    Done,
}

/// <summary>
/// Knows which messages have been dealt with. The default keeps them in this process for ten minutes, which is longer than a copied call is taken: register one of your own where several processes answer, or where the same work done twice would hurt.
/// </summary>
public interface IHoldfastWebhookLog
{
    /// <summary>Asks, and takes it on when it is <see cref="WebhookState.New"/>: of two calls at once one gets that.</summary>
    ValueTask<WebhookState> Begin(string id, CancellationToken stop);

    /// <param name="done">False when it failed: it will come again.</param>
    ValueTask End(string id, bool done, CancellationToken stop);
}

/// <summary>In this process, for as long as a copied call could be taken for a new one.</summary>
internal sealed class MemoryWebhookLog(TimeProvider clock) : IHoldfastWebhookLog
{
    private const int Most = 100_000;

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, bool Done)> _seen = new(StringComparer.Ordinal);

    public ValueTask<WebhookState> Begin(string id, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        foreach (var (old, (at, isDone)) in _seen) if (isDone && now - at > 2 * HoldfastWebhookReader.Tolerance) _seen.TryRemove(old, out _);
        // Only what carries a right signature comes here: this many are Holdfast's own, and work done twice is better than growing.
        if (_seen.Count >= Most) foreach (var (old, (_, isDone)) in _seen) if (isDone) _seen.TryRemove(old, out _);
        if (_seen.TryAdd(id, (now, false))) return ValueTask.FromResult(WebhookState.New);
        return ValueTask.FromResult(_seen.TryGetValue(id, out var known) && known.Done ? WebhookState.Done : WebhookState.UnderWay);
    }

    public ValueTask End(string id, bool done, CancellationToken stop)
    {
        if (done) _seen[id] = (clock.GetUtcNow(), true);
        else _seen.TryRemove(id, out _);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Answers Holdfast when somebody deletes their account.</summary>
public static class ErasureWebhook
{
    private const int Largest = 64 * 1024;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>
    /// Maps <c>POST <paramref name="path"/></c>, where Holdfast tells that somebody's data is to be erased (connector of <c>Deletion:Connectors</c>). Signature and time are checked with <see cref="HoldfastOptions.WebhookSecrets"/>; a message that was dealt with
    /// is answered and not handled again; other types of messages are acknowledged and passed over. When <paramref name="erase"/> throws, the answer is 500 and Holdfast asks again with growing waits, for days: it must be safe to run twice,
    /// and somebody who is not there is done.
    /// </summary>
    /// <param name="endpoints">The product.</param>
    /// <param name="path">Such as <c>/hooks/holdfast</c>.</param>
    /// <param name="erase">Erases, and says what for the receipt. It goes on when Holdfast has stopped waiting; its token ends with the product.</param>
    public static IEndpointConventionBuilder MapHoldfastErasure(this IEndpointRouteBuilder endpoints, string path, Func<HoldfastErasure, IServiceProvider, CancellationToken, Task<HoldfastErased>> erase)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(erase);
        var secrets = endpoints.ServiceProvider.GetRequiredService<IOptions<HoldfastOptions>>().Value.WebhookSecrets ?? throw new InvalidOperationException("Holdfast:WebhookSecrets is missing: the key of the connector, as Deletion:NAME:Secret has it");
        var reader = new HoldfastWebhookReader(secrets, endpoints.ServiceProvider.GetRequiredService<TimeProvider>());
        return endpoints.MapPost(path, async Task<IResult> (HttpContext context) => await Run(context, reader, erase)).AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
    }

    private static async Task<IResult> Run(HttpContext context, HoldfastWebhookReader reader, Func<HoldfastErasure, IServiceProvider, CancellationToken, Task<HoldfastErased>> erase)
    {
        var services = context.RequestServices;
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Holdfast.Client.ErasureWebhook");
        if (await Body(context.Request) is not { } body) return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        var headers = context.Request.Headers;
        var fault = reader.Read(headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"], body, out var webhook);
        if (fault != WebhookFault.None)
        {
            logger.LogWarning("A webhook was refused: {Fault}", fault);
            // Nothing of the body is believed, and nothing is said that a guesser could use.
            return Results.StatusCode(fault is WebhookFault.Signature or WebhookFault.Timestamp ? StatusCodes.Status401Unauthorized : StatusCodes.Status400BadRequest);
        }
        if (webhook!.Type != "account.erase") return Results.Accepted();
        if (Read(webhook.Data) is not { } person) return Results.BadRequest();
        var log = services.GetRequiredService<IHoldfastWebhookLog>();
        var state = await log.Begin(webhook.Id, context.RequestAborted);
        // Holdfast has missed our answer, or somebody sends a copy.
        if (state == WebhookState.Done) return Results.Accepted();
        // Acknowledged it would be lost if the other call failed: so it comes again.
        if (state == WebhookState.UnderWay) return Results.StatusCode(StatusCodes.Status409Conflict);
        var done = false;
        try
        {
            // Not with the caller's patience: what takes longer is finished, and the next try finds it done.
            var erased = await erase(person, services, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            done = true;
            return Results.Json(erased, Json);
        }
        finally
        {
            await log.End(webhook.Id, done, CancellationToken.None);
        }
    }

    private static HoldfastErasure? Read(JsonElement data)
    {
        try
        {
            return data.Deserialize<HoldfastErasure>(Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static async Task<byte[]?> Body(HttpRequest request)
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
