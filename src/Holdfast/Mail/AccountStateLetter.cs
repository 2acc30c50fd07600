using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>Those who run the server closed an account, or opened it again.</summary>
public static class AccountStateLetter
{
    /// <param name="kind">Middle of the text keys: <c>letter.{kind}.title</c>, <c>.preheader</c>, <c>.what</c>, <c>.then</c>.</param>
    public static Letter Build(ProductSettings product, Text text, string kind, string to, string? firstName, string time) => LetterFrame.Build(
        product, text, to, text[$"letter.{kind}.title"], text[$"letter.{kind}.title"], firstName, text[$"letter.{kind}.preheader"],
        [
            new LetterPart.Paragraph(text[$"letter.{kind}.what", product.Name]),
            new LetterPart.Facts([(text["letter.fact.time"], time)]),
            new LetterPart.Paragraph(text[$"letter.{kind}.then"]),
        ]);
}
