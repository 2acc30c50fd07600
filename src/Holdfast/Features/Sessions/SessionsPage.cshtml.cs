using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Sessions;

public sealed class SessionsPage(ListSessions list, EndSessions end, KeptForm kept) : HoldfastPage
{
    public SessionList List { get; private set; } = new([], []);

    public async Task OnGetAsync() => List = await list.Run(Me, withEnded: true);

    public async Task<IActionResult> OnPostEndAsync(string? id)
    {
        var outcome = await end.One(Me, id ?? "", Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal, "end_session");
        if (outcome.Value.Id == Me.Session.Id) return Left();
        Flash.Set(Response, "session_ended", Say(outcome.Value.Device));
        return Redirect("/account/sessions");
    }

    public async Task<IActionResult> OnPostEndOthersAsync()
    {
        var outcome = await end.Others(Me, Client);
        if (!outcome.Ok) return await Refused(outcome.Refusal, "end_others");
        Flash.Set(Response, outcome.Value == 1 ? "others_ended.one" : "others_ended.other", outcome.Value.ToString(T.Culture));
        return Redirect("/account/security#sessions");
    }

    public async Task<IActionResult> OnPostEndAllAsync()
    {
        var outcome = await end.All(Me, Client);
        return outcome.Ok ? Left() : await Refused(outcome.Refusal, "end_all");
    }

    private RedirectResult Left()
    {
        Api.ForgetSession(HttpContext);
        Flash.Set(Response, "signed_out_everywhere");
        return Redirect("/sign-in");
    }

    private async Task<IActionResult> Refused(Refusal refusal, string what)
    {
        if (refusal.Code == "step_up.required")
        {
            kept.Keep(HttpContext, Me, what);
            return Redirect("/step-up?return=/account/sessions");
        }
        List = await list.Run(Me, withEnded: true);
        return Refuse(refusal);
    }
}
