namespace Holdfast.Configuration;

/// <summary>Forgotten passwords: how long a mailed link lives, and how many letters and requests there are at most (ASVS 6.5.5, 6.1.1).</summary>
/// <param name="LettersPerHour">To one account, in any 60 minutes. Besides, a request within a minute of the last link sends nothing.</param>
/// <param name="NetworkLimit">Requests from one network in <c>SignIn:NetworkWindow</c>.</param>
public sealed record RecoverySettings(TimeSpan LinkLifetime, int LettersPerHour, int NetworkLimit)
{
    internal static RecoverySettings Read(SettingsReader r) => new(
        r.Time("Recovery:LinkLifetime", "30m", "10m", "24h", "How long a link to choose a new password works"),
        r.Int("Recovery:LettersPerHour", 5, 1, 60, "Links to choose a new password that one account gets in an hour at most; within a minute of the last one there is never another"),
        r.Int("Recovery:NetworkLimit", 30, 5, 1_000_000, "Requests for a new password from one network address (IPv6: from one /64) in SignIn:NetworkWindow"));
}
