using Holdfast.Features.Accounts;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>Puts the letters about passkeys into the outbox, in the transaction of what they tell of. Each has the link "This wasn't me".</summary>
public sealed class PasskeyLetters(TwoFactorLetters letters)
{
    /// <param name="before">What there was: the first factor turns two-factor on, and one for a lost device takes its place.</param>
    public Task Added(WriteTx tx, Account account, Factors before, string name, Client client, DateTimeOffset now) => letters.Changed(tx, account, before switch
    {
        { IsOn: false } => "two_factor_on_passkey",
        { WantsNewDevice: true } => "passkey_replaced",
        _ => "passkey_added",
    }, name, client, now);

    public Task Removed(WriteTx tx, Account account, string name, Client client, DateTimeOffset now) => letters.Changed(tx, account, "passkey_removed", name, client, now);

    /// <summary>"This passkey may have been copied". Device and place are those of the try that was refused.</summary>
    public Task Copied(WriteTx tx, Account account, string name, Client client, DateTimeOffset now) => letters.Changed(tx, account, "passkey_copied", name, client, now);
}
