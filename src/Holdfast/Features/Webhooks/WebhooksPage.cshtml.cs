using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Webhooks;

/// <summary>Addresses that are told of security events.</summary>
public sealed class WebhooksPage(Db db) : OperatorPage
{
    public const string Address = "/operator/webhooks";

    private Dictionary<string, Backlog> _backlogs = [];

    public IReadOnlyList<WebhookEndpoint> Endpoints { get; private set; } = [];

    public Backlog? Of(WebhookEndpoint endpoint) => _backlogs.GetValueOrDefault(endpoint.Id);

    public async Task OnGetAsync()
    {
        Endpoints = await db.Read(WebhookTable.All);
        _backlogs = (await db.Read(DeliveryTable.Backlogs)).ToDictionary(b => b.EndpointId, StringComparer.Ordinal);
    }
}
