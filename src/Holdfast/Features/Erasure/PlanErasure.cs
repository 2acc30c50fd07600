using Holdfast.Features.Deletion;
using Holdfast.Storage;

namespace Holdfast.Features.Erasure;

/// <summary>Writes down what each system is to be told, in the transaction that decides it: from then on it happens, whoever dies.</summary>
public sealed class PlanErasure(Connectors connectors)
{
    /// <summary>The account closes.</summary>
    public async Task Hold(WriteTx tx, DeletionCase about, DateTimeOffset now)
    {
        for (var i = 0; i < connectors.All.Count; i++) if (connectors.All[i] is { Holds: true } one) await Add(tx, about, ErasureStep.FirstHold + i, ErasurePhase.Hold, one, now);
    }

    /// <summary>The account is kept: whoever was told to hold is told to go on, whether or not it has answered.</summary>
    public async Task Release(WriteTx tx, DeletionCase about, DateTimeOffset now)
    {
        await ErasureStepTable.Overtake(tx, about.AccountId, ErasurePhase.Hold, now);
        foreach (var held in (await ErasureStepTable.Of(tx, about.AccountId, about.Id)).Where(step => step.Phase == ErasurePhase.Hold && step.Tries > 0))
        {
            await ErasureStepTable.Insert(tx, about.AccountId, about.Id, ErasureStep.FirstRelease + held.Position, ErasurePhase.Release, held.Connector, held.Name, now);
        }
    }

    /// <summary>There is no way back: the list, every system in order, and the account itself.</summary>
    public async Task Erase(WriteTx tx, DeletionCase about, DateTimeOffset now)
    {
        await ErasureStepTable.Overtake(tx, about.AccountId, ErasurePhase.Hold, now);
        await ErasureStepTable.Overtake(tx, about.AccountId, ErasurePhase.Release, now);
        await ErasureStepTable.Insert(tx, about.AccountId, about.Id, ErasureStep.FirstErase, ErasurePhase.Erase, ErasureStep.ListConnector, "List of erased accounts", now);
        var position = ErasureStep.FirstErase;
        foreach (var one in connectors.All) await Add(tx, about, ++position, ErasurePhase.Erase, one, now);
        await ErasureStepTable.Insert(tx, about.AccountId, about.Id, position + 1, ErasurePhase.Erase, ErasureStep.AccountConnector, ErasureStep.AccountConnector, now);
        tx.Announce(new Announcement("erasure", ""));
    }

    private static Task Add(WriteTx tx, DeletionCase about, int position, string phase, IErasureConnector one, DateTimeOffset now) =>
        ErasureStepTable.Insert(tx, about.AccountId, about.Id, position, phase, one.Key, one.Name, now);
}
