using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Recovery;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;

namespace Holdfast.Features.SignUp;

/// <summary>Puts the letter about a sign-up into the outbox, in the transaction that answers it. None says a word that the asker typed but the address itself: anybody may type somebody else's.</summary>
public sealed class SignUpLetters(SendLetters outbox, HoldfastSettings settings)
{
    /// <summary>The link that confirms the address; or, where it cannot have a new account, why.</summary>
    /// <returns>Null where there is nothing to confirm.</returns>
    internal async Task<SecretToken?> Send(WriteTx tx, AskedSignUp form, DateTimeOffset now)
    {
        if (await AccountTable.ByEmail(tx, form.Email) is { } owner)
        {
            var theirs = Text.For(owner.Language);
            // To the address as it is stored, never as it was typed.
            await outbox.Enqueue(tx, "sign_up_known", owner.Id, SignUpKnownLetter.Build(settings.Product, theirs, owner.Email, owner.FirstName, settings.Server.LinkTo("/sign-in"), settings.Server.LinkTo(ForgotPasswordPage.Address)), now);
            return null;
        }
        var text = Text.For(form.Language);
        if (await EmailChangeTable.IsHeld(tx, form.Email, "", now))
        {
            await outbox.Enqueue(tx, "sign_up_held", "", SignUpHeldLetter.Build(settings.Product, text, form.Email, text["letter.lifetime.days", EmailChange.EmailChange.UndoLifetime.Days]), now);
            return null;
        }
        var link = SecretToken.New();
        await outbox.Enqueue(tx, "confirm_sign_up", "", SignUpLetter.Build(settings.Product, text, form.Email, settings.Server.LinkTo($"/confirm-email?token={link.Reveal()}"), LetterTime.Format(text, now + SignUp.Lifetime, form.Zone)), now);
        return link;
    }
}
