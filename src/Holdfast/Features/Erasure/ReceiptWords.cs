using Holdfast.Mail;
using Holdfast.Texts;

namespace Holdfast.Features.Erasure;

/// <param name="At">Such as "14 December 2026, 09:30 (UTC)".</param>
/// <param name="Tries">Such as "first try", or "after 3 tries".</param>
public sealed record ReceiptLine(string Name, string Said, string At, string Tries);

/// <summary>A receipt in somebody's language.</summary>
/// <param name="zone">IANA name; null for UTC.</param>
public sealed class ReceiptWords(Receipt receipt, Text text, string? zone)
{
    public IReadOnlyList<(string Label, string? Value)> Facts =>
    [
        (text["receipt.case"], receipt.Case),
        (text["letter.fact.asked_for"], LetterTime.Format(text, receipt.AskedAt, zone)),
        (text["receipt.begun"], LetterTime.Format(text, receipt.BegunAt, zone)),
        (text["receipt.ended"], LetterTime.Format(text, receipt.EndedAt, zone)),
    ];

    public IReadOnlyList<ReceiptLine> Systems =>
    [
        .. receipt.Systems.Select(s => new ReceiptLine(s.Name, s.How == StepState.ClosedByHand ? text["receipt.by_hand", s.Said] : s.Said.Length > 0 ? s.Said : text["receipt.acknowledged"],
            LetterTime.Format(text, s.At, zone), s.Tries <= 1 ? text["receipt.first_try"] : text["receipt.tries", s.Tries])),
        new ReceiptLine(text["receipt.account"], Account, LetterTime.Format(text, receipt.EndedAt, zone), ""),
    ];

    public IReadOnlyList<string> Kept => [.. receipt.Systems.SelectMany(s => s.Kept.Select(line => $"{s.Name}: {line}")), text["receipt.kept.log"]];

    private string Account => receipt.Account.Workspaces == 0
        ? text.Count("receipt.account.said", receipt.Account.Sessions)
        : $"{text.Count("receipt.account.said", receipt.Account.Sessions)} {text.Count("receipt.account.workspaces", receipt.Account.Workspaces)}";
}
