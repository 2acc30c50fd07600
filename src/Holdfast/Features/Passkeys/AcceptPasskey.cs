using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Passkeys;

/// <summary>
/// Accepts an answer in the caller's transaction and uses its challenge up. One whose counter goes back is refused, taken no more, and told of: whoever has the copy is out with it (WebAuthn L3 §6.1.1, §7.2 step 22).
/// </summary>
public sealed class AcceptPasskey(PasskeyCeremony ceremony, PasskeyLetters letters)
{
    /// <summary>
    /// Refuses with <c>passkey.wrong</c>, <c>passkey.challenge_over</c> (400), <c>passkey.copied</c>, <c>passkey.paused</c> (403). After a refusal the caller commits: that it was copied is written down.
    /// </summary>
    /// <param name="ticket">Opened for what the caller does.</param>
    /// <param name="found">The credential that the answer names, as it is stored.</param>
    /// <param name="alone">Without the password.</param>
    /// <param name="sessionId">Empty while nobody is signed in.</param>
    public async Task<Outcome<Passkey>> In(WriteTx tx, PasskeyTicket ticket, PasskeyAnswer answer, Account account, Passkey found, bool alone, Client client, string sessionId, DateTimeOffset now)
    {
        if (found.AccountId != account.Id || await PasskeyTable.Handle(tx, account.Id) is not { } handle) return PasskeyRefusals.Wrong;
        if (await ceremony.Verify(ticket, new PasskeyHolder(account.Id, handle, [found]), answer.Credential) is not { } verified) return PasskeyRefusals.Wrong;
        // From here on it is signed by the passkey: what it is told is told to its owner, or to a copy.
        if (!await UsedChallengeTable.Use(tx, ticket.Hash, ticket.EndsAt)) return PasskeyRefusals.ChallengeOver;
        if (await PasskeyTable.Accept(tx, found, verified.SignCount, verified.BackedUp, alone, now)) return found;
        return await WhyNot(tx, account, found, alone, client, sessionId, now);
    }

    private async Task<Refusal> WhyNot(WriteTx tx, Account account, Passkey found, bool alone, Client client, string sessionId, DateTimeOffset now)
    {
        // As it is now: another request may have been quicker.
        if (await PasskeyTable.ByCredential(tx, found.CredentialId) is not { } stored || stored.AccountId != account.Id) return PasskeyRefusals.Wrong;
        if (stored.CopiedAt is not null) return PasskeyRefusals.Copied;
        if (alone && stored.PausedAt is not null) return PasskeyRefusals.Paused;
        if (!await PasskeyTable.MarkCopied(tx, account.Id, stored.Id, now)) return PasskeyRefusals.Copied;
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasskeyCopied, account.Id, client)
        {
            ActorId = "", SessionId = sessionId, Personal = new Dictionary<string, string> { ["app"] = stored.Name },
        });
        await letters.Copied(tx, account, stored.Name, client, now);
        tx.Announce(new Announcement("account", account.Id));
        return PasskeyRefusals.Copied;
    }
}
