namespace Holdfast.Configuration;

/// <summary>Whom two-factor is asked of, and what may stand in for it (ASVS 6.3.3).</summary>
/// <param name="RequiredForRoles">Roles of a workspace, and <c>operator</c>; empty asks nobody.</param>
/// <param name="Grace">From when the rule first met a person until it holds for them.</param>
/// <param name="Remember">How long a browser may skip the second step once it has been through it; zero for never.</param>
/// <param name="ResetWaiting">From when an operator approves a reset of somebody's two-factor until it takes effect: the person may stop it meanwhile.</param>
public sealed record TwoFactorSettings(IReadOnlyList<string> RequiredForRoles, TimeSpan Grace, TimeSpan Remember, TimeSpan ResetWaiting = default)
{
    private const string Nobody = "none";

    private static readonly string[] Known = ["owner", "admin", "member", "operator"];

    public bool MayRemember => Remember > TimeSpan.Zero;

    internal static TwoFactorSettings Read(SettingsReader r)
    {
        var roles = r.List("TwoFactor:RequiredForRoles", "owner, admin", $"{string.Join(", ", Known)} or {Nobody}", "Who must have two-factor, by their role in any workspace");
        if (roles is [Nobody]) roles = [];
        if (roles.FirstOrDefault(role => !Known.Contains(role, StringComparer.Ordinal)) is { } unknown) throw new SettingsException("TwoFactor:RequiredForRoles", $"\"{unknown}\" is not one of {string.Join(", ", Known)}, or {Nobody} alone");
        return new TwoFactorSettings(
            roles,
            TimeSpan.FromDays(r.Int("TwoFactor:GraceDays", 0, 0, 90, "Days that a person has to set it up, from when the rule first meets them; until then all is open")),
            TimeSpan.FromDays(r.Int("TwoFactor:RememberDays", 0, 0, 90, "Days that a browser may skip the second step after it has been through it; 0 asks every time")),
            TimeSpan.FromHours(r.Int("TwoFactor:ResetWaitingHours", 24, 0, 168, "Hours from when an operator approves a two-factor reset until it takes effect; the person may stop it meanwhile")));
    }
}
