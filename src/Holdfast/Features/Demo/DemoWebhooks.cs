using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Webhooks;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>A system of the example that was told of the last days' events. It is paused: its address leads nowhere.</summary>
internal sealed class DemoWebhooks(Account boss, KeyRing keys, DateTimeOffset now)
{
    private readonly List<DemoMoment> _moments = [];
    private readonly WebhookEndpoint _endpoint = Of("Night watch", "https://watch.quayside.example/hooks/holdfast", now.AddDays(-18).AddHours(-2));

    public IReadOnlyList<DemoMoment> Moments()
    {
        var old = Of("Old ticket system", "https://tickets.quayside.example/in", now.AddDays(-30).AddHours(-2));
        Tell(30, AuditKind.WebhookMade, old);
        Tell(17, AuditKind.WebhookRemoved, old);
        Tell(18, AuditKind.WebhookMade, _endpoint);
        Tell(18, AuditKind.WebhookTested, _endpoint, minutes: 4);
        Tell(10, AuditKind.WebhookChanged, _endpoint);
        Tell(6, AuditKind.WebhookSecretMade, _endpoint);
        Tell(5, AuditKind.WebhookPaused, _endpoint);
        Tell(5, AuditKind.WebhookResumed, _endpoint, minutes: 30);
        Tell(2, AuditKind.WebhookRedelivered, _endpoint);
        return _moments;
    }

    /// <summary>After the log is written: the events of the last three days were told, but for one that the other side refused, and for those since the pause.</summary>
    public async Task Fill(WriteTx tx)
    {
        await WebhookTable.Insert(tx, _endpoint);
        await SigningSecret.Make(tx, keys, _endpoint.Id, _endpoint.MadeAt);
        await WebhookTable.NoteGood(tx, _endpoint.Id, now.AddMinutes(-41), 204);
        await WebhookTable.Pause(tx, _endpoint.Id, now.AddMinutes(-40));
        await tx.Execute(
            """
            INSERT INTO webhook_deliveries (endpoint_id, id, account_id, kind, at, since, next_try_at, claimed_until, tries, delivered_at, last_try_at, last_status, took)
            SELECT @Id, id, account_id, kind, at, at, at, 0, 1, at + 900, at + 900, 204, 40 + at % 50 FROM audit_entries WHERE at >= @since AND at < @pause;
            INSERT INTO webhook_deliveries (endpoint_id, id, account_id, kind, at, since, next_try_at, claimed_until, tries)
            SELECT @Id, id, account_id, kind, at, at, at, 0, 0 FROM audit_entries WHERE at >= @pause;
            UPDATE webhook_deliveries SET delivered_at = NULL, failed_at = at + 1000, tries = 9, last_status = 500, last_problem = 'no 2xx'
            WHERE endpoint_id = @Id AND delivered_at IS NOT NULL AND id = (SELECT MAX(d.id) FROM webhook_deliveries d WHERE d.endpoint_id = @Id AND d.kind = @refused AND d.delivered_at IS NOT NULL)
            """,
            new { _endpoint.Id, since = now.AddDays(-3), pause = now.AddMinutes(-40), refused = AuditKind.StepUpFailed });
    }

    private static WebhookEndpoint Of(string name, string address, DateTimeOffset at) => new() { Id = Ids.New(at), Name = name, Address = address, AllKinds = true, MadeAt = at };

    private void Tell(int daysAgo, string kind, WebhookEndpoint endpoint, int minutes = 0) => _moments.Add(new DemoMoment(now.AddDays(-daysAgo).AddHours(-2).AddMinutes(minutes), new AuditEvent(kind, boss.Id, Client.Server)
    {
        Data = new Dictionary<string, string> { ["webhook"] = endpoint.Id }, Personal = new Dictionary<string, string> { ["app"] = endpoint.Name },
    }, Client.Server));
}
