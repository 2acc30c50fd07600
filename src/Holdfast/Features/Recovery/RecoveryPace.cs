namespace Holdfast.Features.Recovery;

/// <summary>How often links to choose a new password are mailed to one account: nobody's mailbox is to be filled by strangers. Rules only: no I/O, and the time comes from outside.</summary>
public static class RecoveryPace
{
    /// <summary>Within this time of a link there is no other.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    /// <summary>Time over which letters are counted.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <param name="made">When links were made in the last hour, newest first.</param>
    /// <param name="perHour"><c>Recovery:LettersPerHour</c>.</param>
    /// <returns>How long there will be no other; null when there may be one now.</returns>
    public static TimeSpan? Wait(IReadOnlyList<DateTimeOffset> made, int perHour, DateTimeOffset now)
    {
        var next = made.Count >= perHour ? made[perHour - 1] + Window : DateTimeOffset.MinValue;
        if (made.Count > 0 && made[0] + Pause > next) next = made[0] + Pause;
        return next > now ? next - now : null;
    }
}
