using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Applications that people sign in to: those of the settings, and those that operators registered.</summary>
public sealed class ClientsPage(OAuthClients clients, Db db) : OperatorPage
{
    public const string Address = "/operator/clients";

    public IReadOnlyList<OAuthClient> Clients { get; private set; } = [];

    private Dictionary<string, GrantsOfClient> _use = [];

    public GrantsOfClient? Use(OAuthClient client) => _use.GetValueOrDefault(client.Id);

    public async Task OnGetAsync()
    {
        Clients = await clients.All();
        _use = (await db.Read(GrantTable.ByClient)).ToDictionary(g => g.ClientId, StringComparer.Ordinal);
    }
}
