namespace Holdfast.Configuration;

/// <summary>Who may make an account.</summary>
public enum SignUpMode
{
    /// <summary>Whoever is invited to a workspace.</summary>
    Invitation,

    /// <summary>Everybody who confirms an e-mail address; and whoever is invited.</summary>
    Open,

    /// <summary>Nobody: accounts are made at the command line, and invitations add people who have one.</summary>
    Closed,
}

/// <summary>How people come in: by themselves, and by invitation.</summary>
/// <param name="ConfirmLifetime">How long an address may be confirmed after signing up; then what was typed is deleted.</param>
/// <param name="NetworkLimit">Sign-ups from one network in <c>SignIn:NetworkWindow</c>.</param>
/// <param name="InvitationsPerDay">Letters of one workspace in any 24 hours.</param>
public sealed record SignUpSettings(SignUpMode Mode, TimeSpan ConfirmLifetime, int NetworkLimit, TimeSpan InvitationLifetime, int InvitationsPerDay)
{
    internal static SignUpSettings Read(SettingsReader r) => new(
        r.Choice("SignUp:Mode", SignUpMode.Invitation, "Who may make an account: whoever is invited to a workspace; everybody who confirms an address; or nobody, and accounts are made at the command line"),
        r.Time("SignUp:ConfirmLifetime", "24h", "10m", "7d", "How long somebody who signed up may confirm their address"),
        r.Int("SignUp:NetworkLimit", 20, 1, 1_000_000, "Sign-ups from one network address (IPv6: from one /64) in SignIn:NetworkWindow"),
        r.Time("Invitations:Lifetime", "7d", "1h", "30d", "How long an invitation works"),
        r.Int("Invitations:PerDay", 5000, 1, 1_000_000, "Invitations that one workspace sends in 24 hours at most"));
}
