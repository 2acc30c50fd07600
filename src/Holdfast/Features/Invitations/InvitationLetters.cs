using Holdfast.Configuration;
using Holdfast.Features.Workspaces;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.Invitations;

/// <summary>Puts invitations into the outbox, in the transaction that makes them.</summary>
public sealed class InvitationLetters(SendLetters outbox, HoldfastSettings settings)
{
    public async Task Invite(WriteTx tx, Invitation invitation, WorkspaceActor by, Role role, SecretToken link, DateTimeOffset now)
    {
        var text = Text.For(invitation.Language);
        // In UTC, and said so: nobody knows where they are.
        await outbox.Enqueue(tx, "invitation", "", InvitationLetter.Build(settings.Product, text, new InvitationFacts(
            invitation.Email, by.Workspace, by.Name, by.Me.Account.Email, role.Named(text), settings.Server.LinkTo($"/invitation?token={link.Reveal()}"), LetterTime.Format(text, invitation.EndsAt, null))), now);
    }
}
