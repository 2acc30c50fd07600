using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>To somebody who asked for an account, or whose address a stranger typed: the link that confirms it.</summary>
public static class SignUpLetter
{
    /// <param name="until">End of the link, with the zone.</param>
    public static Letter Build(ProductSettings product, Text text, string to, string url, string until) => LetterFrame.Build(
        product, text, to, text["letter.sign_up.title"], text["letter.sign_up.title"], null, text["letter.sign_up.preheader", product.Name],
        [
            new LetterPart.Paragraph(text["letter.sign_up.what", product.Name]),
            new LetterPart.Button(text["letter.sign_up.button"], url, LetterTone.Accent, text["letter.sign_up.until", until]),
            new LetterPart.Aside(text["letter.sign_up.not_asked"]),
        ], text["letter.sign_up.reason", to, product.Name]);
}

/// <summary>To the owner of an account with whose address somebody asked for another one. Nothing has happened.</summary>
public static class SignUpKnownLetter
{
    public static Letter Build(ProductSettings product, Text text, string to, string firstName, string signIn, string forgot) => LetterFrame.Build(
        product, text, to, text["letter.sign_up_known.title", product.Name], text["letter.sign_up_known.title", product.Name], firstName, text["letter.sign_up_known.preheader"],
        [
            new LetterPart.Paragraph(text["letter.sign_up_known.what", product.Name]),
            new LetterPart.Button(text["letter.sign_up_known.button"], signIn, LetterTone.Accent, null),
            new LetterPart.Paragraph(text["letter.sign_up_known.forgot", forgot]),
            new LetterPart.Aside(text["letter.sign_up_known.not_you"]),
        ], text["letter.sign_up.reason", to, product.Name]);
}

/// <summary>To an address that was an account's until a few days ago and is kept for it.</summary>
public static class SignUpHeldLetter
{
    /// <param name="held">Such as "for 7 days".</param>
    public static Letter Build(ProductSettings product, Text text, string to, string held) => LetterFrame.Build(
        product, text, to, text["letter.sign_up_held.title"], text["letter.sign_up_held.title"], null, text["letter.sign_up_held.preheader"],
        [new LetterPart.Paragraph(text["letter.sign_up_held.what", product.Name, held]), new LetterPart.Aside(text["letter.sign_up_held.not_you"])],
        text["letter.sign_up.reason", to, product.Name]);
}
