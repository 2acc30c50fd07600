using Holdfast.Features.Accounts;
using Holdfast.Features.ApiKeys;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>Keys of the example's programs. They are known to nobody.</summary>
internal sealed class DemoApiKeys(string workspaceId, IReadOnlyDictionary<string, Account> people, KeyRing keys, DateTimeOffset now)
{
    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        await Make(tx, "Night export", "Mara Lindqvist", [ApiScope.AuditRead, ApiScope.ReportingRead], 3, ends: 87, used: TimeSpan.FromHours(7), "203.0.113.90");
        await Make(tx, "Rota sync", "Jonas Weidner", [ApiScope.UsersRead, ApiScope.UsersInvite], 33, ends: 9, used: TimeSpan.FromMinutes(4), "203.0.113.20");
        await Make(tx, "Help desk robot", "Mara Lindqvist", [ApiScope.UsersRead, ApiScope.UsersRecover], 20, ends: 345, used: TimeSpan.FromDays(2), "198.51.100.4");
        await Make(tx, "New starter form", "Jonas Weidner", [ApiScope.UsersInvite], 1, ends: 29, used: null, null);
        var old = await Make(tx, "Old phone list", "Jonas Weidner", [ApiScope.UsersRead], 38, ends: 300, used: TimeSpan.FromDays(21), "198.51.100.77");
        await ApiKeyTable.Revoke(tx, workspaceId, old.Id, people["Mara Lindqvist"].Id, now.AddDays(-17));
        Tell(AuditKind.ApiKeyRevoked, old, "Mara Lindqvist", 17);
        return _moments;
    }

    private async Task<ApiKey> Make(WriteTx tx, string name, string by, IReadOnlyList<string> scopes, int daysAgo, int ends, TimeSpan? used, string? from)
    {
        var (text, at) = (ApiKeyText.New(), now.AddDays(-daysAgo).AddHours(-1));
        var key = new ApiKey
        {
            WorkspaceId = workspaceId, Id = Ids.New(at), Name = name, Scopes = string.Join(' ', scopes), SecretHash = ApiKeyText.Hashes(keys, text)[0], KeyId = keys.NewestId, BeginsWith = ApiKeyText.Beginning(text), MadeBy = people[by].Id, MadeAt = at,
            EndsAt = now.AddDays(ends), LastUsedAt = now - used, LastUsedFrom = from,
        };
        await ApiKeyTable.Insert(tx, key);
        Tell(AuditKind.ApiKeyMade, key, by, daysAgo);
        return key;
    }

    private void Tell(string kind, ApiKey key, string by, int daysAgo) => _moments.Add(new DemoMoment(now.AddDays(-daysAgo).AddHours(-1), new AuditEvent(kind, key.MadeBy, Client.Server)
    {
        ActorId = people[by].Id, WorkspaceId = workspaceId, Data = new Dictionary<string, string> { ["key"] = key.Id, ["scopes"] = key.Scopes },
        Personal = new Dictionary<string, string> { ["workspace"] = DemoPeople.Workspaces[0], ["by"] = by, ["name"] = key.Name },
    }, Client.Server));
}
