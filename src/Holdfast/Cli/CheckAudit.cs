using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Cli;

/// <summary>Whether the security log is chained as it should be: the ends are ours and fit, and nothing waits for long. <c>holdfast audit verify</c> goes through all of it.</summary>
internal static class CheckAudit
{
    /// <summary>A running server needs a second.</summary>
    private static readonly TimeSpan LongWait = TimeSpan.FromMinutes(10);

    private static Text T => CommandLine.T;

    internal static async Task<Finding> Run(HoldfastSettings settings, Db db, TimeProvider clock, CancellationToken stop)
    {
        var heads = await db.Read(AuditChainTable.Heads, stop);
        var ring = CheckTwoFactor.Ring(settings.Server.KeysPath);
        if ((await db.Read(AuditChainTable.Torn, stop)).Count > 0 || (ring is not null && heads.Any(head => !head.IsSealedBy(ring)))) return new(Tone.Bad, "audit", T["cli.doctor.audit.torn"]);
        var waiting = await db.Read(AuditChainTable.HowManyWait, stop);
        var oldest = waiting.Min(w => w.Oldest);
        if (oldest is { } since && clock.GetUtcNow() - since > LongWait) return new(Tone.Odd, "audit", T["cli.doctor.audit.waiting", waiting.Sum(w => w.Count), Durations.Say(clock.GetUtcNow() - since, T)]);
        return new(Tone.Good, "audit", T["cli.doctor.audit.good", heads.Sum(head => head.Number - head.PrunedThrough), heads.Count]);
    }
}
