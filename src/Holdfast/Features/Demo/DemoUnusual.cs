using System.Text.Json;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Unusual;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>What looked wrong in the example: some of it open, some dealt with.</summary>
internal sealed class DemoUnusual(string workspaceId, IReadOnlyDictionary<string, Account> people, DateTimeOffset now)
{
    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        await Add(tx, "Mara Lindqvist", UnusualKind.NewCountry, Severity.Low, 26, ("country", "Italy"), end: UnusualEnd.WasMe);
        await Add(tx, "Mara Lindqvist", UnusualKind.Guessed, Severity.Medium, 3, ("failures", "6"));
        await Add(tx, "Kofi Mensah", UnusualKind.TooFar, Severity.High, 40, ("km", "5600"), end: UnusualEnd.Secured);
        await Add(tx, "Kofi Mensah", UnusualKind.Secured, Severity.Medium, 38, end: UnusualEnd.Secured);
        Tell(now.AddHours(-39), AuditKind.SecureBegun, people["Kofi Mensah"]);
        Tell(now.AddHours(-38), AuditKind.SecureDone, people["Kofi Mensah"]);
        _moments.Add(new DemoMoment(now.AddHours(-20), new AuditEvent(AuditKind.UnusualReviewed, people["Kofi Mensah"].Id, Client.Server)
        {
            ActorId = people["Jonas Weidner"].Id, WorkspaceId = workspaceId, Data = new Dictionary<string, string> { ["unusual"] = UnusualKind.Secured },
            Personal = new Dictionary<string, string> { ["workspace"] = DemoPeople.Workspaces[0], ["by"] = "Jonas Weidner" },
        }, Client.Server));
        await Add(tx, "Giulia Ferrante", UnusualKind.RecoveryCode, Severity.Medium, 90);
        return _moments;
    }

    private async Task Add(WriteTx tx, string person, string kind, string severity, int hoursAgo, (string Name, string Value)? fact = null, string? end = null)
    {
        var (account, at) = (people[person], now.AddHours(-hoursAgo));
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (fact is var (name, value)) facts[name] = value;
        if (kind == UnusualKind.TooFar) facts["minutes"] = "35";
        if (kind == UnusualKind.NewCountry) facts["code"] = "IT";
        await UnusualTable.Insert(tx, new UnusualEvent
        {
            AccountId = account.Id, Id = Ids.New(at), Kind = kind, Severity = severity, At = at, SessionId = "", Address = "", UserAgent = "", Hints = "", Facts = JsonSerializer.Serialize(facts, WebJson.Default.DictionaryStringString),
            ClosedAt = end is null ? null : at.AddHours(1), ClosedHow = end,
        });
        Tell(at, AuditKind.UnusualFound, account, kind, severity);
        if (end == UnusualEnd.WasMe) Tell(at.AddHours(1), AuditKind.UnusualClosed, account, kind);
    }

    private void Tell(DateTimeOffset at, string kind, Account about, string? unusual = null, string? severity = null) => _moments.Add(new DemoMoment(at, new AuditEvent(kind, about.Id, Client.Server)
    {
        ActorId = kind == AuditKind.UnusualFound ? "" : about.Id, Data = Facts(unusual, severity),
    }, Client.Server));

    private static Dictionary<string, string> Facts(string? unusual, string? severity)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (unusual is not null) facts["unusual"] = unusual;
        if (severity is not null) facts["severity"] = severity;
        return facts;
    }
}
