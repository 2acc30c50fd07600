using System.Globalization;
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
/// <param name="NeverBegan">Its first payment never came: Stripe lets nobody change it any more, and it renews no more either.</param>
internal sealed record StripeSubscription(string Id, bool Stopped, bool NeverBegan);

/// <summary>
/// The few calls of the Stripe API (v1) that a deletion needs. Keys make POSTs happen once (Stripe keeps them for a day at least, and answers a repeated one as the first time, a 500 included); what is deleted twice is answered with
/// <c>resource_missing</c>, which is as good as deleted.
/// </summary>
internal sealed class StripeApi(StripeSettings settings, ConnectorHttp http, CancellationToken stop)
{
    /// <summary>The form of answers that this was written for.</summary>
    private const string Version = "2024-06-20";

    /// <summary>More customers, or subscriptions of one, than a person has: stop rather than go on for ever.</summary>
    private const int MostPages = 200;

    /// <summary>Entries of a page at first: a subscription takes some kilobytes, and an answer that is too long to be read is asked for again with half of them.</summary>
    private const int PageSize = 10;

    /// <summary>Ids of the person's customers.</summary>
    public async Task<IReadOnlyList<string>> Customers(string accountId, string email) => settings.FindBy == StripeFindBy.Metadata
        ? await Pages("/v1/customers/search", $"query={Uri.EscapeDataString($"metadata['{settings.MetadataKey}']:'{accountId}'")}", "page", root => root.TryGetProperty("next_page", out var next) ? next.GetString() : null, e => Id(e))
        : await Pages("/v1/customers", $"email={Uri.EscapeDataString(email)}", "starting_after", LastId, e => Id(e));

    /// <summary>Those that are not cancelled.</summary>
    public Task<List<StripeSubscription>> Subscriptions(string customer) =>
        Pages("/v1/subscriptions", $"customer={Uri.EscapeDataString(customer)}", "starting_after", LastId, e => new StripeSubscription(Id(e), e.TryGetProperty("cancel_at_period_end", out var at) && at.ValueKind == JsonValueKind.True, Word(e, "status") == "incomplete_expired"));

    /// <summary>Stops or starts renewing. One that is gone meanwhile is left alone.</summary>
    public async Task SetRenewal(string subscription, bool stopped, string key)
    {
        using var request = Request(HttpMethod.Post, $"/v1/subscriptions/{Uri.EscapeDataString(subscription)}");
        request.Content = new FormUrlEncodedContent([new("cancel_at_period_end", stopped ? "true" : "false")]);
        request.Headers.Add("Idempotency-Key", key);
        await Send(request);
    }

    /// <returns>False when there was nothing left to delete.</returns>
    public async Task<bool> Delete(string path)
    {
        using var request = Request(HttpMethod.Delete, path);
        return await Send(request);
    }

    private async Task<List<T>> Pages<T>(string path, string query, string cursorName, Func<JsonElement, string?> next, Func<JsonElement, T> read)
    {
        var all = new List<T>();
        string? cursor = null;
        var limit = PageSize;
        for (var page = 0; page < MostPages; page++)
        {
            using var request = Request(HttpMethod.Get, $"{path}?{query}&limit={limit.ToString(CultureInfo.InvariantCulture)}{(cursor is null ? "" : $"&{cursorName}={Uri.EscapeDataString(cursor)}")}");
            var answer = await http.Send(request, stop);
            if (answer is { IsSuccess: true, IsWhole: false } && limit > 1)
            {
                limit /= 2;
                continue;
            }
            if (!answer.IsSuccess) throw Problem(answer);
            var root = Parse(answer) ?? throw new StripeProblem(answer.IsWhole ? $"{answer.Words}, but no JSON" : $"{answer.Words}, but longer than is read");
            if (!root.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array) throw new StripeProblem("the answer is no list");
            all.AddRange(data.EnumerateArray().Select(read));
            if (!root.TryGetProperty("has_more", out var more) || more.ValueKind != JsonValueKind.True) return all;
            cursor = next(root) ?? throw new StripeProblem("the list goes on without saying where");
        }
        throw new StripeProblem("the list does not end");
    }

    /// <summary>An order: its status says that it was done, whatever else the answer holds.</summary>
    /// <returns>False when the thing is not there.</returns>
    private async Task<bool> Send(HttpRequestMessage request)
    {
        var answer = await http.Send(request, stop);
        if (answer.IsSuccess) return true;
        if (answer.Status is 404 or 400 && Error(answer).Code == "resource_missing") return false;
        throw Problem(answer);
    }

    private static StripeProblem Problem(HttpAnswer answer)
    {
        var (type, code) = Error(answer);
        return new StripeProblem(string.Join(", ", new[] { answer.Words, type, code }.Where(word => word.Length > 0)), answer.RetryAfter);
    }

    private static (string Type, string Code) Error(HttpAnswer answer) =>
        Parse(answer) is { } root && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? (Word(error, "type"), Word(error, "code")) : ("", "");

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
