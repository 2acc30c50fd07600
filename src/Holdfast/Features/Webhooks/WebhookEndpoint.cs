namespace Holdfast.Features.Webhooks;

/// <summary>How an endpoint stands.</summary>
public static class EndpointStanding
{
    public const string On = "on";
    public const string Failing = "failing";
    public const string Paused = "paused";
}

/// <summary>An address that is told of security events. Rules only.</summary>
public sealed record WebhookEndpoint
{
    /// <summary>Of one endpoint at a time; one that fails is tried with one event alone.</summary>
    public const int MostAtOnce = 4;

    /// <summary>So many there may be: each event is written down for each of them.</summary>
    public const int Most = 20;

    /// <summary>A single failure is none that anybody has to look at.</summary>
    public const int FailuresThatCount = 3;

    /// <summary>After this long without one good answer operators are told by letter, once.</summary>
    public static readonly TimeSpan TellAfter = TimeSpan.FromDays(1);

    /// <summary>Between two tries of an endpoint that fails, however long it has: whether it is back is seen soon.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(5);

    /// <summary>Between two tries of one event.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromHours(12);

    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6)];

    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    /// <summary>It is told of every event that is sent, also of kinds that come later.</summary>
    public bool AllKinds { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    /// <summary>Tries in a row that failed.</summary>
    public int Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    public DateTimeOffset? LastTryAt { get; init; }

    /// <summary>Null when nothing came back.</summary>
    public int? LastStatus { get; init; }

    /// <summary>In our words; null after a good answer.</summary>
    public string? LastProblem { get; init; }

    public bool IsFailing => Failures >= FailuresThatCount;

    /// <summary>One of <see cref="EndpointStanding"/>.</summary>
    public string Standing => PausedAt is not null ? EndpointStanding.Paused : IsFailing ? EndpointStanding.Failing : EndpointStanding.On;

    /// <summary>True when it is time to tell operators.</summary>
    public bool FailsForLong(DateTimeOffset now) => IsFailing && FailingSince is { } since && now - since >= TellAfter;

    /// <summary>How long one event waits after its try number <paramref name="tries"/>: 5 s, then longer each time, up to 12 h.</summary>
    /// <param name="after">What the other side asked for; it counts where it is longer, and never beyond 12 h.</param>
    public static TimeSpan Wait(int tries, TimeSpan? after)
    {
        var own = tries > Waits.Length ? LongestWait : Waits[Math.Max(tries, 1) - 1];
        return after is { } asked && asked > own ? TimeSpan.FromTicks(Math.Min(asked.Ticks, LongestWait.Ticks)) : own;
    }

    /// <summary>How long nothing is sent to it at all after so many failures in a row: 5 s, doubling to 5 minutes.</summary>
    public static TimeSpan Hold(int failures) => TimeSpan.FromSeconds(Math.Min(LongestHold.TotalSeconds, 5 * Math.Pow(2, Math.Clamp(failures - 1, 0, 10))));
}
