using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.NotMe;
using Holdfast.Features.Passkeys;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.TwoFactor;

/// <summary>Whoever runs the server removes a person's factors, for somebody who has lost the app and the codes: all sessions end, a letter says so, and where a rule asks for it the next sign-in leads to a new set-up.</summary>
public sealed class ResetTwoFactor(Db db, SendLetters outbox, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses with <c>account.unknown</c> (404) and <c>two_factor.off</c> (409).</summary>
    public Task<Outcome<Account>> Run(string email) => db.Write<Outcome<Account>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await AccountTable.ByEmail(tx, email) is not { } account) return AccountRefusals.Unknown;
        await TwoFactorTable.Hold(tx, account.Id);
        if (!(await TwoFactorTable.Of(tx, account.Id)).IsOn) return TwoFactorRefusals.Off;
        await RemoveFactors.In(tx, account.Id, now);
        var ended = await SessionTable.EndAll(tx, account.Id, null, EndReason.TwoFactorReset, null, now);
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.TwoFactorReset, account.Id, Client.Server)
        {
            ActorId = "", Data = new Dictionary<string, string> { ["by"] = "command_line", ["signedOut"] = ended.Count.ToString(CultureInfo.InvariantCulture) },
        });
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, "two_factor_reset", account.Id, TwoFactorResetLetter.Build(settings.Product, text, account.Email, account.FirstName, LetterTime.Format(text, now, account.TimeZone),
            await MakeNotMeLink.Run(tx, account, settings.Server, text, now)), now);
        return account;
    });
}

/// <summary>Takes every factor away, with all that hangs on them. The caller says why in the log and in a letter.</summary>
public static class RemoveFactors
{
    public static async Task In(WriteTx tx, string accountId, DateTimeOffset now)
    {
        await TotpTable.RemoveAll(tx, accountId, except: null);
        await PasskeyTable.RemoveAll(tx, accountId);
        await RecoveryCodeTable.DeleteAll(tx, accountId);
        await TwoFactorTable.Clear(tx, accountId);
        await DropTrust.Run(tx, accountId, now);
        // A case about it has nothing left to do.
        await ResetCaseTable.LookSoon(tx, accountId, now);
        await CopyToMembers.Run(tx, accountId);
        tx.Announce(new Announcement("account", accountId));
    }
}
