using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>The link to choose a new password.</summary>
public static class ResetPasswordLetter
{
    /// <param name="lifetime">Such as "for 30 minutes".</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string url, string lifetime) => LetterFrame.Build(
        product, text, to, text["letter.reset_password.title"], text["letter.reset_password.title"], firstName, text["letter.reset_password.preheader", lifetime],
        [
            new LetterPart.Paragraph(text["letter.reset_password.what", product.Name]),
            new LetterPart.Button(text["letter.reset_password.title"], url, LetterTone.Accent, lifetime),
            new LetterPart.Aside(text["letter.reset_password.not_asked"]),
        ]);
}
