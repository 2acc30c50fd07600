using Holdfast.Features.Sessions;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Holdfast.Web;

/// <summary>What the pages of a workspace share: who acts, and the detour over a proof.</summary>
public abstract class WorkspacePage : HoldfastPage
{
    public WorkspaceActor Actor => HttpContext.InWorkspace();

    /// <summary>Where the workspace's pages begin.</summary>
    public string Base => $"/w/{Actor.Slug}";

    public override Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        Here.Remember(HttpContext, Actor);
        return base.OnPageHandlerExecutionAsync(context, next);
    }

    /// <summary>Shows the refusal; where a proof mends it, asks for one first and keeps what was typed.</summary>
    /// <param name="what">End of the text keys <c>step_up.for.…</c> and <c>step_up.go_on.…</c>.</param>
    /// <param name="back">Where to go when the person thinks better of it.</param>
    protected async Task<IActionResult> RefusedAsync(Refusal refusal, KeptForm kept, string what, string back, Func<Task> load)
    {
        if (RequireProof.IsMissing(refusal))
        {
            kept.Keep(HttpContext, Me, what);
            return Redirect(StepUpPage.Address(back, second: refusal.Code != "step_up.required"));
        }
        // Nothing of the page is for somebody who is not signed in any more, or may not do what it is about.
        if ((refusal.Status == 404 && refusal.Field is null) || refusal == SessionRefusals.Ended || refusal == WorkspaceRefusals.NotAllowed) return await RefuseWhole(refusal);
        await load();
        return Refuse(refusal);
    }
}
