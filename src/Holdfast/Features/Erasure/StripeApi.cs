using System.Net.Http.Headers;
using System.Text.Json;
using Holdfast.Configuration;

namespace Holdfast.Features.Erasure;

/// <summary>Stripe did not do it, or not say that it did. The message is for operators: status, kind and code, never what the request held.</summary>
internal sealed class StripeProblem(string message, TimeSpan? after = null) : Exception(message)
{
    public TimeSpan? After { get; } = after;
}

/// <param name="Stopped">It does not renew already.</param>
internal sealed record StripeSubscription(string Id, bool Stopped);

/// <summary>
/// The few calls of the Stripe API (v1) that a deletion needs. Keys make POSTs happen once (Stripe keeps them for a day at least, and answers a repeated one as the first time, a 500 included); what is deleted twice is answered with
/// <c>resource_missing</c>, which is as good as deleted.
/// </summary>
internal sealed class StripeApi(StripeSettings settings, ConnectorHttp http, CancellationToken stop)
{
    /// <summary>The form of answers that this was written for.</summary>
    private const string Version = "2024-06-20";

    /// <summary>More customers, or subscriptions of one, than a person has: stop rather than go on for ever.</summary>
    private const int MostPages = 50;

    /// <summary>Ids of the person's customers.</summary>
    public async Task<IReadOnlyList<string>> Customers(string accountId, string email) => settings.FindBy == StripeFindBy.Metadata
        ? await Pages("/v1/customers/search", $"query={Uri.EscapeDataString($"metadata['{settings.MetadataKey}']:'{accountId}'")}", "page", root => root.TryGetProperty("next_page", out var next) ? next.GetString() : null, e => Id(e))
        : await Pages("/v1/customers", $"email={Uri.EscapeDataString(email)}", "starting_after", LastId, e => Id(e));

    /// <summary>Those that are not cancelled.</summary>
    public Task<List<StripeSubscription>> Subscriptions(string customer) =>
        Pages("/v1/subscriptions", $"customer={Uri.EscapeDataString(customer)}", "starting_after", LastId, e => new StripeSubscription(Id(e), e.TryGetProperty("cancel_at_period_end", out var at) && at.ValueKind == JsonValueKind.True));

    /// <summary>Stops or starts renewing. One that is gone meanwhile is left alone.</summary>
    public async Task SetRenewal(string subscription, bool stopped, string key)
    {
        using var request = Request(HttpMethod.Post, $"/v1/subscriptions/{Uri.EscapeDataString(subscription)}");
        request.Content = new FormUrlEncodedContent([new("cancel_at_period_end", stopped ? "true" : "false")]);
        request.Headers.Add("Idempotency-Key", key);
        await Send(request, orMissing: true);
    }

    /// <returns>False when there was nothing left to delete.</returns>
    public async Task<bool> Delete(string path)
    {
        using var request = Request(HttpMethod.Delete, path);
        return await Send(request, orMissing: true) is not null;
    }

    private async Task<List<T>> Pages<T>(string path, string query, string cursorName, Func<JsonElement, string?> next, Func<JsonElement, T> read)
    {
        var all = new List<T>();
        string? cursor = null;
        for (var page = 0; page < MostPages; page++)
        {
            using var request = Request(HttpMethod.Get, $"{path}?{query}&limit=100{(cursor is null ? "" : $"&{cursorName}={Uri.EscapeDataString(cursor)}")}");
            var root = await Send(request, orMissing: false) ?? throw new StripeProblem("no list came back");
            if (!root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array) throw new StripeProblem("the answer is no list");
            all.AddRange(data.EnumerateArray().Select(read));
            if (!root.TryGetProperty("has_more", out var more) || more.ValueKind != JsonValueKind.True) return all;
            cursor = next(root) ?? throw new StripeProblem("the list goes on without saying where");
        }
        throw new StripeProblem("the list does not end");
    }

    /// <returns>Null when the thing is not there and <paramref name="orMissing"/> allows for that.</returns>
    private async Task<JsonElement?> Send(HttpRequestMessage request, bool orMissing)
    {
        var answer = await http.Send(request, stop);
        var json = Parse(answer);
        if (answer.IsSuccess) return json ?? throw new StripeProblem($"{answer.Words}, but no JSON");
        var (type, code) = json is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? (Word(error, "type"), Word(error, "code")) : ("", "");
        if (orMissing && answer.Status is 404 or 400 && code == "resource_missing") return null;
        throw new StripeProblem(string.Join(", ", new[] { answer.Words, type, code }.Where(word => word.Length > 0)), answer.RetryAfter);
    }

    private HttpRequestMessage Request(HttpMethod method, string pathAndQuery)
    {
        var request = new HttpRequestMessage(method, new Uri(settings.Address, pathAndQuery));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.SecretKey);
        request.Headers.Add("Stripe-Version", Version);
        return request;
    }

    private static JsonElement? Parse(HttpAnswer answer)
    {
        if (!answer.IsWhole || answer.Body.Length == 0) return null;
        try
        {
            using var document = JsonDocument.Parse(answer.Body, new JsonDocumentOptions { MaxDepth = 32 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? LastId(JsonElement root) => root.GetProperty("data").EnumerateArray().LastOrDefault() is { ValueKind: JsonValueKind.Object } last ? Id(last) : null;

    /// <summary>Ids go into addresses and letters: anything but Stripe's own spelling is a fault.</summary>
    private static string Id(JsonElement e) =>
        e.ValueKind == JsonValueKind.Object && e.TryGetProperty("id", out var id) && id.GetString() is { Length: > 0 and <= 255 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : throw new StripeProblem("an entry has no id");

    private static string Word(JsonElement e, string name) => e.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String && word.GetString() is { Length: <= 60 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? text : "";
}
