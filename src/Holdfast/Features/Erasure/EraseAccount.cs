using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Holdfast.Configuration;
using Holdfast.Features.Accounts;
using Holdfast.Features.Audit;
using Holdfast.Features.Deletion;
using Holdfast.Features.OAuth;
using Holdfast.Features.ResetCases;
using Holdfast.Features.SignIn;
using Holdfast.Features.SignUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Workspaces;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.Erasure;

/// <summary>
/// The last step: the account's own rows go, and the workspaces that go with it; what others' events say of the person goes as well. All that is much goes some at a time, each under a claim that is renewed with it. The receipt is made,
/// and the last letter leaves, in the same transaction as the account itself: a deletion without its receipt cannot be.
/// </summary>
public sealed class EraseAccount(Db db, ErasureLetters letters, CloseCase closeCase, Throttle throttle, ErasureProbe probe, KeyRing keys, TimeProvider clock, HoldfastSettings settings)
{
    private const int Step = 500;

    /// <summary>Nothing is done when it is done already, or somebody else has taken it up meanwhile.</summary>
    public async Task Run(ErasureStep step, CancellationToken stop)
    {
        if (await db.Read(async tx => (await AccountTable.ById(tx, step.AccountId), await DeletionTable.ById(tx, step.DeletionId)), stop) is not ({ } account, { State: DeletionState.Erasing } running)) return;
        try
        {
            var counted = await Write(step, tx => CountOnce(tx, step), stop);
            await Write(step, tx => CloseCases(tx, account), stop);
            probe.Reached("account: cases closed");
            await ForgetMentions(step, account, stop);
            probe.Reached("account: mentions forgotten");
            await EmptyWorkspaces(step, running, stop);
            probe.Reached("account: workspaces emptied");
            while (await Write(step, tx => ErasedRowsTable.DeleteSome(tx, account.Id, Step), stop) >= Step) await Task.Yield();
            probe.Reached("account: some rows gone");
            if (!await Write(step, tx => Finish(tx, step, counted), stop)) return;
        }
        catch (ClaimLost)
        {
            return;
        }
        probe.Reached("account: gone");
        await db.Scrub(CancellationToken.None);
    }

    /// <summary>One transaction of whoever has the step.</summary>
    private Task<T> Write<T>(ErasureStep step, Func<WriteTx, Task<T>> work, CancellationToken stop) => db.Write(async tx =>
    {
        if (!await ErasureStepTable.Renew(tx, step, clock.GetUtcNow())) throw new ClaimLost();
        return await work(tx);
    }, stop);

    private async Task<bool> Finish(WriteTx tx, ErasureStep step, (long Sessions, long Events) counted)
    {
        var now = clock.GetUtcNow();
        await AccountTable.Hold(tx, step.AccountId);
        if (await AccountTable.ById(tx, step.AccountId) is not { } account || await DeletionTable.ById(tx, step.DeletionId) is not { State: DeletionState.Erasing } running) return false;
        if (!await ErasureStepTable.End(tx, step, StepState.Acknowledged, "", "", now)) return false;
        var workspaces = await DeletionTable.Workspaces(tx, running);
        foreach (var workspace in workspaces)
        {
            await ErasedRowsTable.DeleteWorkspace(tx, workspace);
            await AuditLog.Record(tx, now, new AuditEvent(AuditKind.WorkspaceDeleted, account.Id, Client.Server) { ActorId = "", WorkspaceId = workspace, Data = new Dictionary<string, string> { ["case"] = running.Label } });
        }
        var receipt = NamesNobody.Receipt(running, settings.Product.Name, await ErasureStepTable.Of(tx, account.Id, running.Id), new ErasedCounts(counted.Sessions, counted.Events, workspaces.Count), now);
        var json = JsonSerializer.Serialize(receipt, ErasureJson.Default.Receipt);
        // Out of the deletion's id: somebody who is erased again, after an older backup was restored, finds the receipt where their letter says.
        var token = SecretToken.Of(keys.Hash("receipt", running.Id));
        foreach (var address in (await KnownAs.Of(tx, account)).Addresses)
        {
            await throttle.Forget(tx, address);
            await SignUpTable.DropAll(tx, SignUp.SignUp.MarkOf(address));
        }
        await ErasedRowsTable.DeleteAll(tx, account.Id, account.Email);
        await ErasureStepTable.Tidy(tx, account.Id);
        if (!await DeletionTable.Finish(tx, running, token.Hash, json, now)) throw new InvalidOperationException("The deletion was changed while its account was held");
        // The fingerprint of the receipt stands where nothing can be changed.
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json)));
        await AuditLog.Record(tx, now, new AuditEvent(AuditKind.DeletionDone, account.Id, Client.Server) { ActorId = "", Data = new Dictionary<string, string> { ["case"] = running.Label, ["receipt"] = fingerprint } });
        // Somebody who was erased again after a backup was restored has had theirs.
        if (running.BegunBy != BegunBy.Restore) await letters.Done(tx, account, receipt, token, now);
        tx.Announce(new Announcement("account", account.Id));
        return true;
    }

    /// <summary>What the receipt counts, counted before anything goes: whoever takes the step up after a server that died counts what the first one did.</summary>
    private static async Task<(long Sessions, long Events)> CountOnce(WriteTx tx, ErasureStep step)
    {
        if (await ErasureStepTable.OwnMemo(tx, step) is { } memo && Encoding.ASCII.GetString(memo).Split(' ') is [var sessions, var events]) return (long.Parse(sessions, CultureInfo.InvariantCulture), long.Parse(events, CultureInfo.InvariantCulture));
        var counted = await ErasedRowsTable.Count(tx, step.AccountId);
        await ErasureStepTable.Remember(tx, step, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{counted.Sessions} {counted.Events}")));
        return counted;
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

    /// <summary>Events about others that name the person, in the workspaces they had to do with; and invitations to any address of theirs. Before the person's own events go: they tell the former names.</summary>
    private async Task ForgetMentions(ErasureStep step, Account account, CancellationToken stop)
    {
        var (known, workspaces) = await db.Read(async tx =>
        {
            var found = await KnownAs.Of(tx, account);
            return (found, await ErasedRowsTable.WorkspacesOf(tx, account.Id, found.Addresses));
        }, stop);
        foreach (var workspace in workspaces)
        {
            PersonalSide? after = null;
            while (await db.Read(tx => ErasedRowsTable.SidesIn(tx, workspace, after, Step), stop) is { Count: > 0 } sides)
            {
                await Write(step, async tx =>
                {
                    foreach (var side in sides.Where(side => side.Mentions(known.Names))) await ErasedRowsTable.DeleteSide(tx, side);
                    return Done.It;
                }, stop);
                after = sides[^1];
            }
        }
        await Write(step, async tx =>
        {
            foreach (var address in known.Addresses) await ErasedRowsTable.DeleteInvitationsTo(tx, address);
            return Done.It;
        }, stop);
    }

    /// <summary>The people of workspaces that go with the account lose them; applications by others lose what they saw of them.</summary>
    private async Task EmptyWorkspaces(ErasureStep step, DeletionCase running, CancellationToken stop)
    {
        foreach (var workspace in await db.Read(tx => DeletionTable.Workspaces(tx, running), stop))
        {
            if (!await Write(step, tx => Goes(tx, running, workspace), stop)) continue;
            while (await Write(step, tx => EndGrants(tx, workspace), stop) >= Step) await Task.Yield();
            while (await Write(step, tx => ErasedRowsTable.DeleteSomeOf(tx, workspace, Step), stop) >= Step) await Task.Yield();
        }
    }

    /// <summary>Looks again at who owns it, holding it: it goes only where nobody is left who could keep it.</summary>
    private async Task<bool> Goes(WriteTx tx, DeletionCase running, string workspace)
    {
        if (!await WorkspaceTable.Hold(tx, workspace)) return false;
        if (await DeletionTable.IsEmptied(tx, running, workspace)) return true;
        if (await WorkspaceTable.OtherOwner(tx, workspace, running.AccountId) is not { } other)
        {
            await DeletionTable.NoteEmptied(tx, running, workspace, clock.GetUtcNow());
            return true;
        }
        if (other.ClosedAt is not null && await DeletionTable.OpenOf(tx, other.AccountId) is { State: DeletionState.Grace } theirs)
        {
            // Who owns it beside the person may still keep their account: it stays closed, and goes with theirs or comes back with it.
            await DeletionTable.DropWorkspace(tx, workspace);
            await DeletionTable.AddWorkspace(tx, theirs, workspace, null);
        }
        else await ReopenWorkspaces.One(tx, workspace, other.AccountId, clock.GetUtcNow());
        return false;
    }

    private async Task<int> EndGrants(WriteTx tx, string workspace)
    {
        var now = clock.GetUtcNow();
        var grants = await GrantTable.InWorkspace(tx, workspace, null, Step);
        foreach (var grant in grants)
        {
            await GrantTable.Revoke(tx, grant.AccountId, grant.Id, now);
            await EndTokens.OfGrant(tx, grant.AccountId, grant.Id, now);
        }
        return grants.Count;
    }

    /// <summary>Somebody else has taken the step up, after this one seemed dead.</summary>
    private sealed class ClaimLost : Exception;
}
