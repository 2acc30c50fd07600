using Holdfast.Configuration;
using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>All applications: those of the settings, which nobody changes here, and those that operators registered.</summary>
public sealed class OAuthClients(Db db, HoldfastSettings settings)
{
    private readonly Dictionary<string, ClientOfSettings> _ofSettings = settings.OAuth.Clients.ToDictionary(c => c.Client.Id, StringComparer.Ordinal);

    /// <summary>Null when there is none. A disabled one is found as well: ask it.</summary>
    public async ValueTask<OAuthClient?> Find(string? id)
    {
        if (!ClientIds.IsWellFormed(id)) return null;
        return OfSettings(id!) ?? await db.Read(tx => ClientTable.ById(tx, id!));
    }

    public OAuthClient? OfSettings(string id) => _ofSettings.GetValueOrDefault(id)?.Client;

    /// <summary>Those of the settings first, then by name.</summary>
    public async Task<IReadOnlyList<OAuthClient>> All() => [.. _ofSettings.Values.Select(c => c.Client).OrderBy(c => c.Name, StringComparer.Ordinal), .. (await db.Read(ClientTable.All)).Where(c => !_ofSettings.ContainsKey(c.Id))];

    internal IReadOnlyList<string> SecretsOfSettings(string id) => _ofSettings.GetValueOrDefault(id)?.Secrets ?? [];
}
