using Holdfast.Secrets;
using Holdfast.Texts;

namespace Holdfast.Features.Erasure;

/// <summary>How a step stands. Permanent names.</summary>
public static class StepState
{
    public const string Waiting = "waiting";
    public const string Acknowledged = "acknowledged";

    /// <summary>By an operator, with a reason.</summary>
    public const string ClosedByHand = "closed_by_hand";

    /// <summary>A later step made it pointless: the account was kept, or the deletion has begun.</summary>
    public const string Overtaken = "overtaken";
}

/// <summary>One thing that one system is told, until it acknowledges. Rules only: no I/O, and the time comes from outside.</summary>
public sealed record ErasureStep
{
    /// <summary>Writes the account into the list that no backup holds. Before any system is told.</summary>
    public const string ListConnector = "list";

    /// <summary>The account's own rows. After all systems have acknowledged.</summary>
    public const string AccountConnector = "account";

    public const int FirstHold = 0;
    public const int FirstRelease = 1000;
    public const int FirstErase = 2000;

    /// <summary>Longer than any one call may take, so that no step is taken twice while it is under way.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    /// <summary>No wait that another system asks for is longer.</summary>
    private static readonly TimeSpan LongestAskedFor = TimeSpan.FromDays(1);

    /// <summary>A next try further ahead than this was planned by a clock that ran ahead.</summary>
    public static readonly TimeSpan LongestWait = LongestAskedFor + Lease;

    private static readonly TimeSpan[] Waits =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(2), TimeSpan.FromHours(4), TimeSpan.FromHours(8)];

    public required string AccountId { get; init; }

    public required string DeletionId { get; init; }

    public int Position { get; init; }

    /// <summary>One of <see cref="ErasurePhase"/>.</summary>
    public required string Phase { get; init; }

    public required string Connector { get; init; }

    /// <summary>The connector's name, as it was when the step was made.</summary>
    public required string Name { get; init; }

    public required string IdempotencyKey { get; init; }

    /// <summary>One of <see cref="StepState"/>.</summary>
    public required string State { get; init; }

    public int Tries { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    public DateTimeOffset? FirstTryAt { get; init; }

    public DateTimeOffset? LastTryAt { get; init; }

    /// <summary>Null when it waits for an operator, or is over.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    public DateTimeOffset ClaimedUntil { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What the system said, or the reason of who closed it.</summary>
    public string? Said { get; init; }

    /// <summary>What stays there: lines.</summary>
    public string? Kept { get; init; }

    public string? ClosedBy { get; init; }

    public string SayName(Text text) => Connector switch { ListConnector => text["erasure.list"], AccountConnector => text["receipt.account"], _ => Name };

    public bool IsOpen => EndedAt is null;

    /// <summary>A system that does not acknowledge: shown to operators.</summary>
    public bool IsFailing => IsOpen && Tries > 0 && ClaimedUntil == DateTimeOffset.UnixEpoch;

    /// <summary>Nothing more happens by itself.</summary>
    public bool WaitsForOperator => IsOpen && NextTryAt is null;

    /// <summary>Its place among the steps that people see: connectors from 1 on, the account last.</summary>
    public int Number => Position - FirstErase;

    public bool IsShown => Phase == ErasurePhase.Erase && Connector != ListConnector;

    public bool MayBeClosedByHand => IsOpen && Connector is not (ListConnector or AccountConnector);

    public static string KeyOf(string deletionId, string phase, string connector) => $"er_{deletionId.Replace("-", "", StringComparison.Ordinal)}_{phase}_{connector}";

    /// <summary>Growing waits: a minute after the first failure, 8 hours from the seventh on; never shorter than the other side asks for. Null when it has been tried long enough.</summary>
    /// <param name="asked">What the other side asks for.</param>
    public DateTimeOffset? NextTry(DateTimeOffset now, TimeSpan? asked, TimeSpan tryFor)
    {
        if (now - (FirstTryAt ?? now) >= tryFor) return null;
        var wait = Waits[Math.Clamp(Tries - 1, 0, Waits.Length - 1)];
        if (asked is { } longer && longer > wait) wait = longer < LongestAskedFor ? longer : LongestAskedFor;
        return now + wait;
    }
}

/// <summary>One try of a step.</summary>
public sealed record ErasureTry
{
    public long Position { get; init; }

    public long Number { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>Milliseconds.</summary>
    public long Took { get; init; }

    public required string Answer { get; init; }
}

/// <summary>What a connector remembers between its steps, sealed.</summary>
internal static class ErasureMemo
{
    public static byte[] Seal(KeyRing keys, ErasureStep step, string memo) => keys.Seal(Purpose(step), System.Text.Encoding.UTF8.GetBytes(memo));

    public static string? Open(KeyRing keys, ErasureStep step, byte[]? memo) => memo is not null && keys.Open(Purpose(step), memo) is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private static string Purpose(ErasureStep step) => $"erasure memo {step.DeletionId} {step.Connector}";
}
