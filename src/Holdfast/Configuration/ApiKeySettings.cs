namespace Holdfast.Configuration;

/// <summary>Keys for programs.</summary>
/// <param name="Longest">A key ends this long after it was made at the latest; null allows keys without an end.</param>
public sealed record ApiKeySettings(TimeSpan? Longest)
{
    internal static ApiKeySettings Read(SettingsReader r)
    {
        var days = r.Int("ApiKeys:LongestDays", 365, 0, 3650, "API keys of workspaces end after this many days at the latest; 0 allows keys without an end");
        return new ApiKeySettings(days == 0 ? null : TimeSpan.FromDays(days));
    }
}
