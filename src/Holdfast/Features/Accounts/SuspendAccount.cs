using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.ResetCases;
using Holdfast.Features.Sessions;
using Holdfast.Mail;
using Holdfast.Outbox;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;

namespace Holdfast.Features.Accounts;

/// <summary>Those who run the server close an account: no sign-in at all, and every session ends at once. Nothing of it is deleted; reactivating opens it as it was.</summary>
public sealed class SuspendAccount(Db db, SendLetters outbox, CloseCase closeCase, ReopenWorkspaces reopen, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses with <c>account.unknown</c> (404), <c>account.suspended_already</c> and <c>operator.last</c> (409).</summary>
    /// <returns>How many sessions ended.</returns>
    public Task<Outcome<int>> Suspend(string email) => db.Write<Outcome<int>>(async tx =>
    {
        var now = clock.GetUtcNow();
        if (await AccountTable.ByEmail(tx, email) is not { } account) return AccountRefusals.Unknown;
        // Of two that close the last two operators at once, the second waits for the first. One that is suspended already, or leaving, is not the last of those who can act.
        if (account is { IsOperator: true, IsActive: true } && !await AccountTable.OtherOperators(tx, account.Id)) return OperatorRefusals.Last;
        // The account's row first: a sign-in under way holds it, so that the session that it makes is there to be ended.
        if (!await AccountTable.Suspend(tx, account.Id, now)) return SuspensionRefusals.Already;
        var ended = await SessionTable.EndAll(tx, account.Id, null, EndReason.AccountSuspended, null, now);
        await StopReset.ByServer(tx, closeCase, account.Id, now);
        await Tell(tx, account, AuditKind.AccountSuspended, "account_suspended", ended.Count, now);
        return ended.Count;
    });

    /// <summary>Refuses with <c>account.unknown</c> (404) and <c>account.not_suspended</c> (409).</summary>
    public Task<Outcome<Account>> Reactivate(string email) => db.Write<Outcome<Account>>(async tx =>
    {
        if (await AccountTable.ByEmail(tx, email) is not { } account) return AccountRefusals.Unknown;
        if (!await AccountTable.Reactivate(tx, account.Id)) return SuspensionRefusals.Not;
        if (account.ClosedAt is null) await reopen.In(tx, account, clock.GetUtcNow());
        await Tell(tx, account, AuditKind.AccountReactivated, "account_reactivated", 0, clock.GetUtcNow());
        return account;
    });

    private async Task Tell(WriteTx tx, Account account, string kind, string letter, int ended, DateTimeOffset now)
    {
        var facts = new Dictionary<string, string> { ["by"] = "command_line", ["signedOut"] = ended.ToString(CultureInfo.InvariantCulture) };
        await AuditLog.Record(tx, now, new AuditEvent(kind, account.Id, Client.Server) { ActorId = "", Data = facts });
        var text = Text.For(account.Language);
        await outbox.Enqueue(tx, letter, account.Id, AccountStateLetter.Build(settings.Product, text, letter, account.Email, account.FirstName, LetterTime.Format(text, now, account.TimeZone)), now);
        tx.Announce(new Announcement("account", account.Id));
    }
}

public static class SuspensionRefusals
{
    public static readonly Refusal Already = new("account.suspended_already", 409);
    public static readonly Refusal Not = new("account.not_suspended", 409);
}
