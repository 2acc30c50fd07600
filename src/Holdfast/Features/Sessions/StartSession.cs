using Holdfast.Features.Accounts;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Sessions;

/// <summary>A session that was just made or renewed, with the only copy of its token.</summary>
public sealed record FreshSession(SecretToken Token, Session Session);

/// <summary>Makes the session row and its token. Called by whatever has proven who somebody is; the caller writes the audit entry that fits.</summary>
public static class StartSession
{
    /// <param name="provenWith">One or more <see cref="ProofMethod"/>s joined by spaces.</param>
    /// <returns>Refused with <c>account.suspended</c> (403): then nothing was made.</returns>
    public static async Task<Outcome<FreshSession>> Run(WriteTx tx, Account account, Client client, bool keep, string provenWith, DateTimeOffset now)
    {
        if (!await AccountTable.NoteSignIn(tx, account.Id, now)) return AccountRefusals.Suspended;
        if (account.LastSignInAt is null && client.Language is { } language) await AccountTable.GuessLanguage(tx, account.Id, language);
        // From now on no list shows them as somebody who never came.
        if (account.LastSignInAt is null) await CopyToMembers.Run(tx, account.Id);
        var token = SecretToken.New();
        var second = ProofMethod.SecondOf(provenWith);
        var session = new Session
        {
            AccountId = account.Id, Id = Ids.New(now), TokenHash = token.Hash, Kept = keep, SignedInWith = provenWith, CreatedAt = now, LastActiveAt = now,
            ProvenAt = now, ProvenWith = provenWith, SecondProvenAt = second is null ? null : now, SecondProvenWith = second, Address = client.Address, UserAgent = client.UserAgent, Hints = client.Hints,
        };
        await SessionTable.Insert(tx, session);
        return new FreshSession(token, session);
    }

    /// <summary>A new token for a session whose person has just proven themselves again. Null when the session ended meanwhile.</summary>
    public static async Task<FreshSession?> Renew(WriteTx tx, Session session, string provenWith, DateTimeOffset now)
    {
        var token = SecretToken.New();
        if (!await SessionTable.Renew(tx, session, token.Hash, provenWith, now)) return null;
        var renewed = session with { TokenHash = token.Hash, ProvenAt = now, ProvenWith = provenWith, LastActiveAt = now };
        return new FreshSession(token, ProofMethod.SecondOf(provenWith) is { } second ? renewed with { SecondProvenAt = now, SecondProvenWith = second } : renewed);
    }
}
