namespace Holdfast.Configuration;

/// <summary>Who may make an account.</summary>
public enum SignUpMode
{
    /// <summary>Whoever is invited to a workspace.</summary>
    Invitation,

    /// <summary>Besides, anybody who can read mail at the address they give.</summary>
    Open,

    /// <summary>Nobody: accounts are made at the command line, and invitations add people who have one.</summary>
    Closed,
}

/// <summary>How people come in.</summary>
/// <param name="NetworkLimit">Requests for an account from one network in <c>SignIn:NetworkWindow</c>.</param>
/// <param name="InvitationsPerDay">Letters of one workspace in any 24 hours.</param>
public sealed record SignUpSettings(SignUpMode Mode, int NetworkLimit, TimeSpan InvitationLifetime, int InvitationsPerDay)
{
    internal static SignUpSettings Read(SettingsReader r) => new(
        r.Choice("SignUp:Mode", SignUpMode.Invitation, "Who may make an account: whoever is invited to a workspace; besides, anybody who confirms their address; or nobody, and accounts are made at the command line"),
        r.Int("SignUp:NetworkLimit", 30, 5, 1_000_000, "Requests for an account from one network address (IPv6: from one /64) in SignIn:NetworkWindow"),
        r.Time("Invitations:Lifetime", "7d", "1h", "30d", "How long an invitation works"),
        r.Int("Invitations:PerDay", 5000, 1, 1_000_000, "Invitations that one workspace sends in 24 hours at most"));
}
