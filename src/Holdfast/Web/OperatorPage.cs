using Holdfast.Features.StepUp;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Web;

/// <summary>What the operators' pages share: times in UTC, and the detour over a proof.</summary>
public abstract class OperatorPage : HoldfastPage
{
    /// <summary>Operators sit anywhere and compare with logs: their pages show UTC, and say so.</summary>
    public Moments Utc => new(T, Now, null);

    public string FullUtc(DateTimeOffset at) => T["operator.utc", Utc.Full(at)];

    /// <summary>Shows the refusal; where a proof mends it, asks for one first and keeps what was typed.</summary>
    /// <param name="what">End of the text keys <c>step_up.for.…</c> and <c>step_up.go_on.…</c>.</param>
    protected IActionResult RefusedFor(Refusal refusal, KeptForm kept, string what, string back)
    {
        if (!RequireProof.IsMissing(refusal)) return Refuse(refusal);
        kept.Keep(HttpContext, Me, what);
        return Redirect(StepUpPage.Address(back, second: refusal.Code != "step_up.required"));
    }
}
