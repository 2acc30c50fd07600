using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <summary>What the webhook says.</summary>
/// <param name="Type"><c>account.erase</c>.</param>
/// <param name="Timestamp">When it was decided: the same at every try.</param>
public sealed record ErasureMessage(string Type, DateTimeOffset Timestamp, ErasureMessageData Data);

/// <param name="Account">Id of the account.</param>
/// <param name="Deletion">Number of the deletion, such as "ER-2026-0217".</param>
/// <param name="AskedAt">When the person asked for it.</param>
/// <param name="Workspaces">Ids of the workspaces that go with the account: the same at every try.</param>
public sealed record ErasureMessageData(string Account, string Email, string Name, string Deletion, DateTimeOffset AskedAt, IReadOnlyList<string> Workspaces);

/// <summary>What the other side may say beside its 2xx.</summary>
/// <param name="Message">What was erased, in a sentence for the person.</param>
/// <param name="Kept">What stays, and why.</param>
internal sealed record ErasureReply(string? Message = null, IReadOnlyList<string>? Kept = null);

/// <summary>Tells a system by a signed webhook; any 2xx acknowledges.</summary>
public sealed class WebhookConnector(ConnectorSettings settings, ConnectorHttp http, TimeProvider clock) : IErasureConnector
{
    private const int MostKept = 20;

    public string Key => settings.Key;

    public string Name => settings.Name;

    public IReadOnlyList<string> Deletes => settings.Deletes;

    public IReadOnlyList<string> Keeps => settings.Keeps;

    public bool Holds => false;

    public async Task<ConnectorAnswer> Tell(ErasureOrder order, CancellationToken stop)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new ErasureMessage("account.erase", order.AskedAt, new ErasureMessageData(order.AccountId, order.Email, order.Name, order.Case, order.AskedAt, order.Workspaces)), ErasureJson.Default.ErasureMessage);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        SignWebhook.Into(request, order.Key, clock.GetUtcNow(), body, settings.Secrets);
        var answer = await http.Send(request, stop);
        if (!answer.IsSuccess) return new ConnectorAnswer.Later(answer.Words, answer.RetryAfter);
        var reply = Read(answer);
        return new ConnectorAnswer.Done(reply?.Message ?? "", [.. (reply?.Kept ?? []).Where(line => !string.IsNullOrWhiteSpace(line)).Take(MostKept)]);
    }

    /// <summary>Whatever else it may be: a 2xx has acknowledged.</summary>
    private static ErasureReply? Read(HttpAnswer answer)
    {
        if (!answer.IsWhole || answer.MediaType != "application/json" || answer.Body.Length == 0) return null;
        try
        {
            return JsonSerializer.Deserialize(answer.Body, ErasureJson.Default.ErasureReply);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSerializable(typeof(ErasureMessage))]
[JsonSerializable(typeof(ErasureReply))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 8)]
internal sealed partial class ErasureJson : JsonSerializerContext;
