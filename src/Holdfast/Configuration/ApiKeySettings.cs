namespace Holdfast.Configuration;

/// <summary>Keys for programs.</summary>
/// <param name="Longest">A key ends this long after it was made at the latest; null allows keys without an end.</param>
/// <param name="PerMinute">Requests with one key that each server answers in a minute.</param>
public sealed record ApiKeySettings(TimeSpan? Longest, int PerMinute)
{
    internal static ApiKeySettings Read(SettingsReader r)
    {
        var days = r.Int("ApiKeys:LongestDays", 365, 0, 3650, "API keys of workspaces end after this many days at the latest; 0 allows keys without an end");
        return new ApiKeySettings(days == 0 ? null : TimeSpan.FromDays(days), r.Int("ApiKeys:PerMinute", 600, 10, 1_000_000, "Requests with one API key that each server answers in a minute; the rest is told to wait"));
    }
}
