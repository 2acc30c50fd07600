using Holdfast.Features.Workspaces;

namespace Holdfast.Features.Demo;

/// <summary>Something out of the ordinary that happens to somebody.</summary>
internal enum Incident { NewPassword, Forgot, NotMe, Guessed, SignedOutOthers, SignedOutOne, SignedOutAll, Mistyped, AskedForLink, Enrolled, LostPhone, UsedCodes, NewCodes, SecondApp, TwoFactorOff, TwoFactorReset, NewAddress, AddressPutBack, LinkByHand, AdminHelped, AddedPasskey, AddedSecurityKey, RemovedPasskey, CopiedPasskey, ConfirmedPasskey }

/// <param name="Workspaces">Role by workspace: index into <see cref="DemoPeople.Workspaces"/>.</param>
/// <param name="Zone">IANA name.</param>
/// <param name="Busy">Percent of working days on which the person signs in or is at work.</param>
/// <param name="Incidents">What happens, and how many days ago.</param>
internal sealed record DemoPerson(string Name, string Email, IReadOnlyList<(int Workspace, string Role)> Workspaces, string Zone, int Busy, IReadOnlyList<(Incident What, int DaysAgo)> Incidents, bool Operator = false)
{
    public bool NeverCame => Busy == 0;

    /// <summary>Of pages and letters; null as the browser asks.</summary>
    public string? Language { get; init; }
}

/// <summary>The cast. All of it is invented; the addresses are under <c>.example</c> (RFC 2606), where no letter can arrive.</summary>
internal static class DemoPeople
{
    public static readonly IReadOnlyList<string> Workspaces = ["Almond & Birch", "Harbour Co-op"];

    public static readonly DemoPerson First = new("Mara Lindqvist", "mara@almondbirch.example", [(0, "owner"), (1, "admin")], "Europe/Stockholm", 95,
        [(Incident.SignedOutOthers, 17), (Incident.NewPassword, 9), (Incident.SignedOutOne, 4), (Incident.Mistyped, 2), (Incident.Guessed, 1)], Operator: true);

    public static readonly IReadOnlyList<DemoPerson> All =
    [
        First,
        Almond("Jonas Weidner", "admin", "Europe/Berlin", 90, (Incident.Enrolled, 30), (Incident.AddedPasskey, 19), (Incident.SignedOutOthers, 6)) with { Operator = true },
        Almond("Priya Raman", "admin", "Asia/Kolkata", 85, (Incident.Enrolled, 25), (Incident.LostPhone, 8), (Incident.SignedOutOne, 4)),
        Almond("Tomás Figueira", "admin", "Europe/Lisbon", 80, (Incident.Mistyped, 2)),
        Almond("Aoife Brennan", "member", "Europe/Dublin", 85, (Incident.NotMe, 3)),
        Almond("Giulia Ferrante", "member", "Europe/Rome", 85, (Incident.Enrolled, 33), (Incident.NewCodes, 12), (Incident.NewPassword, 5)) with { Language = "it" },
        Almond("Kofi Mensah", "member", "Africa/Accra", 75, (Incident.Forgot, 2)),
        Almond("Hana Novotná", "member", "Europe/Prague", 80, (Incident.AskedForLink, 0)),
        Almond("Mateusz Zieliński", "member", "Europe/Warsaw", 80, (Incident.Guessed, 1)),
        Almond("Yuki Tanabe", "member", "Asia/Tokyo", 70, (Incident.SignedOutAll, 7)),
        Almond("Ingrid Solheim", "member", "Europe/Oslo", 80, (Incident.Enrolled, 28), (Incident.UsedCodes, 3)),
        Almond("Samir Haddad", "member", "Asia/Beirut", 75, (Incident.Enrolled, 40), (Incident.TwoFactorOff, 10), (Incident.NewPassword, 21)),
        Almond("Chloé Marchand", "member", "Europe/Paris", 85, (Incident.Enrolled, 18), (Incident.TwoFactorReset, 6)),
        Almond("Daniel Okafor", "member", "Africa/Lagos", 70),
        Almond("Elena Popescu", "member", "Europe/Bucharest", 75, (Incident.Mistyped, 8)),
        Almond("Lars Bakker", "member", "Europe/Amsterdam", 80),
        Almond("Nadia Petrova", "member", "Europe/Sofia", 70, (Incident.Forgot, 12)),
        Almond("Oskar Virtanen", "member", "Europe/Helsinki", 80, (Incident.AddedPasskey, 26), (Incident.AddedSecurityKey, 14), (Incident.RemovedPasskey, 3)),
        Almond("Beatriz Salgado", "member", "America/Sao_Paulo", 75),
        Almond("Finn O’Donoghue", "member", "Europe/Dublin", 65, (Incident.Guessed, 10)),
        Almond("Leila Farahani", "member", "Europe/London", 80, (Incident.Enrolled, 9), (Incident.NewAddress, 4)),
        Almond("Viktor Nagy", "member", "Europe/Budapest", 70),
        Almond("Rosa Delgado", "member", "Europe/Madrid", 85, (Incident.AddedPasskey, 22), (Incident.SignedOutOthers, 15), (Incident.AddressPutBack, 5)),
        Almond("Emil Sørensen", "member", "Europe/Copenhagen", 60, (Incident.AdminHelped, 19)),
        Almond("Amina Diallo", "member", "Africa/Dakar", 75),
        Almond("Peter Halvorsen", "member", "Europe/Oslo", 20),
        Almond("Sofia Kallas", "member", "Europe/Athens", 70),
        Almond("Wei Chen", "member", "Asia/Singapore", 75, (Incident.AddedSecurityKey, 24), (Incident.CopiedPasskey, 5)),
        Almond("Robin Ashdown", "member", "Europe/London", 0),
        Almond("Katrin Aebischer", "member", "Europe/Zurich", 0),
        Harbour("Duncan Sinclair", "owner", "Europe/London", 85, (Incident.SignedOutOne, 3)),
        Harbour("Maeve Gallagher", "admin", "Europe/Dublin", 80, (Incident.Enrolled, 20), (Incident.SecondApp, 11)),
        Harbour("Idris Bowen", "member", "Europe/London", 75),
        Harbour("Freya Nicolson", "member", "Europe/London", 70, (Incident.NewPassword, 13)),
        Harbour("Callum Baird", "member", "Europe/London", 65),
        Harbour("Astrid Nygaard", "member", "Europe/Oslo", 75, (Incident.AddedPasskey, 31), (Incident.NotMe, 16), (Incident.ConfirmedPasskey, 15)),
        Harbour("Piotr Wrona", "member", "Europe/Warsaw", 70),
        Harbour("Nia Pritchard", "member", "Europe/London", 60, (Incident.Mistyped, 5)),
        Harbour("Hugo Lefèvre", "member", "Europe/Paris", 70, (Incident.LinkByHand, 14)),
        Harbour("Sean Mulligan", "member", "Europe/Dublin", 0),
    ];

    private static DemoPerson Almond(string name, string role, string zone, int busy, params (Incident What, int DaysAgo)[] incidents) =>
        new(name, Address(name, "almondbirch.example"), [(0, role)], zone, busy, incidents);

    private static DemoPerson Harbour(string name, string role, string zone, int busy, params (Incident What, int DaysAgo)[] incidents) =>
        new(name, Address(name, "harbourcoop.example"), [(1, role)], zone, busy, incidents);

    private static string Address(string name, string host) => $"{WorkspaceTable.Slug(name.Split(' ')[0])}@{host}";
}
