using Holdfast.Features.Audit;

namespace Holdfast.Features.Webhooks;

/// <summary>
/// What other systems are told of: the security events by their permanent names, which are those of the security log (<see cref="AuditKind"/>), and what each of them tells. The table of them stands in docs/guides/webhooks.md.
/// </summary>
public static class EventTypes
{
    /// <summary>Kinds that stay here, and why.</summary>
    public static readonly IReadOnlyDictionary<string, string> NotSent = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [AuditKind.AppBegun] = "Nothing is set up yet: a key was shown, and may never be used.",
        [AuditKind.NewDevicePutOff] = "Somebody closed a reminder.",
    };

    /// <summary>Facts of an event that are told, all of them counts, names of ours and ids. One that is added to the log later is not told until it stands here.</summary>
    public static readonly IReadOnlyList<string> Facts =
    [
        "by", "case", "chain", "client", "count", "days", "device", "ended", "how", "key", "phase", "role", "scopes", "severity", "signedOut", "system", "through", "unusual", "way", "webhook", "what", "why",
    ];

    /// <summary>Those that are sent, by the groups that the list of activities has.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Groups = ListActivity.Groups.ToDictionary(group => group.Key, group => (IReadOnlyList<string>)[.. group.Value.Where(IsSent)], StringComparer.Ordinal);

    public static readonly IReadOnlySet<string> All = Groups.Values.SelectMany(kinds => kinds).ToHashSet(StringComparer.Ordinal);

    public static bool IsSent(string kind) => !NotSent.ContainsKey(kind);

    /// <summary><c>failure</c> for what somebody tried and did not reach, else <c>success</c>.</summary>
    public static string Outcome(string kind) => kind is AuditKind.SignInThrottled || kind.EndsWith("failed", StringComparison.Ordinal) ? "failure" : "success";
}
