namespace Holdfast.Configuration;

/// <summary>Who may make an account.</summary>
public enum SignUpMode
{
    /// <summary>Whoever is invited to a workspace.</summary>
    Invitation,

    /// <summary>Nobody: accounts are made at the command line, and invitations add people who have one.</summary>
    Closed,
}

/// <summary>How people come in.</summary>
/// <param name="InvitationsPerDay">Letters of one workspace in any 24 hours.</param>
public sealed record SignUpSettings(SignUpMode Mode, TimeSpan InvitationLifetime, int InvitationsPerDay)
{
    internal static SignUpSettings Read(SettingsReader r) => new(
        r.Choice("SignUp:Mode", SignUpMode.Invitation, "Who may make an account: whoever is invited to a workspace; or nobody, and accounts are made at the command line"),
        r.Time("Invitations:Lifetime", "7d", "1h", "30d", "How long an invitation works"),
        r.Int("Invitations:PerDay", 5000, 1, 1_000_000, "Invitations that one workspace sends in 24 hours at most"));
}
