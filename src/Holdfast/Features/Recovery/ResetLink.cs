using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Links;
using Holdfast.Secrets;
using Holdfast.Storage;

namespace Holdfast.Features.Recovery;

/// <summary>The link with which the owner of a mailbox chooses a new password.</summary>
public static class ResetLink
{
    /// <summary>A new one, for the address that the account has now. It takes the place of all older ones.</summary>
    public static async Task<SecretToken> Make(WriteTx tx, Account account, RecoverySettings rules, DateTimeOffset now)
    {
        await LinkTable.KillRecovery(tx, account.Id, now);
        return await LinkTable.Make(tx, account.Id, LinkPurpose.ResetPassword, now, rules.LinkLifetime, Link.MarkOf(MailAddressShape.Canonical(account.Email)));
    }

    /// <summary>What goes into the letter, or to the person by another way.</summary>
    public static string Address(ServerSettings server, SecretToken link) => server.LinkTo($"/reset-password?token={link.Reveal()}");
}
