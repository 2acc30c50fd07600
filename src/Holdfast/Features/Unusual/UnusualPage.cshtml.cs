using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Unusual;

/// <summary>What the notices about something unusual need.</summary>
public sealed record UnusualNotices(HoldfastPage Page, IReadOnlyList<UnusualEvent> Events);

/// <summary>What looked wrong with one's own account, and "It was me".</summary>
public sealed class UnusualPage(CloseUnusual unusual, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/unusual";

    public IReadOnlyList<UnusualEvent> Events { get; private set; } = [];

    public async Task OnGetAsync() => Events = await unusual.All(Me);

    public async Task<IActionResult> OnPostWasMeAsync(string? id)
    {
        var outcome = await unusual.WasMe(Me, id ?? "", Client);
        if (outcome.Ok)
        {
            Flash.Set(Response, "unusual_was_me");
            return Redirect(Address);
        }
        if (RequireProof.IsMissing(outcome.Refusal))
        {
            kept.Keep(HttpContext, Me, "was_me");
            return Redirect(StepUpPage.Address(Address, second: outcome.Refusal.Code != "step_up.required"));
        }
        if (outcome.Refusal.Status == 401) return Redirect("/sign-in");
        Events = await unusual.All(Me);
        return Refuse(outcome.Refusal);
    }
}

/// <summary>What looked wrong with members: what kind of thing and when, for whoever keeps the workspace safe.</summary>
[InWorkspace(Permission.ReportingView)]
public sealed class MemberUnusualPage(CloseUnusual unusual, KeptForm kept) : WorkspacePage
{
    public UnusualInWorkspace Found { get; private set; } = new([], null);

    public async Task OnGetAsync(string? before) => Found = await unusual.InWorkspace(Actor, before);

    public async Task<IActionResult> OnPostReviewedAsync(string? person, string? id)
    {
        var outcome = await unusual.Reviewed(Actor, person ?? "", id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "reviewed", $"{Base}/unusual", () => OnGetAsync(null));
        Flash.Set(Response, "unusual_reviewed");
        return Redirect($"{Base}/unusual");
    }
}
