using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>Operators hear that an address that is told of events has not taken any for a day.</summary>
public static class WebhookFailingLetter
{
    /// <param name="days">After which an event is given up.</param>
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string name, IReadOnlyList<(string Label, string? Value)> facts, int days, string open) => LetterFrame.Build(
        product, text, to, text["letter.webhook_failing.title", name], text["letter.webhook_failing.title", name], firstName, text["letter.webhook_failing.preheader"],
        [
            new LetterPart.Paragraph(text["letter.webhook_failing.what", name]),
            new LetterPart.Facts(facts),
            new LetterPart.Paragraph(text.Count("letter.webhook_failing.then", days)),
            new LetterPart.Button(text["letter.webhook_failing.button"], open, LetterTone.Accent, null),
        ]);
}
