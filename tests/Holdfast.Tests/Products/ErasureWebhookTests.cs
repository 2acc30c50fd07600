extern alias HoldfastClient;

using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Erasure;
using Holdfast.Tests.Support;
using HoldfastClient::Holdfast.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Holdfast.Tests.Products;

/// <summary>What a product in .NET does with the webhook of a deletion: what Holdfast signs is taken, and nothing else.</summary>
public sealed class ErasureWebhookTests
{
    private const string Key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string OtherKey = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    /// <summary>The example of the standard's own libraries.</summary>
    [Fact]
    public void The_example_of_Standard_Webhooks_is_right()
    {
        var clock = new FakeClock();
        clock.Advance(DateTimeOffset.FromUnixTimeSeconds(1614265330) - clock.GetUtcNow());
        var reader = new HoldfastWebhookReader(Key, clock);
        var body = Encoding.UTF8.GetBytes("""{"test": 2432232314}""");
        // Signed well, and no message of Holdfast's.
        Assert.Equal(WebhookFault.Body, reader.Read("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body, out _));
        Assert.Equal(WebhookFault.Signature, reader.Read("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265331", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", body, out _));
    }

    [Fact]
    public void What_Holdfast_signs_is_read_with_the_old_key_and_the_new_one()
    {
        var clock = new FakeClock();
        foreach (var (signed, known) in new[] { (Key, Key), ($"{OtherKey} {Key}", Key), (Key, $"{OtherKey} {Key}") })
        {
            var (headers, body) = Signed(clock.GetUtcNow(), signed);
            Assert.Equal(WebhookFault.None, new HoldfastWebhookReader(known, clock).Read(headers.Id, headers.Time, headers.Signature, body, out var webhook));
            Assert.Equal(("er_1_erase_bookings", "account.erase", "mara@example.com"), (webhook!.Id, webhook.Type, webhook.Data.GetProperty("email").GetString()));
        }
    }

    [Fact]
    public void What_was_changed_or_is_too_old_or_from_the_future_is_refused()
    {
        var clock = new FakeClock();
        var reader = new HoldfastWebhookReader(Key, clock);
        var (headers, body) = Signed(clock.GetUtcNow(), Key);
        WebhookFault Read(string? id = null, string? time = null, string? signature = null, byte[]? other = null) => reader.Read(id ?? headers.Id, time ?? headers.Time, signature ?? headers.Signature, other ?? body, out _);
        Assert.Equal(WebhookFault.None, Read());
        Assert.Equal(WebhookFault.Signature, Read(id: "er_2_erase_bookings"));
        Assert.Equal(WebhookFault.Signature, Read(other: Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body).Replace("mara", "mora", StringComparison.Ordinal))));
        Assert.Equal(WebhookFault.Signature, Read(signature: Signed(clock.GetUtcNow(), OtherKey).Headers.Signature));
        // Of a version that nobody here knows, however right.
        foreach (var odd in new[] { headers.Signature.Replace("v1,", "v2,", StringComparison.Ordinal), headers.Signature[..^4], "v1,", "v1," + Convert.ToBase64String(new byte[64]), "x" }) Assert.Equal(WebhookFault.Signature, Read(signature: odd));
        foreach (var odd in new[] { "", " 1", "-1", "1e9", "99999999999999999999", "²" }) Assert.Equal(WebhookFault.Headers, Read(time: odd));
        foreach (var odd in new[] { "", "a.b", "a b", "a\n", new string('a', 201) }) Assert.Equal(WebhookFault.Headers, Read(id: odd));
        Assert.Equal(WebhookFault.Headers, reader.Read(null, null, null, body, out _));
        foreach (var minutes in new[] { -6, 6 })
        {
            var late = Signed(clock.GetUtcNow().AddMinutes(minutes), Key);
            Assert.Equal(WebhookFault.Timestamp, reader.Read(late.Headers.Id, late.Headers.Time, late.Headers.Signature, late.Body, out var nothing));
            Assert.Null(nothing);
        }
        foreach (var wrong in new[] { "", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", $"{Key} x", "whsec_not base64" }) Assert.Throws<ArgumentException>(() => new HoldfastWebhookReader(wrong));
    }

    [Fact]
    public async Task A_product_erases_once_whatever_comes_twice_and_again_after_it_failed()
    {
        var erased = new List<string>();
        var fails = true;
        await using var product = await Shop.Start((person, _, _) =>
        {
            if (fails) throw new InvalidOperationException("The disk is full");
            erased.Add(person.Account);
            return Task.FromResult(new HoldfastErased("3 bookings erased.", ["1 invoice"]));
        });
        var (headers, body) = Signed(product.Clock.GetUtcNow(), Key);
        Assert.Equal(500, (int)(await product.Post(headers, body)).Status);
        fails = false;
        var answer = await product.Post(headers, body);
        Assert.Equal((HttpStatusCode.OK, """{"message":"3 bookings erased.","kept":["1 invoice"]}"""), answer);
        // A copy, and later tries of the same message when the answer got lost: the same is said again, or the receipt would not say what stays.
        Assert.Equal(answer, await product.Post(headers, body));
        foreach (var later in new[] { TimeSpan.FromMinutes(1), TimeSpan.FromHours(8), TimeSpan.FromDays(6) })
        {
            product.Clock.Advance(later);
            var again = Signed(product.Clock.GetUtcNow(), Key);
            Assert.Equal(answer, await product.Post(again.Headers, again.Body));
        }
        Assert.Equal(["01a1fedc-9a61-7006-b416-0526a82d4d24"], erased);
        // An old copy.
        Assert.Equal(401, (int)(await product.Post(headers, body)).Status);
        Assert.Single(erased);
    }

    [Fact]
    public async Task The_product_hears_which_workspaces_go_and_by_which_message()
    {
        HoldfastErasure? heard = null;
        await using var product = await Shop.Start((person, _, _) =>
        {
            heard = person;
            return Task.FromResult(new HoldfastErased());
        });
        var (headers, body) = Signed(product.Clock.GetUtcNow(), Key);
        Assert.Equal(200, (int)(await product.Post(headers, body)).Status);
        Assert.Equal("er_1_erase_bookings", heard!.Message);
        Assert.Equal(["01a1fedc-0000-7000-8000-000000000001"], heard.Workspaces);
        // From a Holdfast that does not tell of them, and with an id of its own in the body: that is not believed.
        var old = Signed(product.Clock.GetUtcNow(), Key, """{"type":"account.erase","timestamp":"2026-11-14T08:30:00+00:00","data":{"account":"x","email":"y","name":"z","deletion":"ER-2026-0001","askedAt":"2026-11-14T08:30:00+00:00","message":"forged"}}""", "er_2_erase_bookings");
        Assert.Equal(200, (int)(await product.Post(old.Headers, old.Body)).Status);
        Assert.Equal(("x", "er_2_erase_bookings", 0), (heard.Account, heard.Message, heard.Workspaces.Count));
    }

    [Fact]
    public async Task What_is_kept_in_a_log_of_the_products_own_is_said_by_the_next_process_as_well()
    {
        var log = new SharedLog();
        var runs = 0;
        Task<HoldfastErased> Erase(HoldfastErasure person, IServiceProvider services, CancellationToken stop) => Task.FromResult(new HoldfastErased($"Run {++runs}.", ["1 invoice"]));
        (HttpStatusCode, string) answer;
        await using (var first = await Shop.Start(Erase, log))
        {
            var (headers, body) = Signed(first.Clock.GetUtcNow(), Key);
            // Written down or not said: the answer that could not be kept is none.
            log.IsBroken = true;
            Assert.Equal(500, (int)(await first.Post(headers, body)).Status);
            log.IsBroken = false;
            answer = await first.Post(headers, body);
            Assert.Equal((HttpStatusCode.OK, """{"message":"Run 2.","kept":["1 invoice"]}"""), answer);
        }
        await using var second = await Shop.Start(Erase, log);
        var again = Signed(second.Clock.GetUtcNow(), Key);
        Assert.Equal(answer, await second.Post(again.Headers, again.Body));
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task While_one_call_is_under_way_another_is_asked_to_come_again()
    {
        var (inside, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var runs = 0;
        await using var product = await Shop.Start(async (_, _, _) =>
        {
            Interlocked.Increment(ref runs);
            inside.TrySetResult();
            await go.Task;
            return new HoldfastErased();
        });
        var (headers, body) = Signed(product.Clock.GetUtcNow(), Key);
        var first = product.Post(headers, body);
        await inside.Task;
        Assert.Equal(409, (int)(await product.Post(headers, body)).Status);
        go.SetResult();
        Assert.Equal(200, (int)(await first).Status);
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Strangers_reach_nothing_and_other_messages_are_passed_over()
    {
        var runs = 0;
        await using var product = await Shop.Start((_, _, _) => { runs++; return Task.FromResult(new HoldfastErased()); });
        var now = product.Clock.GetUtcNow();
        Assert.Equal(401, (int)(await product.Post(Signed(now, OtherKey).Headers, Signed(now, OtherKey).Body)).Status);
        Assert.Equal(400, (int)(await product.Post(("", "", ""), "{}"u8.ToArray())).Status);
        Assert.Equal(413, (int)(await product.Post(("a", "1", "v1,x"), new byte[70_000])).Status);
        var other = Signed(now, Key, """{"type":"account.something","timestamp":"2026-11-14T08:30:00+00:00","data":{}}""");
        Assert.Equal(202, (int)(await product.Post(other.Headers, other.Body)).Status);
        var half = Signed(now, Key, """{"type":"account.erase","timestamp":"2026-11-14T08:30:00+00:00","data":{"account":"x"}}""");
        Assert.Equal(400, (int)(await product.Post(half.Headers, half.Body)).Status);
        Assert.Equal(0, runs);
    }

    private static ((string Id, string Time, string Signature) Headers, byte[] Body) Signed(DateTimeOffset at, string keys, string? text = null, string id = "er_1_erase_bookings")
    {
        var body = text is null
            ? JsonSerializer.SerializeToUtf8Bytes(new ErasureMessage("account.erase", at, new ErasureMessageData("01a1fedc-9a61-7006-b416-0526a82d4d24", "mara@example.com", "Mara Lindqvist", "ER-2026-0217", at, ["01a1fedc-0000-7000-8000-000000000001"])), ErasureJson.Default.ErasureMessage)
            : Encoding.UTF8.GetBytes(text);
        using var request = new HttpRequestMessage();
        SignWebhook.Into(request, id, at, body, [.. keys.Split(' ').Select(key => WebhookSecret.Parse(key)!)]);
        string One(string name) => request.Headers.GetValues(name).Single();
        return ((One("webhook-id"), One("webhook-timestamp"), One("webhook-signature")), body);
    }

    /// <summary>As a table in the product's database would be.</summary>
    private sealed class SharedLog : IHoldfastWebhookLog
    {
        private readonly ConcurrentDictionary<string, string?> _answers = new();

        public bool IsBroken { get; set; }

        public ValueTask<WebhookStanding> Begin(string id, CancellationToken stop) =>
            ValueTask.FromResult(_answers.TryAdd(id, null) ? new WebhookStanding(WebhookState.New) : _answers[id] is { } answer ? new WebhookStanding(WebhookState.Done, answer) : new WebhookStanding(WebhookState.UnderWay));

        public ValueTask Done(string id, string answer, CancellationToken stop)
        {
            if (IsBroken) throw new IOException("The database is away");
            _answers[id] = answer;
            return ValueTask.CompletedTask;
        }

        public ValueTask Failed(string id, CancellationToken stop)
        {
            _answers.TryRemove(id, out _);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>A product with nothing but the webhook.</summary>
    private sealed class Shop(WebApplication app, FakeClock clock) : IAsyncDisposable
    {
        private readonly HttpClient _http = new() { BaseAddress = new Uri(app.Urls.First()) };

        public FakeClock Clock { get; } = clock;

        public static async Task<Shop> Start(Func<HoldfastErasure, IServiceProvider, CancellationToken, Task<HoldfastErased>> erase, IHoldfastWebhookLog? log = null)
        {
            var clock = new FakeClock();
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddSingleton<TimeProvider>(clock);
            if (log is not null) builder.Services.AddSingleton(log);
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Holdfast:Authority"] = "https://id.example.com", ["Holdfast:ClientId"] = "shop", ["Holdfast:ClientSecret"] = "x", ["Holdfast:WebhookSecrets"] = Key });
            builder.AddHoldfast();
            var app = builder.Build();
            app.MapHoldfast();
            app.MapHoldfastErasure("/hooks/holdfast", erase);
            await app.StartAsync();
            return new Shop(app, clock);
        }

        public async Task<(HttpStatusCode Status, string Body)> Post((string Id, string Time, string Signature) headers, byte[] body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/hooks/holdfast") { Content = new ByteArrayContent(body) };
            foreach (var (name, value) in new[] { ("webhook-id", headers.Id), ("webhook-timestamp", headers.Time), ("webhook-signature", headers.Signature) }) request.Headers.TryAddWithoutValidation(name, value);
            using var response = await _http.SendAsync(request);
            return (response.StatusCode, await response.Content.ReadAsStringAsync());
        }

        public async ValueTask DisposeAsync()
        {
            _http.Dispose();
            await app.DisposeAsync();
        }
    }
}
