using Holdfast.Features.Deletion;

namespace Holdfast.Features.Erasure;

/// <summary>What remains of a deletion: when, and which system acknowledged with what. It names nobody.</summary>
/// <param name="Case">Such as "ER-2026-0217".</param>
/// <param name="Systems">In the order in which they were told.</param>
/// <param name="Account">What was deleted here, counted.</param>
public sealed record Receipt(string Case, string Product, DateTimeOffset AskedAt, DateTimeOffset BegunAt, DateTimeOffset EndedAt, IReadOnlyList<ReceiptSystem> Systems, ErasedCounts Account);

/// <param name="How"><c>acknowledged</c>, or <c>closed_by_hand</c>: by an operator, and <paramref name="Said"/> is their reason.</param>
/// <param name="Said">In the system's own words; empty when it said nothing.</param>
/// <param name="Tries">How often it was asked.</param>
public sealed record ReceiptSystem(string Name, string How, string Said, IReadOnlyList<string> Kept, DateTimeOffset At, int Tries);

/// <param name="Events">Entries of the security log that lost their personal side.</param>
/// <param name="Workspaces">Those that went with the account.</param>
public sealed record ErasedCounts(long Sessions, long Events, long Workspaces);

/// <summary>Makes sure that nothing in a text names the person.</summary>
public static class NamesNobody
{
    public const int LongestText = 300;

    /// <returns>The text on one line, cut; empty when it holds the person's address, name or id.</returns>
    public static string Clean(string? text, string accountId, string email, string name)
    {
        if (string.IsNullOrWhiteSpace(text)) return "";
        var line = new string([.. text.Select(c => char.IsControl(c) ? ' ' : c)]).Trim();
        if (line.Length > LongestText) line = line[..LongestText].TrimEnd() + "…";
        // All of the text is looked at, not only what is left of it.
        return new[] { accountId, email, name }.Any(secret => secret.Length > 1 && text.Contains(secret, StringComparison.OrdinalIgnoreCase)) ? "" : line;
    }

    internal static Receipt Receipt(DeletionCase done, string product, IReadOnlyList<ErasureStep> steps, ErasedCounts counts, DateTimeOffset now) => new(
        done.Label, product, done.AskedAt, done.BegunAt ?? now, now,
        [
            .. steps.Where(step => step.IsShown && step.Connector != ErasureStep.AccountConnector)
                .Select(step => new ReceiptSystem(step.Name, step.State, step.Said ?? "", step.Kept?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [], step.EndedAt ?? now, step.Tries)),
        ],
        counts);
}
