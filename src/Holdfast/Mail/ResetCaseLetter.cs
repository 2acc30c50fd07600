using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What letters about a two-factor reset tell. What is null is left out.</summary>
/// <param name="To">Whose letter it is.</param>
/// <param name="FirstName">Theirs, as typed; may be empty.</param>
/// <param name="Case">Such as "TF-0042".</param>
/// <param name="Person">Whose two-factor it is about.</param>
/// <param name="By">Who asked.</param>
/// <param name="Role">Of who asked, in words.</param>
/// <param name="Reason">As who asked gave it.</param>
/// <param name="CheckedBy">How the identity was made sure of, in fixed words.</param>
/// <param name="Effect">When it takes effect, with the zone.</param>
public sealed record ResetCaseFacts(string To, string? FirstName, string Case, string Person, string By, string Role, string Workspace, string? Reason = null, string? CheckedBy = null, string? Effect = null);

/// <summary>The person, the requester and the operators hear of every step of a case (ASVS 6.3.7).</summary>
public static class ResetCaseLetter
{
    /// <param name="kind">Middle of the text keys: <c>letter.reset_case.{kind}.title</c>, <c>.preheader</c>, <c>.what</c>, <c>.then</c>. They know {0} product, {1} person, {2} requester, {3} workspace, {4} case, {5} when it takes effect, {6} the requester's role.</param>
    /// <param name="stop">The link that stops it; null where nothing can be stopped.</param>
    /// <param name="open">Address of a page to go to; null for none.</param>
    public static Letter Build(ProductSettings product, Text text, string kind, ResetCaseFacts facts, string? stop = null, string? open = null)
    {
        facts = facts with { Reason = facts.Reason is null ? null : LetterFrame.Unlinked(facts.Reason), By = LetterFrame.Unlinked(facts.By), Role = LetterFrame.Unlinked(facts.Role), Workspace = LetterFrame.Unlinked(facts.Workspace) };
        object?[] args = [product.Name, facts.Person, facts.By, facts.Workspace, facts.Case, facts.Effect, facts.Role];
        var title = text[$"letter.reset_case.{kind}.title", args];
        LetterPart[] end = stop is not null
            ? [
                new LetterPart.Paragraph(text[$"letter.reset_case.{kind}.then", args], text["letter.reset_case.right"]),
                new LetterPart.Paragraph(text["letter.reset_case.stop"], text["letter.reset_case.nobody"]) { InPlainText = text["letter.reset_case.stop.text"] },
                new LetterPart.Button(text["letter.reset_case.stop.button"], stop, LetterTone.Accent, text["letter.reset_case.stop.lifetime"]),
            ]
            : [new LetterPart.Paragraph(text[$"letter.reset_case.{kind}.then", args]), .. open is null ? Array.Empty<LetterPart>() : [new LetterPart.Button(text["letter.reset_case.open.button"], open, LetterTone.Accent, null)]];
        return LetterFrame.Build(product, text, facts.To, title, title, facts.FirstName, text[$"letter.reset_case.{kind}.preheader", args],
        [
            new LetterPart.Paragraph(text[$"letter.reset_case.{kind}.what", args]),
            new LetterPart.Facts([(text["letter.fact.case"], facts.Case), (text["letter.fact.reason"], facts.Reason), (text["letter.fact.checked_by"], facts.CheckedBy), (text["letter.fact.effect"], facts.Effect)]),
            .. end,
        ]);
    }
}
