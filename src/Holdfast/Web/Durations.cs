using Holdfast.Texts;

namespace Holdfast.Web;

/// <summary>Lengths of time as people say them: "48 seconds", "15 minutes", "12 hours", "30 days".</summary>
public static class Durations
{
    /// <summary>In the largest unit that says it without much loss; rounded up, so that nobody comes too early.</summary>
    public static string Say(TimeSpan time, Text text)
    {
        var seconds = (long)Math.Ceiling(time.TotalSeconds);
        if (seconds < 90) return text.Count("duration.seconds", seconds);
        if (seconds < 90 * 60) return text.Count("duration.minutes", (seconds + 59) / 60);
        if (seconds < 48 * 3600) return text.Count("duration.hours", (seconds + 3599) / 3600);
        return text.Count("duration.days", (seconds + 86_399) / 86_400);
    }
}
