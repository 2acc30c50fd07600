using Holdfast.Features.Audit;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Passwords;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Accounts;

/// <summary>A password that passed the rules, as it is to be stored.</summary>
/// <param name="Score">zxcvbn's 0 to 4.</param>
/// <param name="LeastLength">The longest length rule that it meets, in code points.</param>
public sealed record ChosenPassword(PasswordHash Hash, int Score, int LeastLength);

/// <summary>What happens whenever a person makes their account, whatever let them: it is kept with its password, signed in for the first time, and written down. Within the transaction of the way they came.</summary>
public sealed class OpenAccount(RememberBrowser rememberBrowser)
{
    /// <returns>False when the address has an account, or is kept for one that may take it back; then nothing is kept of the transaction.</returns>
    internal static async Task<bool> Keep(WriteTx tx, Account account, ChosenPassword password, DateTimeOffset now)
    {
        if (!await Insert(tx, account, now)) return false;
        await PasswordTable.Insert(tx, new PasswordRow { AccountId = account.Id, Phc = password.Hash.Phc, PepperId = password.Hash.PepperId, Score = password.Score, ChangedAt = now, LeastLength = password.LeastLength });
        return true;
    }

    /// <summary>The account alone, without a password. The same answer as <see cref="Keep"/>.</summary>
    internal static async Task<bool> Insert(WriteTx tx, Account account, DateTimeOffset now)
    {
        // Written first, then looked: an account that gives the address up at this moment has committed by then, and is seen.
        if (await AccountTable.Insert(tx, account) && !await EmailChangeTable.IsHeld(tx, account.Email, account.Id, now)) return true;
        tx.Undo();
        return false;
    }

    /// <param name="provenWith">What let them in: one of <see cref="ProofMethod"/>.</param>
    /// <param name="by">How the account came to be, for the log.</param>
    /// <param name="workspaceId">The workspace that they came into by it; empty for none.</param>
    internal async Task<SignInResult> SignIn(WriteTx tx, Account account, string provenWith, string by, string workspaceId, Client client, DateTimeOffset now)
    {
        var fresh = (await StartSession.Run(tx, account, client, keep: false, provenWith, now)).Value;
        var browser = await rememberBrowser.Quietly(tx, account.Id, client, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.AccountCreated, account.Id, client) { SessionId = fresh.Session.Id, WorkspaceId = workspaceId, Data = new Dictionary<string, string> { ["by"] = by } });
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.SignedIn, account.Id, client) { SessionId = fresh.Session.Id, Data = new Dictionary<string, string> { ["method"] = provenWith } });
        return new SignInResult(fresh, browser.Made);
    }
}
