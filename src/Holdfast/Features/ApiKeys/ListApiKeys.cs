using Holdfast.Features.Accounts;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.ApiKeys;

/// <summary>The live keys of a workspace, newest first, with who made each and whether they still stand behind it.</summary>
public sealed class ListApiKeys(Db db, TimeProvider clock)
{
    public Task<List<ListedKey>> Run(WorkspaceActor actor) => db.Read(async tx =>
    {
        var listed = new List<ListedKey>();
        foreach (var key in await ApiKeyTable.Live(tx, actor.WorkspaceId, clock.GetUtcNow()))
        {
            var (maker, account) = (await MemberTable.Find(tx, actor.WorkspaceId, key.MadeBy), await AccountTable.ById(tx, key.MadeBy));
            listed.Add(new ListedKey { Key = key, Maker = maker is null ? null : maker.ShownName ?? account?.Name, IsUnbacked = account is not { IsActive: true } || key.WhyUnbacked(maker) is not null });
        }
        return listed;
    });

    /// <summary>Null when there is none that is live.</summary>
    public async Task<ListedKey?> One(WorkspaceActor actor, string id) => (await Run(actor)).FirstOrDefault(listed => listed.Key.Id == id);
}
