using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What a letter about somebody's place in a workspace tells.</summary>
/// <param name="FirstName">As the person typed it; may be empty.</param>
/// <param name="By">Who did it, as the workspace knows them.</param>
/// <param name="Time">From <see cref="LetterTime"/>, with the zone.</param>
/// <param name="Role">The role that it is about; null is left out.</param>
/// <param name="Other">Somebody else whom it is about; null where there is nobody.</param>
/// <param name="Until">A moment to keep in mind, with the zone; null is left out.</param>
/// <param name="Security">Address of the person's own page.</param>
public sealed record MemberFacts(string To, string? FirstName, string Workspace, string By, string Time, string? Role, string? Other, string? Until, string Security);

/// <summary>Somebody's role, or their access to a workspace, was changed by another person; or everybody there needs two-factor from now on.</summary>
public static class MemberLetter
{
    /// <param name="kind">Middle of the text keys: <c>letter.member.{kind}.title</c>, <c>.preheader</c>, <c>.what</c>, <c>.then</c>. The texts know {0} product, {1} workspace, {2} who did it, {3} role, {4} somebody else, {5} a moment.</param>
    public static Letter Build(ProductSettings product, Text text, string kind, MemberFacts facts)
    {
        object?[] args = [product.Name, facts.Workspace, facts.By, facts.Role, facts.Other, facts.Until];
        var title = text[$"letter.member.{kind}.title", args];
        LetterPart[] button = kind == "two_factor_everyone" ? [new LetterPart.Button(text["letter.member.set_up"], facts.Security, LetterTone.Accent, null)] : [];
        return LetterFrame.Build(product, text, facts.To, title, title, facts.FirstName, text[$"letter.member.{kind}.preheader", args],
        [
            new LetterPart.Paragraph(text[$"letter.member.{kind}.what", args]),
            new LetterPart.Facts([(text["letter.fact.workspace"], facts.Workspace), (text["letter.fact.by"], facts.By), (text["letter.fact.role"], facts.Role), (text["letter.fact.time"], facts.Time), (text["letter.fact.until"], facts.Until)]),
            new LetterPart.Paragraph(text[$"letter.member.{kind}.then", args]),
            .. button,
        ]);
    }
}
