using Holdfast.Features.Deletion;
using Holdfast.Features.Erasure;
using Holdfast.Features.ResetCases;
using Holdfast.Web;

namespace Holdfast.Features.Operator;

/// <summary>What waits for an operator, and how the server stands.</summary>
public sealed class OverviewPage(LookAtCases cases, LookAtErasures erasures, LookAtServer server) : OperatorPage
{
    public IReadOnlyList<CaseRow> Open { get; private set; } = [];

    public IReadOnlyList<CaseRow> Closed { get; private set; } = [];

    public string? Next { get; private set; }

    /// <summary>Deletions that are not over, stuck ones first.</summary>
    public IReadOnlyList<ErasureView> Erasures { get; private set; } = [];

    public IReadOnlyList<DeletionCase> Erased { get; private set; } = [];

    public string? NextErased { get; private set; }

    public ServerState Server { get; private set; } = new(0, 0, null);

    public IEnumerable<CaseRow> ToDecide => Open.Where(row => row.Case.State == CaseState.Requested);

    /// <param name="before">Cursor of the closed cases' page before.</param>
    /// <param name="erased">Cursor of the done deletions' page before.</param>
    public async Task OnGetAsync(string? before, string? erased)
    {
        Erasures = await erasures.Open();
        (Erased, NextErased) = await erasures.Done(erased);
        Open = await cases.Open();
        (Closed, Next) = await cases.Closed(before);
        Server = await server.Run();
    }
}
