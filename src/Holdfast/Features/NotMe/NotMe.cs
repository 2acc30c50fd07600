using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.EmailChange;
using Holdfast.Features.Links;
using Holdfast.Features.Passkeys;
using Holdfast.Features.Passwords;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.NotMe;

/// <summary>
/// The link "This wasn't me" of a letter: ends every session, stops the password, lets no passkey sign in alone, forgets all known browsers, and mails a link to choose a new password. Where the letter went to an address that was changed since, that address comes back.
/// It signs nobody in, and leaves the second factor as it is: the next sign-in asks for it.
/// </summary>
public sealed class NotMe(Db db, PasswordLetters letters, StopReset stopReset, TimeProvider clock)
{
    /// <summary>True while the link may still be used.</summary>
    public async Task<bool> IsOpen(TokenHash token)
    {
        var link = await db.Read(tx => LinkTable.Find(tx, token, LinkPurpose.NotMe));
        return link is not null && link.IsOpen(clock.GetUtcNow());
    }

    /// <summary>Refuses with <c>link.over</c> (404): unknown, used, past its end; one answer for all.</summary>
    /// <returns>How many sessions were ended.</returns>
    public Task<Outcome<int>> Run(TokenHash token, Client client) => db.Write<Outcome<int>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await LinkTable.Find(tx, token, LinkPurpose.NotMe) is not { } link) return LinkRefusals.Over;
        // Its row first, as everywhere that links are made: the address that the new password's link goes to cannot change before the commit.
        await AccountTable.Hold(tx, link.AccountId);
        if (await LinkTable.Use(tx, token, LinkPurpose.NotMe, now) is null || await AccountTable.ById(tx, link.AccountId) is not { } account) return LinkRefusals.Over;
        // The letter went to an address that was changed since, by whoever it warns of: that one comes back first, or the way to a new password would go to them.
        if (!link.IsFor(MailAddressShape.Canonical(account.Email)) && await PutBack.Find(tx, account.Id, link.IsFor, now) is { } change && await PutBack.In(tx, account, change, client, now) is { } back) account = back;
        return await In(tx, account, client, now);
    });

    /// <summary>Everything that "This wasn't me" does, in the caller's transaction.</summary>
    /// <returns>How many sessions were ended.</returns>
    internal async Task<int> In(WriteTx tx, Account account, Client client, DateTimeOffset now)
    {
        var accountId = account.Id;
        // A factor that is being added is seen by what follows, or comes too late.
        await TwoFactorTable.Hold(tx, accountId);
        // The password first: a sign-in that is under way holds its row, so that the session it makes is there to be ended.
        await PasswordTable.Block(tx, accountId, now);
        // One of them may be a stranger's: none signs in alone until the person has said that it is theirs.
        await PasskeyTable.PauseAll(tx, accountId, now);
        var ended = await SessionTable.EndAll(tx, accountId, null, EndReason.NotMe, null, now);
        await KnownBrowserTable.ForgetAll(tx, accountId);
        await KnownCountryTable.ForgetAll(tx, accountId);
        await DropTrust.Run(tx, accountId, now);
        await TotpTable.EndBegun(tx, accountId);
        await stopReset.ByNotMe(tx, accountId, client, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.PasswordBlocked, accountId, client) { Data = new Dictionary<string, string> { ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) } });
        await UnusualTable.CloseAll(tx, accountId, UnusualEnd.Secured, now);
        // The next sign-in goes on with it.
        await SecureTable.Begin(tx, accountId, SecureRun.ByLink, ended.Count, now);
        await letters.Reset(tx, account, asked: false, now);
        return ended.Count;
    }
}

public static class LinkRefusals
{
    public static readonly Refusal Over = new("link.over", 404);
}
