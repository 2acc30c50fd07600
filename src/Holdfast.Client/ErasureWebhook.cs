using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
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
        return new AnswerWebhook(reader, "Holdfast.Client.ErasureWebhook").Map(endpoints, path, webhook =>
        {
            if (webhook.Type != "account.erase") return (Results.Accepted(), null);
            if (Read(webhook.Data) is not { } person) return (Results.BadRequest(), null);
            return (null, async (services, stop) => JsonSerializer.Serialize(await erase(person with { Message = webhook.Id }, services, stop), Json));
        });
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
}
