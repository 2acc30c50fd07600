using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Erasure;

/// <summary>One deletion for an operator: what each system was told, what it said, and what can be done about one that does not acknowledge.</summary>
public sealed class OperatorErasurePage(LookAtErasures look, ActOnStep act, KeptForm kept, Connectors connectors) : OperatorPage
{
    public ErasureView View { get; private set; } = null!;

    public string Reason { get; private set; } = "";

    public string Address => $"/operator/erasures/{View.Case.Id}";

    /// <summary>The step that may be closed by hand now; null when there is none.</summary>
    public ErasureStep? ToClose => View.Current is { MayBeClosedByHand: true, Tries: > 0 } step ? step : null;

    /// <summary>Our own steps have names in the reader's language.</summary>
    public string NameOf(ErasureStep step) => step.SayName(T);

    public IEnumerable<ErasureTry> TriesOf(ErasureStep step) => View.Tries.Where(one => one.Position == step.Position);

    /// <summary>Systems that will be told, before the deletion has begun.</summary>
    public IReadOnlyList<IErasureConnector> Planned => connectors.All;

    public ReceiptWords? Receipt => View.Case.Receipt is { } json && System.Text.Json.JsonSerializer.Deserialize(json, ErasureJson.Default.Receipt) is { } receipt ? new ReceiptWords(receipt, T, null) : null;

    public async Task<IActionResult> OnGetAsync(string id) => await LoadAsync(id) is { } refusal ? await RefuseWhole(refusal) : Page();

    public async Task<IActionResult> OnPostTryAsync(string id, int position)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        var outcome = await act.TryNow(Me, id, position, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Flash.Set(Response, "erasure_tried", NameOf(outcome.Value));
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostCloseAsync(string id, int position, string? reason, string? confirm)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        Reason = reason ?? "";
        var outcome = await act.Close(Me, id, position, new CloseStepForm(Reason, confirm ?? ""), Client);
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "close_step", Address);
        Flash.Set(Response, "erasure_closed", outcome.Value.Name);
        return Redirect(Address);
    }

    private async Task<Refusal?> LoadAsync(string id)
    {
        var outcome = await look.One(id);
        if (!outcome.Ok) return outcome.Refusal;
        View = outcome.Value;
        return null;
    }
}
