using Holdfast.Configuration;
using Holdfast.Texts;

namespace Holdfast.Mail;

/// <summary>What an invitation tells.</summary>
/// <param name="By">The inviter's name in the workspace.</param>
/// <param name="Until">End of the link, with the zone.</param>
public sealed record InvitationFacts(string To, string Workspace, string By, string ByEmail, string Role, string Url, string Until);

/// <summary>An invitation to a workspace. No words of the inviter's own: they would be a way to send anything under our name. What they are called is no link either.</summary>
public static class InvitationLetter
{
    public static Letter Build(ProductSettings product, Text text, InvitationFacts facts)
    {
        facts = facts with { Workspace = LetterFrame.Unlinked(facts.Workspace), By = LetterFrame.Unlinked(facts.By), Role = LetterFrame.Unlinked(facts.Role) };
        var title = text["letter.invitation.title", facts.Workspace];
        return LetterFrame.Build(product, text, facts.To, title, title, null, text["letter.invitation.preheader", facts.By],
        [
            new LetterPart.Paragraph(text["letter.invitation.what", product.Name, facts.Workspace, facts.By, facts.ByEmail]),
            new LetterPart.Facts([(text["letter.fact.workspace"], facts.Workspace), (text["letter.fact.role"], facts.Role)]),
            new LetterPart.Button(text["letter.invitation.button"], facts.Url, LetterTone.Accent, text["letter.invitation.until", facts.Until]),
            new LetterPart.Aside(text["letter.invitation.unknown", facts.By]),
        ], text["letter.invitation.reason", facts.To]);
    }
}
