using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Features.NotMe;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.SignUp;

/// <summary>What the page of the mailed link shows.</summary>
public sealed record OpenSignUp(string Email, string Name, DateTimeOffset AskedAt, Client Client);

/// <summary>
/// The link in the letter makes the account, together with the password that was chosen: the link proves whose the mailbox is, the password that it is the same person who asked. By the link alone a stranger who typed somebody
/// else's address would have that person open an account to which the stranger knows the password.
/// </summary>
public sealed class ConfirmSignUp(Db db, KeyRing keys, PasswordHasher hasher, OpenAccount open, TimeProvider clock, HoldfastSettings settings)
{
    /// <summary>Null when the link is unknown, used, replaced by a newer one, past its end, or nobody may sign up any more. Looking uses nothing up: mail scanners open every link.</summary>
    public Task<OpenSignUp?> Look(TokenHash link) => db.Read(async tx => await Find(tx, link) is { } found ? new OpenSignUp(found.Form.Email, found.Form.Name, found.Form.AskedAt, found.Form.Client) : null);

    /// <summary>Makes the account and signs in. Refuses with <c>link.over</c> (404), <c>sign_up.wrong_password</c> (401), <c>sign_up.taken</c> (409), <c>hashing.queue_full</c> (503).</summary>
    public async Task<Outcome<SignInResult>> Run(TokenHash link, PlainPassword password, Client client)
    {
        if (await db.Read(tx => Find(tx, link)) is not { } found) return LinkRefusals.Over;
        var form = found.Form;
        // Charged before it is looked at, so that a thousand tries at once get no more than one after the other would.
        if (!await db.Write(tx => SignUpTable.ChargePassword(tx, link, SignUp.MostWrongPasswords, clock.GetUtcNow()))) return LinkRefusals.Over;
        var verdict = await hasher.Verify(password, form.Password.Hash);
        if (!verdict.Ok)
        {
            await db.Write(async tx => { await SignUpTable.RefundPassword(tx, link); return Done.It; });
            return verdict.Refusal;
        }
        if (!verdict.Value.Matches) return SignUpRefusals.WrongPassword;
        return await db.Write<Outcome<SignInResult>>(async tx =>
        {
            var now = clock.GetUtcNow();
            if (!await SignUpTable.Take(tx, link, now)) return LinkRefusals.Over;
            var account = new Account { Id = Ids.New(now), Email = form.Email, Name = form.Name, TimeZone = form.Zone, Language = Text.Languages.Contains(form.Language) ? form.Language : null, CreatedAt = now };
            // An invitation was quicker, or the command line. What waits for the address is over either way.
            if (!await OpenAccount.Keep(tx, account, form.Password, now)) return SignUpRefusals.Taken;
            await SignUpTable.DropAll(tx, found.Row.EmailMark);
            return await open.SignIn(tx, account, ProofMethod.Password, "sign_up", "", client, now);
        });
    }

    private async Task<(SignUp Row, AskedSignUp Form)?> Find(ReadTx tx, TokenHash link) =>
        settings.SignUp.Mode == SignUpMode.Open && await SignUpTable.ByLink(tx, link) is { } row && row.IsOpen(clock.GetUtcNow()) && AnswerSignUp.Open(keys, row) is { } form ? (row, form) : null;
}
