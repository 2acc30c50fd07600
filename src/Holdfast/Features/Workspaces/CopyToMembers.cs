using Holdfast.Features.Accounts;
using Holdfast.Features.TwoFactor;
using Holdfast.Storage;

namespace Holdfast.Features.Workspaces;

/// <summary>
/// Keeps what the list of people sorts, filters and searches by beside the membership: names, address, two-factor, whether they ever came. Called in the transaction of whatever changes one of these,
/// after it; a new kind of factor, or a way to change the address, calls it as well.
/// </summary>
public static class CopyToMembers
{
    public static async Task Run(WriteTx tx, string accountId)
    {
        // First held, then read: of two changes at once the later one sees what the earlier one did.
        await MemberTable.HoldOf(tx, accountId);
        var members = await MemberTable.CopiedOf(tx, accountId);
        if (members.Count == 0 || await AccountTable.ById(tx, accountId) is not { } account) return;
        var hasTwoFactor = (await TwoFactorTable.Of(tx, accountId)).IsOn;
        foreach (var member in members)
        {
            await MemberTable.Copy(tx, accountId, member, MemberWords.SortKey(member.ShownName ?? account.Name), hasTwoFactor, account.LastSignInAt is null, MemberWords.Of(member.ShownName, account.Name, account.Email));
        }
    }

    /// <summary>What an older program left without copies, some hundreds at a time. Called at the start.</summary>
    public static async Task Missing(Db db)
    {
        while (await db.Read(tx => MemberTable.NotCopied(tx, 500)) is { Count: > 0 } accounts)
        {
            await db.Write(async tx =>
            {
                foreach (var account in accounts) await Run(tx, account);
                return Web.Done.It;
            });
        }
    }
}
