using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What letters about a deletion tell. What is null is left out.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Case">Such as "ER-2026-0217".</param>
/// <param name="Due">When it begins, with the zone.</param>
/// <param name="Day">The same day in short, for the title.</param>
/// <param name="Keep">The link that keeps the account.</param>
/// <param name="From">Device and place that asked.</param>
/// <param name="Points">What happened with it.</param>
/// <param name="Reminders">Two more letters will come; else one.</param>
public sealed record DeletionFacts(string To, string? FirstName, string Case, string Due, string Day, string Keep, string? AskedAt = null, string? From = null, IReadOnlyList<string>? Points = null, bool Reminders = false);

/// <summary>The account is closed and will be deleted, with the link that keeps it; the reminders; the account was kept; everything is deleted (SPEC S10).</summary>
public static class DeletionLetter
{
    public static Letter Scheduled(ProductSettings product, Text text, DeletionFacts facts) => LetterFrame.Build(
        product, text, facts.To, text["letter.deletion.title", facts.Day], text["letter.deletion.title", facts.Day], facts.FirstName, text["letter.deletion.preheader"],
        [
            new LetterPart.Paragraph(text["letter.deletion.what", product.Name, facts.Due]) { Bold = facts.Due },
            new LetterPart.Facts([(text["letter.fact.asked_for"], facts.AskedAt), (text["letter.fact.from"], facts.From), (text["letter.fact.case"], facts.Case)]),
            new LetterPart.Points(facts.Points ?? []),
            new LetterPart.Paragraph(text["letter.deletion.keep"]) { InPlainText = text["letter.deletion.keep.text"] },
            KeepButton(text, facts),
            new LetterPart.Aside(text[facts.Reminders ? "letter.deletion.reminders.two" : "letter.deletion.reminders.one"]),
        ]);

    public static Letter Reminder(ProductSettings product, Text text, DeletionFacts facts) => LetterFrame.Build(
        product, text, facts.To, text["letter.deletion_reminder.title", facts.Day], text["letter.deletion_reminder.title", facts.Day], facts.FirstName, text["letter.deletion_reminder.preheader"],
        [
            new LetterPart.Paragraph(text["letter.deletion_reminder.what", product.Name, facts.Due]) { Bold = facts.Due },
            new LetterPart.Facts([(text["letter.fact.case"], facts.Case)]),
            new LetterPart.Paragraph(text["letter.deletion_reminder.take"]),
            new LetterPart.Paragraph(text["letter.deletion.keep"]) { InPlainText = text["letter.deletion.keep.text"] },
            KeepButton(text, facts),
            new LetterPart.Aside(text["letter.deletion_reminder.else"]),
        ]);

    public static Letter Kept(ProductSettings product, Text text, string to, string? firstName, string time, string? device, NotMeLink notMe) => LetterFrame.Build(
        product, text, to, text["letter.deletion_kept.title"], text["letter.deletion_kept.title"], firstName, text["letter.deletion_kept.preheader"],
        [
            new LetterPart.Paragraph(text["letter.deletion_kept.what", product.Name]),
            new LetterPart.Facts([(text["letter.fact.time"], time), (text["letter.fact.device"], device)]),
            new LetterPart.Paragraph(text["letter.deletion_kept.then"]),
            .. WasItYou.Parts(text, notMe),
        ]);

    private static LetterPart.Button KeepButton(Text text, DeletionFacts facts) => new(text["letter.deletion.keep.button"], facts.Keep, LetterTone.Accent, text["letter.deletion.keep.lifetime"]);
}
