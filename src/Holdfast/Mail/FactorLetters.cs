using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What every letter about a person's factors tells.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="Device">Such as "Chrome on Windows".</param>
/// <param name="Place">Such as "Near Warsaw, Poland (approximate)"; null when unknown, then left out.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
/// <param name="Methods">What it was confirmed or signed in with, such as "Password, 6-digit code"; null is left out.</param>
public sealed record FactorFacts(string To, string? FirstName, string Device, string? Place, string Time, string? Methods, NotMeLink NotMe);

/// <summary>Two-factor was turned on; an app was added, replaced or removed; new recovery codes were made (ASVS 6.3.7).</summary>
public static class FactorChangedLetter
{
    /// <param name="kind">Middle of the text keys: <c>letter.{kind}.title</c>, <c>.what</c>, <c>.then</c>.</param>
    /// <param name="app">Name of the app, as the person typed it; empty where it is about none.</param>
    public static Letter Build(ProductSettings product, Text text, string kind, string app, FactorFacts facts) => FactorLetter.Build(
        product, text, facts, text[$"letter.{kind}.title"], text[$"letter.{kind}.preheader", app], new LetterPart.Paragraph(text[$"letter.{kind}.what", product.Name, app]), text["letter.fact.confirmed_with"], text[$"letter.{kind}.then"]);
}

/// <summary>The account opens with the password alone again.</summary>
public static class TwoFactorOffLetter
{
    public static Letter Build(ProductSettings product, Text text, FactorFacts facts) => FactorLetter.Build(
        product, text, facts, text["letter.two_factor_off.title"], text["letter.two_factor_off.preheader"], new LetterPart.Paragraph(text["letter.two_factor_off.what", product.Name]), text["letter.fact.confirmed_with"], text["letter.two_factor_off.then"]);
}

/// <summary>Somebody signed in, or confirmed who they are, with a recovery code.</summary>
public static class RecoveryCodeUsedLetter
{
    /// <param name="left">Codes that are left.</param>
    /// <param name="of">Codes that there were.</param>
    public static Letter Build(ProductSettings product, Text text, int left, int of, FactorFacts facts)
    {
        var bold = text.Count("letter.recovery_code_used.left", left, of);
        return FactorLetter.Build(product, text, facts, text["letter.recovery_code_used.title"], text.Count("letter.recovery_code_used.preheader", left), new LetterPart.Paragraph($"{text["letter.recovery_code_used.what"]} {bold}") { Bold = bold },
            text["letter.fact.signed_in_with"], text["letter.recovery_code_used.then"]);
    }
}

/// <summary>Those who run the server removed a person's factors.</summary>
public static class TwoFactorResetLetter
{
    public static Letter Build(ProductSettings product, Text text, string to, string? firstName, string time, NotMeLink notMe) => LetterFrame.Build(
        product, text, to, text["letter.two_factor_reset.title"], text["letter.two_factor_reset.title"], firstName, text["letter.two_factor_reset.preheader"],
        [
            new LetterPart.Paragraph(text["letter.two_factor_reset.what", product.Name]),
            new LetterPart.Facts([(text["letter.fact.time"], time)]),
            new LetterPart.Paragraph(text["letter.two_factor_reset.then"]),
            .. WasItYou.Parts(text, notMe),
        ]);
}

internal static class FactorLetter
{
    internal static Letter Build(ProductSettings product, Text text, FactorFacts facts, string title, string preheader, LetterPart what, string methodsLabel, string then) => LetterFrame.Build(
        product, text, facts.To, title, title, facts.FirstName, preheader,
        [
            what,
            new LetterPart.Facts([(text["letter.fact.device"], facts.Device), (text["letter.fact.place"], facts.Place), (text["letter.fact.time"], facts.Time), (methodsLabel, facts.Methods)]),
            new LetterPart.Paragraph(then),
            .. WasItYou.Parts(text, facts.NotMe),
        ]);
}
