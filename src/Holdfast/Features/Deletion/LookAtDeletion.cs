using Holdfast.Configuration;
using Holdfast.Features.Erasure;
using Holdfast.Features.Sessions;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;

namespace Holdfast.Features.Deletion;

/// <param name="Text">One line, as the connector says it.</param>
/// <param name="System">Whose it is.</param>
public sealed record Fate(string Text, string System);

/// <param name="Heir">Who would take over most naturally; null when nobody can.</param>
public sealed record WorkspaceAtStake(SoleWorkspace Workspace, Heir? Heir);

/// <summary>What would happen if the person asked for deletion now.</summary>
/// <param name="DueAt">When the deletion would begin.</param>
/// <param name="Deletes">What other systems delete.</param>
/// <param name="Keeps">What stays with them.</param>
/// <param name="Workspaces">Those that the person alone owns.</param>
public sealed record DeletionPreview(DateTimeOffset DueAt, IReadOnlyList<Fate> Deletes, IReadOnlyList<Fate> Keeps, IReadOnlyList<WorkspaceAtStake> Workspaces);

/// <summary>Tells what a deletion means before anybody asks for it. What other systems do, they say themselves, in the settings.</summary>
public sealed class LookAtDeletion(Db db, Connectors connectors, TimeProvider clock, HoldfastSettings settings)
{
    public Task<DeletionPreview> Run(SignedIn me) => db.Read(async tx =>
    {
        var places = new List<WorkspaceAtStake>();
        foreach (var place in await WorkspaceTable.SoleOwnerOf(tx, me.Account.Id)) places.Add(new WorkspaceAtStake(place, await WorkspaceTable.LikelyHeir(tx, place.Id, me.Account.Id)));
        return new DeletionPreview(clock.GetUtcNow() + settings.Deletion.Grace,
            [.. connectors.All.SelectMany(c => c.Deletes.Select(line => new Fate(line, c.Name)))], [.. connectors.All.SelectMany(c => c.Keeps.Select(line => new Fate(line, c.Name)))], places);
    });
}
