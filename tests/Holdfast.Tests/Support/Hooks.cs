extern alias HoldfastClient;

using System.Text;
using System.Text.Json;
using Holdfast.Features.Audit;
using Holdfast.Features.Webhooks;
using HoldfastClient::Holdfast.Client;

namespace Holdfast.Tests.Support;

/// <summary>Systems that are told of events, as programs add them.</summary>
public static class Hooks
{
    public const string Api = "/api/v1/operator/webhooks";

    /// <param name="types">Everything when left out.</param>
    public static async Task<(string Id, string Secret)> Add(Visitor boss, OtherSystem system, params string[] types) => await Add(boss, new Uri(system.Address, "/hooks").ToString(), types);

    public static async Task<(string Id, string Secret)> Add(Visitor boss, string address, params string[] types)
    {
        var made = (await boss.Post(Api, new { name = "Night watch", address, types })).Expect(200).Json;
        return (made.GetProperty("id").GetString()!, made.GetProperty("secret").GetString()!);
    }

    /// <summary>Everything that is due by the clock, until nothing is; what the server itself has taken is waited for.</summary>
    public static Task Send(TestApp app) => app.Get<SendEvents>().SendDue();

    /// <summary>Something happened, this often.</summary>
    public static async Task Happen(TestApp app, string accountId, int times = 1, string kind = AuditKind.SignInFailed)
    {
        for (var i = 0; i < times; i++)
        {
            await app.Db.Write(tx => AuditLog.RecordWithId(tx, app.Now, new AuditEvent(kind, accountId, new Holdfast.Web.Client("192.0.2.77", Visitor.Firefox, null)) { Personal = new Dictionary<string, string> { ["name"] = "Tomasz Wiśniewski" } }));
        }
    }

    public static async Task<WebhookEndpoint> Endpoint(TestApp app, string id) => (await app.Db.Read(tx => WebhookTable.ById(tx, id)))!;

    public static async Task<IReadOnlyList<Delivery>> Deliveries(TestApp app, string id) => await app.Db.Read(tx => DeliveryTable.Of(tx, id, null, false, 1000));

    public static WebhookFault Read(TestApp app, Received call, string secrets, out HoldfastWebhook? webhook) =>
        new HoldfastWebhookReader(secrets, app.Clock).Read(call.Header("webhook-id"), call.Header("webhook-timestamp"), call.Header("webhook-signature"), Encoding.UTF8.GetBytes(call.Body), out webhook);

    public static string Type(Received call) => JsonDocument.Parse(call.Body).RootElement.GetProperty("type").GetString()!;

    public static IReadOnlyList<string> Types(OtherSystem system) => [.. system.Received.Select(Type)];
}
