using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>The end of every letter about a change: "Was it you?", and the one link for the day that it was not.</summary>
internal static class WasItYou
{
    /// <param name="notMeUrl">The link "This wasn't me"; null where there is none.</param>
    /// <param name="lifetime">Such as "for 7 days"; must be set with the link.</param>
    /// <exception cref="ArgumentException">A link without a lifetime.</exception>
    public static IEnumerable<LetterPart> Parts(Text text, string? notMeUrl, string? lifetime)
    {
        if (notMeUrl is not null && string.IsNullOrEmpty(lifetime)) throw new ArgumentException("A link says how long it works", nameof(lifetime));
        LetterPart asked = new LetterPart.Paragraph(text["letter.was_it_you.then"], text["letter.was_it_you"]);
        if (notMeUrl is null) return [asked, new LetterPart.Paragraph(text["letter.not_me.without_link"])];
        return [asked, new LetterPart.Paragraph(text["letter.not_me.press"]) { InPlainText = text["letter.not_me.open"] }, new LetterPart.Button(text["letter.not_me.button"], notMeUrl, LetterTone.Danger, lifetime)];
    }
}
