using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What the letter with the link to choose a new password tells.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Lifetime">Such as "30 minutes".</param>
/// <param name="Until">From <see cref="LetterTime"/>, with the zone.</param>
/// <param name="Asked">Somebody asked for it; else the password was stopped by "This wasn't me".</param>
public sealed record ResetPasswordFacts(string To, string? FirstName, string Url, string Lifetime, string Until, bool Asked);

/// <summary>The link to choose a new password (SPEC S9).</summary>
public static class ResetPasswordLetter
{
    public static Letter Build(ProductSettings product, Text text, ResetPasswordFacts facts)
    {
        ArgumentNullException.ThrowIfNull(product);
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(facts);
        var why = facts.Asked ? "asked" : "stopped";
        return LetterFrame.Build(
            product, text, facts.To, text["letter.reset_password.title"], text["letter.reset_password.heading"], facts.FirstName, text["letter.reset_password.preheader", facts.Lifetime],
            [
                new LetterPart.Paragraph(text[$"letter.reset_password.{why}", product.Name]),
                new LetterPart.Button(text["letter.reset_password.title"], facts.Url, LetterTone.Accent, text["letter.lifetime.until", facts.Until]) { Bold = facts.Until },
                new LetterPart.Aside(text[$"letter.reset_password.{why}.else"], text[$"letter.reset_password.{why}.else.lead"]),
            ]);
    }
}
