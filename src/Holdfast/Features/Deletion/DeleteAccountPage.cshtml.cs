using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Deletion;

/// <summary>What a deletion means, and the form that asks for it. After it the person is signed out everywhere, and the same answer says until when they may change their mind.</summary>
public sealed class DeleteAccountPage(LookAtDeletion look, ScheduleDeletion schedule, KeptForm kept) : HoldfastPage
{
    public const string Address = "/account/delete";

    public DeletionPreview Preview { get; private set; } = null!;

    /// <summary>Set once it is asked for.</summary>
    public DeletionCase? Asked { get; private set; }

    /// <summary>Choices as they were sent, by the workspace's id: "hand" or "goes".</summary>
    public Dictionary<string, (string Choice, string Heir)> Chosen { get; } = new(StringComparer.Ordinal);

    public async Task OnGetAsync() => Preview = await look.Run(Me);

    public async Task<IActionResult> OnPostAsync(string? confirm)
    {
        Preview = await look.Run(Me);
        var choices = new List<WorkspaceChoice>();
        foreach (var id in Preview.Workspaces.Select(place => place.Workspace.Id))
        {
            var (choice, heir) = (Request.Form[$"choice-{id}"].ToString(), Request.Form[$"heir-{id}"].ToString());
            Chosen[id] = (choice, heir);
            if (choice is "hand" or "goes") choices.Add(new WorkspaceChoice(id, choice == "hand" ? heir : null));
        }
        var outcome = await schedule.Run(Me, new DeletionForm(confirm ?? "", choices), Client);
        if (outcome.Ok)
        {
            Asked = outcome.Value;
            Api.ForgetSession(HttpContext);
            return Page();
        }
        if (!RequireProof.IsMissing(outcome.Refusal)) return Refuse(outcome.Refusal);
        kept.Keep(HttpContext, Me, "delete_account");
        return Redirect(StepUpPage.Address(Address, second: outcome.Refusal.Code != "step_up.required"));
    }
}
