using Holdfast.Storage;

namespace Holdfast.Features.SignIn;

public sealed record ThrottleRow
{
    public int Failures { get; init; }

    public DateTimeOffset WindowEndsAt { get; init; }

    public DateTimeOffset NextTryAt { get; init; }
}

/// <summary>Every statement on the failures that are counted.</summary>
public static class ThrottleTable
{
    public static Task<ThrottleRow?> Of(ReadTx tx, byte[] subject) =>
        tx.One<ThrottleRow>("SELECT failures, window_ends_at, next_try_at FROM throttles WHERE subject = @subject", new { subject });

    /// <summary>Asks and charges in one statement: false, and nothing changed, while a wait is running or the stop is reached.</summary>
    /// <param name="free">Tries before the first wait.</param>
    /// <param name="doublings">From this many doublings on, <paramref name="longest"/> is the wait.</param>
    public static async Task<bool> ChargePerson(WriteTx tx, byte[] subject, DateTimeOffset now, int free, TimeSpan first, TimeSpan longest, int doublings, int stopAt) => await tx.Execute(
        """
        INSERT INTO throttles (subject, failures, window_ends_at, next_try_at, touched_at)
        VALUES (@subject, 1, 0, @now + CASE WHEN @free <= 1 THEN @first ELSE 0 END, @now)
        ON CONFLICT (subject) DO UPDATE SET
          failures = throttles.failures + 1,
          next_try_at = @now + CASE
            WHEN throttles.failures + 1 < @free THEN 0
            WHEN throttles.failures + 1 - @free >= @doublings THEN @longest
            ELSE @first * (1 << (throttles.failures + 1 - @free)) END,
          touched_at = @now
        WHERE throttles.next_try_at <= @now AND throttles.failures < @stopAt
        """,
        new { subject, now, free, first = (long)first.TotalMilliseconds, longest = (long)longest.TotalMilliseconds, doublings, stopAt }) == 1;

    /// <summary>Counts within a window that starts with the first try; false, and nothing changed, when the window is full.</summary>
    public static async Task<bool> ChargeNetwork(WriteTx tx, byte[] subject, DateTimeOffset now, int limit, DateTimeOffset windowEnd) => await tx.Execute(
        """
        INSERT INTO throttles (subject, failures, window_ends_at, next_try_at, touched_at) VALUES (@subject, 1, @windowEnd, 0, @now)
        ON CONFLICT (subject) DO UPDATE SET
          failures = CASE WHEN throttles.window_ends_at <= @now THEN 1 ELSE throttles.failures + 1 END,
          window_ends_at = CASE WHEN throttles.window_ends_at <= @now THEN @windowEnd ELSE throttles.window_ends_at END,
          touched_at = @now
        WHERE throttles.window_ends_at <= @now OR throttles.failures < @limit
        """,
        new { subject, now, windowEnd, limit }) == 1;

    /// <summary>Holds a name without counting anything: whoever does the same with it waits for the end of this transaction.</summary>
    public static Task Hold(WriteTx tx, byte[] subject, DateTimeOffset now) => tx.Execute(
        "INSERT INTO throttles (subject, failures, window_ends_at, next_try_at, touched_at) VALUES (@subject, 0, 0, 0, @now) ON CONFLICT (subject) DO UPDATE SET touched_at = @now", new { subject, now });

    /// <returns>True once for each wait of a person, and once for the stop. Their rows have no window: its column remembers which wait was told of.</returns>
    public static async Task<bool> TellOfPerson(WriteTx tx, byte[] subject) =>
        await tx.Execute("UPDATE throttles SET window_ends_at = next_try_at WHERE subject = @subject AND window_ends_at <> next_try_at", new { subject }) == 1;

    /// <returns>True once for each full window of a network. Their rows have no waits: that column remembers which window was told of.</returns>
    public static async Task<bool> TellOfNetwork(WriteTx tx, byte[] subject) =>
        await tx.Execute("UPDATE throttles SET next_try_at = window_ends_at WHERE subject = @subject AND next_try_at <> window_ends_at", new { subject }) == 1;

    public static Task Refund(WriteTx tx, byte[] subject) =>
        tx.Execute("UPDATE throttles SET failures = failures - 1 WHERE subject = @subject AND failures > 0", new { subject });

    public static Task Clear(WriteTx tx, byte[] subject) =>
        tx.Execute("UPDATE throttles SET failures = 0, next_try_at = 0 WHERE subject = @subject", new { subject });

    /// <summary>Forgets counts that nobody has touched for long and that hold nobody back.</summary>
    public static Task<int> DeleteUntouchedSince(WriteTx tx, DateTimeOffset before, int limit) => tx.Execute(
        "DELETE FROM throttles WHERE subject IN (SELECT subject FROM throttles WHERE touched_at < @before ORDER BY touched_at, subject LIMIT @limit)", new { before, limit });
}
