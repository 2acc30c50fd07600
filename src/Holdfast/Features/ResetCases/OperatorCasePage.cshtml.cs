using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.ResetCases;

/// <summary>One case for an operator: to decide, waiting, or closed for good.</summary>
public sealed class OperatorCasePage(LookAtCases look, DecideReset decide, StopReset stop, KeptForm kept) : OperatorPage
{
    public CaseView View { get; private set; } = null!;

    public ResetCase Case => View.Case;

    public string Address => $"/operator/cases/{Case.Id}";

    public string Way { get; private set; } = "";

    public string Evidence { get; private set; } = "";

    public bool NoStake { get; private set; }

    /// <summary>Null when whoever looks may decide it.</summary>
    public Refusal? WhyNot => Case.WhyNotDecide(Me.Account.Id);

    public async Task<IActionResult> OnGetAsync(string id) => await LoadAsync(id) is { } refusal ? await RefuseWhole(refusal) : Page();

    /// <param name="decision">"approve" or "decline": the button that was pressed.</param>
    public async Task<IActionResult> OnPostAsync(string id, string? way, string? evidence, bool other, [FromForm(Name = "do")] string? decision)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        (Way, Evidence, NoStake) = (way ?? "", evidence ?? "", other);
        var form = new DecisionForm(Way, Evidence, NoStake);
        var outcome = decision == "approve" ? await decide.Approve(Me, id, form, Client) : await decide.Decline(Me, id, form, Client);
        if (!outcome.Ok) return RefusedFor(outcome.Refusal, kept, "decide_case", Address);
        if (decision == "approve") Flash.Set(Response, "case_approved", View.Request.Person);
        else Flash.Set(Response, "case_declined", View.Request.Person);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostStopAsync(string id)
    {
        if (await LoadAsync(id) is { } missing) return await RefuseWhole(missing);
        var outcome = await stop.ByOperator(Me, id, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Flash.Set(Response, "case_stopped", View.Request.Person);
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
