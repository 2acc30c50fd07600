using System.Security.Cryptography;
using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.ResetCases;
using Holdfast.Features.SignIn;
using Holdfast.Features.TwoFactor;
using Holdfast.Mail;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>
/// The last step: the account's own rows go, and the workspaces that go with it; what others' events say of the person goes as well. The receipt is made, and the last letter leaves, in the same transaction: a deletion without its receipt
/// cannot be.
/// </summary>
public sealed class EraseAccount(Db db, ErasureLetters letters, CloseCase closeCase, Throttle throttle, TimeProvider clock, HoldfastSettings settings)
{
    private const int Step = 500;

    /// <returns>False when it is done already.</returns>
    public async Task<bool> Run(ErasureStep step, CancellationToken stop)
    {
        if (await db.Read(tx => AccountTable.ById(tx, step.AccountId), stop) is not { } account) return false;
        var counted = await db.Read(tx => ErasedRowsTable.Count(tx, account.Id), stop);
        // A server that dies in between has deleted some of what is to go: the counts are of what is left, the result is the same.
        await db.Write(tx => CloseCases(tx, account), stop);
        await ForgetMentions(account, stop);
        while (await db.Write(tx => ErasedRowsTable.DeleteSome(tx, account.Id, Step), stop) >= Step) await Task.Yield();
        if (!await db.Write(tx => Finish(tx, step, counted), stop)) return false;
        await db.Scrub(CancellationToken.None);
        return true;
    }

    private async Task<bool> Finish(WriteTx tx, ErasureStep step, (long Sessions, long Events) counted)
    {
        var now = clock.GetUtcNow();
        await AccountTable.Hold(tx, step.AccountId);
        if (await AccountTable.ById(tx, step.AccountId) is not { } account || await DeletionTable.ById(tx, step.DeletionId) is not { State: DeletionState.Erasing } running) return false;
        if (!await ErasureStepTable.End(tx, step, StepState.Acknowledged, "", "", now)) return false;
        var workspaces = await DeletionTable.Workspaces(tx, running);
        foreach (var workspace in workspaces)
        {
            foreach (var person in await ErasedRowsTable.DeleteWorkspace(tx, workspace)) tx.Announce(new Announcement("account", person));
        }
        var receipt = NamesNobody.Receipt(running, settings.Product.Name, await ErasureStepTable.Of(tx, account.Id, running.Id), new ErasedCounts(counted.Sessions, counted.Events, workspaces.Count), now);
        var json = JsonSerializer.Serialize(receipt, ErasureJson.Default.Receipt);
        var token = SecretToken.New();
        await throttle.Forget(tx, MailAddressShape.Canonical(account.Email));
        await ErasedRowsTable.DeleteAll(tx, account.Id, account.Email);
        await ErasureStepTable.Tidy(tx, account.Id);
        if (!await DeletionTable.Finish(tx, running, token.Hash, json, now)) throw new InvalidOperationException("The deletion was changed while its account was held");
        // The fingerprint of the receipt stands where nothing can be changed.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(json)));
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionDone, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["case"] = running.Label, ["receipt"] = fingerprint } });
        // Somebody who was erased again after a backup was restored has had theirs.
        if (running.BegunBy != BegunBy.Restore) await letters.Done(tx, account, receipt, token, now);
        tx.Announce(new Announcement("account", account.Id));
        return true;
    }

    /// <summary>A reset of factors that are gone has nothing left to do; one that the person had asked for has nobody left who asked.</summary>
    private async Task<Done> CloseCases(WriteTx tx, Account account)
    {
        var now = clock.GetUtcNow();
        await TwoFactorTable.Hold(tx, account.Id);
        if (await ResetCaseTable.OpenOf(tx, account.Id) is { } own) await closeCase.In(tx, own, own.State, CaseState.Overtaken, Closer.Server, now);
        foreach (var asked in await ResetCaseTable.OpenBy(tx, account.Id)) await closeCase.In(tx, asked, asked.State, CaseState.Withdrawn, Closer.Server, now);
        return Done.It;
    }

    /// <summary>Events about others that name the person: in the workspaces they had to do with.</summary>
    private async Task ForgetMentions(Account account, CancellationToken stop)
    {
        var names = new HashSet<string>(await db.Read(tx => ErasedRowsTable.ShownNames(tx, account.Id), stop), StringComparer.OrdinalIgnoreCase) { account.Name, account.Email };
        foreach (var workspace in await db.Read(tx => ErasedRowsTable.WorkspacesOf(tx, account.Id), stop))
        {
            PersonalSide? after = null;
            while (await db.Read(tx => ErasedRowsTable.SidesIn(tx, workspace, after, Step), stop) is { Count: > 0 } sides)
            {
                var named = sides.Where(side => side.Mentions(names)).ToList();
                if (named.Count > 0)
                {
                    await db.Write(async tx =>
                    {
                        foreach (var side in named) await ErasedRowsTable.DeleteSide(tx, side);
                        return Done.It;
                    }, stop);
                }
                after = sides[^1];
            }
        }
    }
}
