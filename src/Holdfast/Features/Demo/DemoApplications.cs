using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.OAuth;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>Applications of the example, and what its people allowed them. Their secrets are known to nobody.</summary>
internal sealed class DemoApplications(IReadOnlyList<string> workspaces, IReadOnlyList<DemoStory> stories, KeyRing keys, DateTimeOffset now)
{
    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        var mara = stories[0];
        var bookings = await Register(tx, new ClientForm("Bookings", "Quayside", FirstParty: true, Confidential: true, ["https://app.quayside.example/signed-in"], ["https://app.quayside.example/bye"], Scope.BuiltIn, [], false, null), 41);
        var phone = await Register(tx, new ClientForm("Bookings for iPhone", "Quayside", FirstParty: true, Confidential: false, ["com.example.quayside:/signed-in"], [], Scope.BuiltIn, [], false, null), 30);
        var tide = await Register(tx, new ClientForm("Tide calendar", "Tidewater Tools", FirstParty: false, Confidential: true, ["https://tidecalendar.example/signed-in"], [], Scope.BuiltIn, [], false, null), 28);
        var ledger = await Register(tx, new ClientForm("Ledger sync", "Northbank Software", FirstParty: false, Confidential: true, ["https://ledgersync.example/back"], [], [Scope.OpenId, Scope.Email, Scope.Workspaces], [], true, null), 20);
        var old = await Register(tx, new ClientForm("Rota planner", "Harbour Co-op", FirstParty: false, Confidential: true, ["https://rota.example/in"], [], [Scope.OpenId, Scope.Profile], [], false, null), 39);
        Tell(mara.Account, 26, AuditKind.ClientChanged, tide);
        Tell(mara.Account, 12, AuditKind.ClientSecretMade, ledger);
        Tell(mara.Account, 8, AuditKind.ClientDisabled, old);
        Tell(mara.Account, 7, AuditKind.ClientEnabled, old);
        Tell(mara.Account, 6, AuditKind.ClientDeleted, old);
        await ClientTable.Delete(tx, old.Id);

        foreach (var story in stories.Where(s => s.Sessions.Any(IsOpen)))
        {
            await Open(tx, story, bookings, story.Sessions.Last(IsOpen).Id);
            if (story.Sessions.LastOrDefault(s => IsOpen(s) && s.UserAgent.Contains("iPhone", StringComparison.Ordinal)) is { } mobile) await Open(tx, story, phone, mobile.Id);
        }
        foreach (var (name, client, daysAgo) in new[] { ("Mara Lindqvist", tide, 19), ("Mara Lindqvist", ledger, 11), ("Jonas Weidner", tide, 14), ("Giulia Ferrante", tide, 9), ("Rosa Delgado", ledger, 4), ("Kofi Mensah", tide, 3) })
        {
            await Allow(tx, Of(name), client, daysAgo);
        }
        Tell(Of("Rosa Delgado").Account, 3, AuditKind.ApplicationReuse, ledger, byServer: true);
        Tell(Of("Yuki Tanabe").Account, 16, AuditKind.ApplicationAllowed, tide);
        Tell(Of("Yuki Tanabe").Account, 15, AuditKind.ApplicationRevoked, tide);
        Tell(Of("Lars Bakker").Account, 13, AuditKind.ApplicationAllowed, tide);
        var personal = new Dictionary<string, string> { ["workspace"] = DemoPeople.Workspaces[0], ["by"] = "Jonas Weidner", ["name"] = tide.Name };
        Add(12, new AuditEvent(AuditKind.MemberApplicationRevoked, Of("Lars Bakker").Account.Id, Client.Server) { ActorId = Of("Jonas Weidner").Account.Id, WorkspaceId = workspaces[0], Personal = personal });
        return _moments;
    }

    private DemoStory Of(string name) => stories.First(s => s.Account.Name == name);

    private static bool IsOpen(Sessions.Session session) => session.EndedAt is null;

    private async Task<OAuthClient> Register(WriteTx tx, ClientForm form, int daysAgo)
    {
        var at = now.AddDays(-daysAgo);
        var client = form.Make(ClientIds.From(form.Name), at);
        await ClientTable.Insert(tx, client);
        if (client.Confidential) await ClientTable.AddSecret(tx, client.Id, ClientSecret.New(keys, client.Id, at).Row);
        Tell(stories[0].Account, daysAgo, AuditKind.ClientMade, client);
        return client;
    }

    /// <summary>One of ours, open in a session.</summary>
    private async Task Open(WriteTx tx, DemoStory story, OAuthClient client, string sessionId)
    {
        var session = story.Sessions.First(s => s.Id == sessionId);
        var grant = new Grant { AccountId = story.Account.Id, Id = Ids.New(session.CreatedAt), ClientId = client.Id, Scopes = client.Scopes, MadeAt = session.CreatedAt, LastUsedAt = session.LastActiveAt, LastUsedFrom = session.Address };
        await GrantTable.Insert(tx, grant);
        var family = new Family { AccountId = story.Account.Id, Id = Ids.New(session.CreatedAt), SessionId = session.Id, ClientId = client.Id, GrantId = grant.Id, Scopes = client.Scopes, Resource = "", Acr = Acr.Of(session), AuthTime = session.ProvenAt, MadeAt = session.CreatedAt };
        await TokenTable.InsertFamily(tx, family);
        await TokenTable.Touch(tx, family, session.LastActiveAt);
        _moments.Add(new DemoMoment(session.CreatedAt.AddMinutes(1) < now ? session.CreatedAt.AddMinutes(1) : session.CreatedAt, Event(AuditKind.ApplicationOpened, story.Account, client, false), Client.Server));
    }

    private async Task Allow(WriteTx tx, DemoStory story, OAuthClient client, int daysAgo)
    {
        var at = now.AddDays(-daysAgo).AddHours(-2);
        await GrantTable.Insert(tx, new Grant { AccountId = story.Account.Id, Id = Ids.New(at), ClientId = client.Id, Scopes = client.Scopes, WorkspaceId = workspaces[0], MadeAt = at, LastUsedAt = now.AddHours(-daysAgo), LastUsedFrom = "203.0.113.90" });
        Tell(story.Account, daysAgo, AuditKind.ApplicationAllowed, client);
    }

    private void Tell(Account about, int daysAgo, string kind, OAuthClient client, bool byServer = false) => Add(daysAgo, Event(kind, about, client, byServer));

    private static AuditEvent Event(string kind, Account about, OAuthClient client, bool byServer) => new(kind, about.Id, Client.Server)
    {
        ActorId = byServer ? "" : about.Id, Data = new Dictionary<string, string> { ["client"] = client.Id }, Personal = new Dictionary<string, string> { ["app"] = client.Name },
    };

    private void Add(int daysAgo, AuditEvent what) => _moments.Add(new DemoMoment(now.AddDays(-daysAgo).AddHours(-2), what, Client.Server));
}
