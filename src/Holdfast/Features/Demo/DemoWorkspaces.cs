using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Invitations;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Demo;

/// <summary>What happened in the first workspace of the example between its people, and what there is in the end: a role of its own, somebody suspended, a name that only this workspace shows.</summary>
internal sealed class DemoWorkspaces(string workspaceId, IReadOnlyDictionary<string, Account> people, DateTimeOffset now)
{
    private static readonly string Workspace = DemoPeople.Workspaces[0];

    private readonly List<DemoMoment> _moments = [];

    public async Task<IReadOnlyList<DemoMoment>> Fill(WriteTx tx)
    {
        var (mara, jonas) = (people["Mara Lindqvist"], people["Jonas Weidner"]);
        var billing = new Role(Ids.New(now.AddDays(-35)), "Billing", [Permission.UsersView, Permission.ReportingView]);
        Tell(41, AuditKind.WorkspaceRenamed, mara, mara, name: Workspace);
        Tell(40, AuditKind.OwnershipReceived, mara, people["Wei Chen"], Role.Owner);
        Tell(40, AuditKind.OwnershipGiven, people["Wei Chen"], people["Wei Chen"], Role.Member, mara.Name);
        Tell(35, AuditKind.RoleMade, mara, mara, billing);
        Tell(34, AuditKind.RoleChanged, mara, mara, billing);
        Tell(33, AuditKind.RoleMade, mara, mara, billing with { Key = "press", CustomName = "Press" });
        Tell(20, AuditKind.RoleDeleted, mara, mara, billing with { Key = "press", CustomName = "Press" });
        Tell(30, AuditKind.WorkspaceTwoFactorOn, mara, mara);
        Tell(29, AuditKind.WorkspaceTwoFactorOff, mara, mara);
        Tell(34, AuditKind.MemberRoleChanged, people["Rosa Delgado"], mara, billing);
        Tell(22, AuditKind.MemberRenamed, people["Wei Chen"], jonas, name: "Wei Chen (Singapore)");
        Tell(15, AuditKind.MemberSignedOut, people["Lars Bakker"], jonas, count: 2);
        Tell(14, AuditKind.MemberSuspended, people["Viktor Nagy"], jonas);
        Tell(12, AuditKind.MemberReactivated, people["Viktor Nagy"], jonas);
        Tell(5, AuditKind.MemberSuspended, people["Emil Sørensen"], jonas);
        Tell(11, AuditKind.MemberRemoved, people["Hugo Lefèvre"], mara);
        Tell(26, AuditKind.MemberLeft, people["Nia Pritchard"], people["Nia Pritchard"]);
        Tell(28, AuditKind.InvitationSent, mara, mara, Role.Member, "astrid.lund@almondbirch.example");
        Tell(27, AuditKind.InvitationWithdrawn, mara, mara, name: "astrid.lund@almondbirch.example");
        Tell(25, AuditKind.InvitationAccepted, people["Sofia Kallas"], mara, Role.Member, people["Sofia Kallas"].Email);
        await Invite(tx, mara, "marek.nowak@almondbirch.example", 6);
        await Invite(tx, jonas, "lena.fischer@almondbirch.example", 2);
        ByServer(19, AuditKind.AccountSuspended, people["Oskar Virtanen"]);
        ByServer(18, AuditKind.AccountReactivated, people["Oskar Virtanen"]);

        await RoleTable.Insert(tx, workspaceId, billing, mara.Id, now.AddDays(-35));
        await MemberTable.SetRole(tx, workspaceId, people["Rosa Delgado"].Id, billing.Key);
        await MemberTable.SetShownName(tx, workspaceId, people["Wei Chen"].Id, "Wei Chen (Singapore)");
        await MemberTable.Suspend(tx, workspaceId, people["Emil Sørensen"].Id, now.AddDays(-5));
        return _moments;
    }

    private void Tell(int daysAgo, string kind, Account about, Account by, Role? role = null, string? name = null, int? count = null)
    {
        var data = new Dictionary<string, string>(StringComparer.Ordinal);
        var personal = new Dictionary<string, string>(StringComparer.Ordinal) { ["workspace"] = Workspace, ["by"] = by.Name };
        if (role is not null) data["role"] = role.Key;
        if (role?.CustomName is { } custom) personal["role"] = custom;
        if (name is not null) personal["name"] = name;
        if (count is { } number) data["count"] = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Add(daysAgo, new AuditEvent(kind, about.Id, Client.Server) { ActorId = by.Id, WorkspaceId = workspaceId, Data = data, Personal = personal });
    }

    /// <summary>Open invitations, whose letters went out long ago: their links are known to nobody.</summary>
    private Task Invite(WriteTx tx, Account by, string email, int daysAgo)
    {
        var at = now.AddDays(-daysAgo).AddHours(-3);
        Tell(daysAgo, AuditKind.InvitationSent, by, by, Role.Member, email);
        return InvitationTable.Insert(tx, new Invitation
        {
            WorkspaceId = workspaceId, Id = Ids.New(at), Email = email, Name = "", Role = Role.Member.Key, Language = "en", LinkHash = SecretToken.New().Hash, InvitedBy = by.Id, MadeAt = at, SentAt = at, EndsAt = at.AddDays(7),
        });
    }

    private void ByServer(int daysAgo, string kind, Account about) => Add(daysAgo, new AuditEvent(kind, about.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["by"] = "command_line" } });

    private void Add(int daysAgo, AuditEvent what) => _moments.Add(new DemoMoment(now.AddDays(-daysAgo).AddHours(-3), what, Client.Server));
}
