using System.Text.Json;
using System.Text.Json.Serialization;
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
public sealed record HoldfastErasure(string Account, string Email, string Name, string Deletion, DateTimeOffset AskedAt)
{
    /// <summary>Ids of the workspaces that go with the account, as <see cref="HoldfastWorkspace.Id"/> has them: nobody is left who owns them, and nothing brings them back. Empty for none, and from a Holdfast that does not tell.</summary>
    public IReadOnlyList<string> Workspaces { get; init; } = [];

    /// <summary>Id of the message, the same at every try: an answer that is written down with it, in the transaction that erases, is not lost however the product ends. It names nobody.</summary>
    [JsonIgnore]
    public string Message { get; init; } = "";
}

/// <summary>What was erased and what stays: it stands in the receipt that the person gets. A sentence that names the person is left out there.</summary>
/// <param name="Message">One sentence, such as "212 bookings erased."; null says nothing.</param>
/// <param name="Kept">What stays, and why, a line each; 20 at most.</param>
public sealed record HoldfastErased(string? Message = null, IReadOnlyList<string>? Kept = null);

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
        var standing = await log.Begin(webhook.Id, context.RequestAborted);
        // Holdfast has missed our answer, or somebody sends a copy: what was said once is said again, since the receipt is made of it.
        if (standing.State == WebhookState.Done) return standing.Answer is { } said ? Answer(said) : Results.Accepted();
        // Acknowledged it would be lost if the other call failed: so it comes again.
        if (standing.State == WebhookState.UnderWay) return Results.StatusCode(StatusCodes.Status409Conflict);
        try
        {
            // Not with the caller's patience: what takes longer is finished, and the next try finds it done.
            var erased = await erase(person with { Message = webhook.Id }, services, services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            var answer = JsonSerializer.Serialize(erased, Json);
            await log.Done(webhook.Id, answer, CancellationToken.None);
            return Answer(answer);
        }
        catch
        {
            await log.Failed(webhook.Id, CancellationToken.None);
            throw;
        }
    }

    private static IResult Answer(string json) => Results.Content(json, "application/json; charset=utf-8");

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
