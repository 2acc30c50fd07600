using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>The link "This wasn't me" as a letter carries it.</summary>
/// <param name="Lifetime">Such as "for 7 days".</param>
public sealed record NotMeLink(string Url, string Lifetime);

/// <summary>How letters about something that happened end: was it you, and what to do when it was not (ASVS 6.3.7).</summary>
internal static class WasItYou
{
    /// <param name="link">Null where there is none: then the letter says how to get help by signing in.</param>
    public static IEnumerable<LetterPart> Parts(Text text, NotMeLink? link)
    {
        yield return new LetterPart.Paragraph(text["letter.was_it_you.then"], text["letter.was_it_you"]);
        if (link is null)
        {
            yield return new LetterPart.Paragraph(text["letter.not_me.without_link"]);
            yield break;
        }
        yield return new LetterPart.Paragraph(text["letter.not_me.press"]) { InPlainText = text["letter.not_me.open"] };
        yield return new LetterPart.Button(text["letter.not_me.button"], link.Url, LetterTone.Danger, link.Lifetime);
    }
}
