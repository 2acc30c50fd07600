using Holdfast.Features.Accounts;
using Holdfast.Features.SignIn;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Deletion;

/// <summary>Letters to the people of a workspace that goes with its only owner's account, or comes back with it.</summary>
public sealed class TellMembers(WorkspaceLetters letters, Throttle throttle)
{
    /// <summary>Of very many people, the first by name; the others find the workspace gone from their list.</summary>
    private const int Most = 500;

    /// <summary>Rounds in 24 hours: it goes, it comes back, and once more. Each goes to everybody.</summary>
    private const int MostRounds = 4;

    /// <param name="kind">Middle of the text keys <c>letter.member.{kind}.…</c>.</param>
    /// <param name="owner">Whose account it is.</param>
    /// <param name="until">When it goes; null for one that is back.</param>
    public async Task Run(WriteTx tx, string kind, string workspaceId, Account owner, DateTimeOffset? until, DateTimeOffset now)
    {
        if (await WorkspaceTable.ById(tx, workspaceId) is not { } workspace || !await throttle.ChargeRound(tx, "workspace_goes", workspaceId, MostRounds, now)) return;
        foreach (var id in await MemberTable.Others(tx, workspaceId, owner.Id, Most))
        {
            if (await AccountTable.ById(tx, id) is { IsActive: true } person) await letters.Tell(tx, person, kind, workspace.Name, owner.Name, now, until: until);
        }
    }
}
