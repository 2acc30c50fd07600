using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="What">What was found, in words.</param>
/// <param name="Place">As <see cref="Features.Places.Place.SayInLetter"/> says it; null is left out.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
public sealed record UnusualFacts(string To, string? FirstName, string What, string Device, string? Place, string Time, string With, NotMeLink Link);

/// <summary>A sign-in that looked wrong.</summary>
public static class UnusualLetter
{
    public static Letter Build(ProductSettings product, Text text, UnusualFacts facts) => LetterFrame.Build(
        product, text, facts.To, text["letter.unusual.title"], text["letter.unusual.title"], facts.FirstName, text["letter.unusual.preheader"],
        [
            new LetterPart.Paragraph(text["letter.unusual.what", product.Name]),
            new LetterPart.Facts([(text["letter.fact.what"], facts.What), (text["letter.fact.device"], facts.Device), (text["letter.fact.place"], facts.Place), (text["letter.fact.time"], facts.Time), (text["letter.fact.signed_in_with"], facts.With)]),
            .. WasItYou.Parts(text, facts.Link),
        ]);
}

/// <param name="FirstName">As the person typed it; may be empty.</param>
public sealed record SecuredFacts(string To, string? FirstName, string SignedOut, string Password, string Factors, string Page);

/// <summary>The end of "Secure my account": a summary for the person, and a list of what to look through for the admins of each workspace.</summary>
public static class SecuredLetter
{
    public static Letter ForPerson(ProductSettings product, Text text, SecuredFacts facts) => LetterFrame.Build(
        product, text, facts.To, text["letter.secured.title"], text["letter.secured.title"], facts.FirstName, text["letter.secured.preheader"],
        [
            new LetterPart.Paragraph(text["letter.secured.what", product.Name]),
            new LetterPart.Facts([(text["letter.secured.signed_out"], facts.SignedOut), (text["letter.secured.password"], facts.Password), (text["letter.secured.factors"], facts.Factors)]),
            new LetterPart.Paragraph(text["letter.secured.then"]),
            new LetterPart.Button(text["letter.secured.button"], facts.Page, LetterTone.Accent, null),
        ]);

    /// <param name="person">Whose account it is, as the workspace shows them.</param>
    /// <param name="page">Where admins see it.</param>
    public static Letter ForAdmin(ProductSettings product, Text text, string to, string? firstName, string person, string workspace, string time, string page)
    {
        var title = text["letter.secured_admin.title", LetterFrame.Unlinked(person)];
        return LetterFrame.Build(product, text, to, title, title, firstName, text["letter.secured_admin.preheader"],
        [
            new LetterPart.Paragraph(text["letter.secured_admin.what", LetterFrame.Unlinked(person), LetterFrame.Unlinked(workspace)]),
            new LetterPart.Facts([(text["letter.fact.workspace"], LetterFrame.Unlinked(workspace)), (text["letter.fact.time"], time)]),
            new LetterPart.Paragraph(text["letter.secured_admin.keys"]), new LetterPart.Paragraph(text["letter.secured_admin.apps"]), new LetterPart.Paragraph(text["letter.secured_admin.activity"]),
            new LetterPart.Button(text["letter.secured_admin.button"], page, LetterTone.Accent, null),
        ]);
    }
}
