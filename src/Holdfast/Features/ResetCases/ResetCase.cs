using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Web;

namespace Holdfast.Features.ResetCases;

/// <summary>Where a case stands. Permanent names.</summary>
public static class CaseState
{
    /// <summary>Waits for an operator.</summary>
    public const string Requested = "requested";

    /// <summary>Approved: the waiting time runs.</summary>
    public const string Waiting = "waiting";

    /// <summary>The factors were removed.</summary>
    public const string Done = "done";

    public const string Declined = "declined";

    /// <summary>By the person, or by an operator while it waited.</summary>
    public const string Stopped = "stopped";

    /// <summary>By the workspace that had asked.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Nobody decided it in time.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>There was nothing left to remove: two-factor went off in another way.</summary>
    public const string Overtaken = "overtaken";

    public static readonly IReadOnlyList<string> Closed = [Done, Declined, Stopped, Withdrawn, Lapsed, Overtaken];
}

/// <summary>
/// The reset of somebody's two-factor as a case: requested → waiting → done, or closed on the way. Its state says what the next step is; once it is closed nothing changes it, and the database refuses to (ASVS 6.4.3, 6.4.4).
/// Rules only: no I/O, and the time comes from outside.
/// </summary>
public sealed record ResetCase
{
    /// <summary>A request that nobody decides ends by itself.</summary>
    public static readonly TimeSpan UndecidedLifetime = TimeSpan.FromDays(14);

    /// <summary>Cases about one person in <see cref="PaceWindow"/>: each costs them a letter, and the wish to read the next one.</summary>
    public const int MostInWindow = 3;

    public static readonly TimeSpan PaceWindow = TimeSpan.FromDays(7);

    public required string AccountId { get; init; }

    public required string Id { get; init; }

    public long Number { get; init; }

    public required string WorkspaceId { get; init; }

    public required string State { get; init; }

    public required string RequestedBy { get; init; }

    public DateTimeOffset RequestedAt { get; init; }

    /// <summary>SHA-256 over a salt and the request's text.</summary>
    public required byte[] RequestSeal { get; init; }

    public string? DecidedBy { get; init; }

    public DateTimeOffset? DecidedAt { get; init; }

    public byte[]? DecisionSeal { get; init; }

    /// <summary>The due moment. It only ever moves later.</summary>
    public DateTimeOffset? WaitsUntil { get; init; }

    public DateTimeOffset? RemindedAt { get; init; }

    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Empty for the server.</summary>
    public string? ClosedBy { get; init; }

    public DateTimeOffset? ClosedAt { get; init; }

    /// <summary>In what way it was stopped; empty elsewhere.</summary>
    public string? ClosedWhy { get; init; }

    /// <summary>Sessions that ended with the reset.</summary>
    public long? SignedOut { get; init; }

    public byte[]? Fingerprint { get; init; }

    /// <summary>How people speak of it, such as "TF-0042".</summary>
    public string Label => LabelOf(Number);

    public static string LabelOf(long number) => string.Create(CultureInfo.InvariantCulture, $"TF-{number:0000}");

    public bool IsOpen => ClosedAt is null;

    /// <summary>Null when this operator may decide it: four eyes, and nobody's own case.</summary>
    public Refusal? WhyNotDecide(string operatorId)
    {
        if (!IsOpen) return CaseRefusals.Closed;
        if (operatorId == RequestedBy) return CaseRefusals.OwnRequest;
        if (operatorId == AccountId) return CaseRefusals.AboutYourself;
        return State == CaseState.Requested ? null : CaseRefusals.DecidedAlready;
    }

    /// <summary>When the server looks at a case that is approved now: half-way for the reminder, or at once where there is no wait.</summary>
    public static DateTimeOffset FirstLook(DateTimeOffset now, TimeSpan waiting) => now + waiting / 2;

    /// <summary>A reminder is due before the end: so one goes out also when the server was down at half-time.</summary>
    public bool WantsReminder => State == CaseState.Waiting && RemindedAt is null && WaitsUntil > DecidedAt;

    /// <summary>
    /// The due moment once the reminder goes out: at least a quarter of the waiting time is left to stop it. A server that was down all the time, or a clock that jumped ahead, takes nobody's chance away.
    /// </summary>
    public DateTimeOffset DueAfterReminder(DateTimeOffset now)
    {
        var (until, least) = (WaitsUntil!.Value, now + (WaitsUntil.Value - DecidedAt!.Value) / 4);
        return until > least ? until : least;
    }

    public bool IsDue(DateTimeOffset now) => State == CaseState.Waiting && IsOpen && !WantsReminder && now >= WaitsUntil;

    /// <summary>SHA-256 over everything that a closed case says, the commitments to its texts included: it stands in the audit log as well.</summary>
    public byte[] Fingerprinted()
    {
        static string At(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture) ?? "";
        static string Hex(byte[]? bytes) => bytes is null ? "" : Convert.ToHexStringLower(bytes);
        string[] parts =
        [
            "reset case 1", Id, Number.ToString(CultureInfo.InvariantCulture), AccountId, WorkspaceId, State, RequestedBy, At(RequestedAt), Hex(RequestSeal), DecidedBy ?? "", At(DecidedAt), Hex(DecisionSeal),
            At(WaitsUntil), At(RemindedAt), ClosedBy ?? "", At(ClosedAt), ClosedWhy ?? "", SignedOut?.ToString(CultureInfo.InvariantCulture) ?? "",
        ];
        return SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
    }
}

public static class CaseRefusals
{
    public static readonly Refusal NotFound = new("request.not_found", 404);
    public static readonly Refusal NoSuchUser = Users.UserRefusals.Unknown;
    public static readonly Refusal Closed = new("reset_case.closed", 409);
    public static readonly Refusal DecidedAlready = new("reset_case.decided_already", 409);
    public static readonly Refusal NotWaiting = new("reset_case.not_waiting", 409);
    public static readonly Refusal OwnRequest = new("reset_case.own_request", 403);
    public static readonly Refusal AboutYourself = new("reset_case.about_yourself", 403);
    public static readonly Refusal Yourself = new("reset_case.yourself", 409);
    public static readonly Refusal OpenAlready = new("reset_case.open_already", 409);
    public static readonly Refusal NoneOpen = new("reset_case.none_open", 404);
    public static readonly Refusal TooMany = new("reset_case.too_many", 429);
    public static readonly Refusal TalkFirst = new("reset_case.talk_first", 400, "known");
    public static readonly Refusal NoLinks = new("reset_case.no_links", 400, "reason");
    public static readonly Refusal SayHow = new("reset_case.say_how", 400, "way");
    public static readonly Refusal NoStake = new("reset_case.no_stake", 400, "other");
}
