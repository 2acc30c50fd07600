namespace Holdfast.Configuration;

/// <summary>How long the security log is kept.</summary>
/// <param name="Keep">Entries older than this are deleted; null keeps them for ever.</param>
public sealed record AuditSettings(TimeSpan? Keep)
{
    /// <summary>Days. What people and admins look back at, and what cases lean on, is not deleted from under them.</summary>
    public const int LeastDays = 90;

    internal static AuditSettings Read(SettingsReader r)
    {
        var days = r.Int("Audit:KeepDays", 0, 0, 36_500, $"Entries of the security log older than this many days are deleted, once a day, in a way that the rest still verifies; at least {LeastDays}. 0 keeps them for ever");
        return days is 0 or >= LeastDays ? new AuditSettings(days == 0 ? null : TimeSpan.FromDays(days)) : throw new SettingsException("Audit:KeepDays", $"must be 0 or at least {LeastDays}");
    }
}
