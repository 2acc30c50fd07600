using Holdfast.Features.StepUp;
using Holdfast.Features.Users;
using Holdfast.Features.Workspaces;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.ResetCases;

/// <summary>A workspace asks for the reset of a member's two-factor; while the case is open, how far it is.</summary>
[InWorkspace(Permission.UsersRecover)]
public sealed class RequestResetPage(LookAtUser lookAtUser, LookAtCases look, RequestReset request, KeptForm kept) : OneUserPage(lookAtUser)
{
    public CaseView? Open { get; private set; }

    public ResetForm Form { get; private set; } = new([], "", "", false);

    public async Task<IActionResult> OnGetAsync(string id)
    {
        if (await LoadAllAsync(id) is { } missing) return await RefuseWhole(missing);
        // Said before anybody fills in a form that cannot work.
        if (id == Me.Account.Id) return Refuse(CaseRefusals.Yourself);
        if (Actor.Membership.Rights.WhyNotActOn(Person.Membership.Rights) is { } above) return await RefuseWhole(above);
        return Open is null && Person.Factors.Count == 0 ? Refuse(TwoFactor.TwoFactorRefusals.Off) : Page();
    }

    public async Task<IActionResult> OnPostAsync(string id, string[]? lost, string? reason, string? reach, bool known)
    {
        if (await LoadAllAsync(id) is { } missing) return await RefuseWhole(missing);
        Form = new ResetForm(lost ?? [], reason ?? "", reach ?? "", known);
        var outcome = await request.Run(Actor, id, Form, Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "request_reset", $"{Address}/reset-two-factor", () => Task.CompletedTask);
        Flash.Set(Response, "reset_requested", outcome.Value.Label, Person.Name);
        return Redirect($"{Address}/reset-two-factor");
    }

    public async Task<IActionResult> OnPostWithdrawAsync(string id)
    {
        if (await LoadAllAsync(id) is { } missing) return await RefuseWhole(missing);
        var outcome = await request.Withdraw(Actor, id, Client);
        if (!outcome.Ok) return Refuse(outcome.Refusal);
        Flash.Set(Response, "reset_withdrawn", outcome.Value.Label);
        return Redirect(Address);
    }

    private async Task<Refusal?> LoadAllAsync(string id)
    {
        if (await LoadAsync(id) is { } refusal) return refusal;
        Open = await look.OfMember(Actor, id);
        return null;
    }
}
