using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Passwords;
using Holdfast.Features.SignIn;
using Holdfast.Outbox;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.SignUp;

/// <summary>
/// "Make my account": checks and hashes what was typed, writes down that somebody asked, and nothing else. Whether the address has an account is looked up later, in the background (<see cref="AnswerSignUp"/>),
/// so that neither the answer nor its time can tell (ASVS 6.3.8).
/// </summary>
public sealed class AskToSignUp(Db db, CheckPassword check, PasswordHasher hasher, PasswordContexts contexts, AskQuietly queue, Throttle throttle, TimeProvider clock, HoldfastSettings settings)
{
    internal const string Kind = "sign_up";
    internal const string KindAgain = "sign_up_again";

    /// <summary>Refuses with <c>sign_up.by_invitation</c> (403), at the fields <c>form.…</c> and what <see cref="CheckPassword"/> refuses (400), <c>sign_up.network_wait</c> (429), <c>sign_up.busy</c>, <c>hashing.queue_full</c> (503): none of it depends on who has an account.</summary>
    /// <returns>The secret with which the letter is asked for again.</returns>
    public async Task<Outcome<SecretToken>> Run(SignUpForm form, Client client)
    {
        if (settings.SignUp.Mode != SignUpMode.Open) return SignUpRefusals.ByInvitation;
        // The network first: nobody makes the server judge and hash without end.
        if (await db.Write(tx => Charge(tx, client)) is { } full) return full;
        var (name, email) = (form.Name.Trim(), form.Email.Trim());
        var score = await check.Run(form.Password, contexts.Of(name, email, []), "password");
        if (Refusal.Combine([Fields.Line(name, "name", Account.MaximumNameLength), Fields.Email(email, "email"), score.Refusal]) is { } wrong) return wrong;
        var hash = await hasher.Hash(form.Password);
        if (!hash.Ok) return hash.Refusal;
        var again = SecretToken.New();
        var asked = new AskedSignUp(name, email, hash.Value.Phc, hash.Value.PepperId, score.Value, settings.Passwords.LongestRuleMet(form.Password.CodePoints), TimeZones.IsKnown(form.Zone) ? form.Zone : null, form.Language,
            Convert.ToHexString(again.Hash.ToBytes()), clock.GetUtcNow(), client.Address, client.UserAgent, client.Hints);
        return await db.Write<Outcome<SecretToken>>(async tx => await queue.Run(tx, Kind, JsonSerializer.SerializeToUtf8Bytes(asked, SignUpJson.Default.AskedSignUp)) ? again : AskQuietly.Busy("sign_up.busy"));
    }

    /// <summary>Send the letter again. The same answer whether there is anything to send or not. Refuses with <c>sign_up.network_wait</c> (429), <c>sign_up.busy</c> (503).</summary>
    public Task<Outcome<Done>> Again(TokenHash again, Client client) => db.Write<Outcome<Done>>(async tx =>
    {
        if (await Charge(tx, client) is { } full) return full;
        var asked = JsonSerializer.SerializeToUtf8Bytes(new AskedAgain(Convert.ToHexString(again.ToBytes())), SignUpJson.Default.AskedAgain);
        return await queue.Run(tx, KindAgain, asked) ? Done.It : AskQuietly.Busy("sign_up.busy");
    });

    private Task<Refusal?> Charge(WriteTx tx, Client client) => throttle.ChargeNetwork(tx, Throttle.SignUp, client, settings.SignUp.NetworkLimit, "sign_up.network_wait", clock.GetUtcNow());
}
