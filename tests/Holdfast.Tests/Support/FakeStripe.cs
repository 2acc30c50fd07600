using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Tests.Support;

/// <summary>A small server that speaks the part of Stripe's API that a deletion needs: lists with pages, metadata search, renewal, cancelling, deleting, idempotency keys that replay, and its form of errors.</summary>
public sealed class FakeStripe : IAsyncDisposable
{
    public const string Key = "sk_test_51HoldfastTestKey0000";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Request, int Status, string Body)> _replays = new(StringComparer.Ordinal);
    private int _made;

    private FakeStripe(OtherSystem server) => Server = server;

    public OtherSystem Server { get; }

    public ConcurrentDictionary<string, (string Account, string Email)> Customers { get; } = new();

    /// <summary>Subscriptions that are not cancelled: whose, and whether they were stopped.</summary>
    public ConcurrentDictionary<string, (string Customer, bool Stopped)> Subscriptions { get; } = new();

    /// <summary>Makes the next answers fail: status, and Retry-After in seconds.</summary>
    public ConcurrentQueue<(int Status, int? RetryAfter)> Failures { get; } = new();

    public int Replayed { get; private set; }

    /// <summary>Subscriptions whose first payment never came: nobody can change them.</summary>
    public ConcurrentDictionary<string, byte> Expired { get; } = new();

    /// <summary>After so many calls the connection breaks once: what was asked for is done, and nobody hears of it. 0 for never.</summary>
    public int BreaksAfter { get; set; }

    public int Calls { get; private set; }

    public static async Task<FakeStripe> Start()
    {
        var stripe = new FakeStripe(await OtherSystem.Start());
        stripe.Server.Answer = stripe.Answer;
        return stripe;
    }

    public Dictionary<string, string?> Settings(bool deleteCustomer = false, string findBy = "Metadata") => new()
    {
        ["Deletion:Connectors"] = "stripe", ["Stripe:SecretKey"] = Key, ["Stripe:Address"] = Server.Address.ToString(), ["Stripe:DeleteCustomer"] = deleteCustomer ? "true" : "false", ["Stripe:FindBy"] = findBy, ["Deletion:ConnectorTimeout"] = "5s",
    };

    public string AddCustomer(Person person)
    {
        var id = $"cus_{Interlocked.Increment(ref _made):00000}";
        Customers[id] = (person.Id, person.Email);
        return id;
    }

    public string Subscribe(string customer, bool stopped = false)
    {
        var id = $"sub_{Interlocked.Increment(ref _made):00000}";
        Subscriptions[id] = (customer, stopped);
        return id;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private Task Answer(HttpContext context, string body)
    {
        lock (_gate)
        {
            if (context.Request.Headers.Authorization != $"Bearer {Key}") return Say(context, 401, Error("invalid_request_error", "api_key_invalid"));
            if (string.IsNullOrEmpty(context.Request.Headers["Stripe-Version"])) return Say(context, 400, Error("invalid_request_error", "version"));
            if (Failures.TryDequeue(out var failure))
            {
                if (failure.RetryAfter is { } wait) context.Response.Headers.RetryAfter = wait.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Say(context, failure.Status, Error(failure.Status == 429 ? "invalid_request_error" : "api_error", failure.Status == 429 ? "rate_limit" : "lock_timeout"));
            }
            var key = context.Request.Headers["Idempotency-Key"].ToString();
            var request = $"{context.Request.Path} {body}";
            if (HttpMethods.IsPost(context.Request.Method))
            {
                if (key.Length is 0 or > 255) return Say(context, 400, Error("idempotency_error", "missing"));
                if (_replays.TryGetValue(key, out var before))
                {
                    if (before.Request != request) return Say(context, 400, Error("idempotency_error", "other_parameters"));
                    Replayed++;
                    context.Response.Headers["Idempotent-Replayed"] = "true";
                    return Say(context, before.Status, before.Body);
                }
            }
            var (status, answer) = Do(context.Request, body);
            if (HttpMethods.IsPost(context.Request.Method)) _replays[key] = (request, status, answer);
            if (++Calls == BreaksAfter)
            {
                context.Abort();
                return Task.CompletedTask;
            }
            return Say(context, status, answer);
        }
    }

    private (int, string) Do(HttpRequest request, string body)
    {
        var (path, query) = (request.Path.ToString(), request.Query);
        var find = Regex.Match(query["query"].ToString(), "^metadata\\['holdfast_account'\\]:'(?<id>[^']+)'$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        if (path == "/v1/customers/search") return find.Success ? Page(Customers.Where(c => c.Value.Account == find.Groups["id"].Value).Select(c => c.Key), query, "page") : (400, Error("invalid_request_error", "query"));
        if (path == "/v1/customers") return Page(Customers.Where(c => c.Value.Email == query["email"]).Select(c => c.Key), query, "starting_after");
        if (path == "/v1/subscriptions") return Page(Subscriptions.Where(s => s.Value.Customer == query["customer"]).Select(s => s.Key), query, "starting_after");
        var id = path.Split('/')[^1];
        if (HttpMethods.IsDelete(request.Method))
        {
            var gone = path.StartsWith("/v1/subscriptions/", StringComparison.Ordinal) ? Subscriptions.TryRemove(id, out _) : Customers.TryRemove(id, out _);
            return gone ? (200, JsonSerializer.Serialize(new { id, deleted = true })) : (404, Error("invalid_request_error", "resource_missing"));
        }
        if (Expired.ContainsKey(id)) return (400, Error("invalid_request_error", "subscription_expired"));
        if (!Subscriptions.TryGetValue(id, out var subscription)) return (404, Error("invalid_request_error", "resource_missing"));
        Subscriptions[id] = (subscription.Customer, QueryHelpers.ParseQuery(body)["cancel_at_period_end"] == "true");
        return (200, JsonSerializer.Serialize(new { id, description = Padding + Padding + Padding }));
    }

    /// <summary>As long as Stripe's own objects may be: a page of three is longer than anybody should read.</summary>
    private static readonly string Padding = new('x', 24 * 1024);

    private (int, string) Page(IEnumerable<string> ids, IQueryCollection query, string cursor)
    {
        var after = query[cursor].ToString();
        var rest = ids.Order(StringComparer.Ordinal).Where(id => string.CompareOrdinal(id, after) > 0).ToList();
        var limit = int.Parse(query["limit"].ToString(), System.Globalization.CultureInfo.InvariantCulture);
        if (limit is < 1 or > 100) return (400, Error("invalid_request_error", "parameter_invalid_integer"));
        var data = rest.Take(limit).Select(id => new { id, cancel_at_period_end = Subscriptions.TryGetValue(id, out var s) && s.Stopped, status = Expired.ContainsKey(id) ? "incomplete_expired" : "active", description = Padding }).ToList();
        return (200, JsonSerializer.Serialize(new { @object = "list", data, has_more = rest.Count > limit, next_page = rest.Count > limit ? data[^1].id : null }));
    }

    private static string Error(string type, string code) => JsonSerializer.Serialize(new { error = new { type, code, message = "Something about the person, which nobody shall write down." } });

    private static Task Say(HttpContext context, int status, string json)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, "application/json");
        return context.Response.WriteAsync(json);
    }
}
