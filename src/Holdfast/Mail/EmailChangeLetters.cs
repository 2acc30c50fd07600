using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What letters about another e-mail address tell.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Device">Such as "Chrome on Windows".</param>
/// <param name="Place">Such as "Near Warsaw, Poland (approximate)"; null when unknown, then left out.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
public sealed record EmailChangeFacts(string To, string? FirstName, string Device, string? Place, string Time)
{
    internal LetterPart.Facts Part(Text text, string newEmail) => new(
    [
        (text["letter.fact.new_email"], newEmail), (text["letter.fact.device"], Device), (text["letter.fact.place"], Place), (text["letter.fact.time"], Time),
    ]);
}

/// <summary>To a new address: is it yours?</summary>
public static class ConfirmEmailLetter
{
    /// <param name="lifetime">Such as "for 24 hours".</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string url, string lifetime) => LetterFrame.Build(
        product, text, to, text["letter.confirm_email.title"], text["letter.confirm_email.title"], firstName, text["letter.confirm_email.preheader"],
        [
            new LetterPart.Paragraph(text["letter.confirm_email.what", product.Name]),
            new LetterPart.Button(text["letter.confirm_email.button"], url, LetterTone.Accent, lifetime),
            new LetterPart.Aside(text["letter.confirm_email.not_asked"]),
        ]);
}

/// <summary>To the old address: a change was asked for, nothing has happened yet.</summary>
public static class EmailChangeAskedLetter
{
    public static Letter Build(ProductSettings product, Text text, EmailChangeFacts facts, string newEmail, NotMeLink notMe) => LetterFrame.Build(
        product, text, facts.To, text["letter.email_change_asked.title"], text["letter.email_change_asked.title"], facts.FirstName, text["letter.email_change_asked.preheader"],
        [new LetterPart.Paragraph(text["letter.email_change_asked.what", product.Name]), facts.Part(text, newEmail), .. WasItYou.Parts(text, notMe)]);
}

/// <summary>To the old address: it is done, and can be taken back (ASVS 6.3.7).</summary>
public static class EmailChangedLetter
{
    /// <param name="lifetime">Such as "for 7 days".</param>
    public static Letter Build(ProductSettings product, Text text, EmailChangeFacts facts, string newEmail, string undoUrl, string lifetime) => LetterFrame.Build(
        product, text, facts.To, text["letter.email_changed.title"], text["letter.email_changed.title"], facts.FirstName, text["letter.email_changed.preheader"],
        [
            new LetterPart.Paragraph(text["letter.email_changed.what", product.Name]),
            facts.Part(text, newEmail),
            new LetterPart.Paragraph(text["letter.was_it_you.then"], text["letter.was_it_you"]),
            new LetterPart.Paragraph(text["letter.email_changed.press"]) { InPlainText = text["letter.email_changed.open"] },
            new LetterPart.Button(text["letter.email_changed.button"], undoUrl, LetterTone.Danger, lifetime),
        ]);
}

/// <summary>To an address that has an account already, and that another account asked for.</summary>
public static class EmailTakenLetter
{
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string time) => LetterFrame.Build(
        product, text, to, text["letter.email_taken.title"], text["letter.email_taken.title"], firstName, text["letter.email_taken.preheader"],
        [new LetterPart.Paragraph(text["letter.email_taken.what", product.Name]), new LetterPart.Facts([(text["letter.fact.time"], time)]), new LetterPart.Paragraph(text["letter.email_taken.then"])]);
}
