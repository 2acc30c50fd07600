using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What the letter about a changed password tells.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Device">Such as "Chrome on Windows".</param>
/// <param name="Place">Such as "Near Warsaw, Poland (approximate)"; null when unknown, then left out.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
/// <param name="ConfirmedWith">Such as "Password and 6-digit code"; null is left out.</param>
/// <param name="SignedOut">Other devices that were signed out.</param>
/// <param name="Kept">Other devices that stay signed in.</param>
/// <param name="NotMe">The link "This wasn't me"; null where there is none.</param>
public sealed record PasswordChangedFacts(string To, string? FirstName, string Device, string? Place, string Time, string? ConfirmedWith, int SignedOut, int Kept, NotMeLink? NotMe);

/// <summary>Confirms that the password was changed, by whom it seems, and how to undo it (SPEC S3, ASVS 6.3.7).</summary>
public static class PasswordChangedLetter
{
    /// <exception cref="ArgumentException">A link that is not http or https.</exception>
    public static Letter Build(ProductSettings product, Text text, PasswordChangedFacts facts)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(facts);
        List<LetterPart> parts =
        [
            new LetterPart.Paragraph(string.Join(' ', WhatHappened(product, text, facts))),
            new LetterPart.Facts(
            [
                (text["letter.fact.device"], facts.Device),
                (text["letter.fact.place"], facts.Place),
                (text["letter.fact.time"], facts.Time),
                (text["letter.fact.confirmed_with"], facts.ConfirmedWith),
            ]),
            .. WasItYou.Parts(text, facts.NotMe),
        ];
        var title = text["letter.password_changed.title"];
        return LetterFrame.Build(product, text, facts.To, title, title, facts.FirstName, text["letter.password_changed.preheader", facts.Time, facts.Device], parts);
    }

    private static IEnumerable<string> WhatHappened(ProductSettings product, Text text, PasswordChangedFacts facts)
    {
        yield return text["letter.password_changed.what", product.Name];
        if (facts.SignedOut > 0) yield return text.Count("letter.password_changed.signed_out", facts.SignedOut, InWords(text, facts.SignedOut));
        if (facts.Kept > 0) yield return text.Count("letter.password_changed.kept", facts.Kept, InWords(text, facts.Kept));
    }

    /// <summary>Small numbers begin a sentence as words.</summary>
    private static string InWords(Text text, int count) => text.Has($"letter.number.{count}") ? text[$"letter.number.{count}"] : count.ToString(text.Culture);
}
