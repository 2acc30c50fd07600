using System.Text;
using Holdfast.Features.StepUp;
using Holdfast.Features.Workspaces;
using Holdfast.Storage;
using Holdfast.Texts;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Invitations;

/// <summary>People are invited, by address or from a file, and invitations that are open are sent again or withdrawn. What became of each line is shown at once.</summary>
[InWorkspace(Permission.UsersInvite)]
[LargeForms]
public sealed class InvitePage(Invite invite, Db db, KeptForm kept) : WorkspacePage
{
    /// <summary>Open invitations on the page; the search of the users' list finds no one before they accept.</summary>
    public const int Shown = 200;

    public string Address => $"{Base}/users/invite";

    public string To { get; private set; } = "";

    public string Role { get; private set; } = Workspaces.Role.Member.Key;

    public string Language { get; private set; } = Text.Languages[0];

    public IReadOnlyList<Role> Roles { get; private set; } = [];

    public IReadOnlyList<OpenInvitation> Open { get; private set; } = [];

    /// <summary>What became of each line; null before anything was sent or checked.</summary>
    public IReadOnlyList<InviteResult>? Results { get; private set; }

    /// <summary>A file that was only checked: sent from the page of its results.</summary>
    public string? Checked { get; private set; }

    /// <summary>Of a file: those with an open invitation get another letter.</summary>
    public bool Again { get; private set; }

    public async Task OnGetAsync()
    {
        Language = T.Culture.TwoLetterISOLanguageName;
        await LoadAsync();
    }

    public IActionResult OnGetSample()
    {
        var csv = new StringBuilder();
        Csv.Row(csv, "email", "name", "role");
        Csv.Row(csv, "sofia@company.example", "Sofia Kallas", "member");
        return File(Encoding.UTF8.GetBytes(csv.ToString()), "text/csv; charset=utf-8", "invitations.csv");
    }

    public Task<IActionResult> OnPostAsync(string? to, string? role, string? language)
    {
        (To, Role, Language) = (to ?? "", role ?? "", Known(language));
        return RunAsync(ReadInvitations.Addresses(To, Role), checkOnly: false, "invite");
    }

    public async Task<IActionResult> OnPostFileAsync(IFormFile? file, string? language, bool dry, bool again)
    {
        (Language, Again) = (Known(language), again);
        if (file is null || file.Length == 0) return await RefuseHere(new Refusal("form.required", 400, "file"));
        if (file.Length > ReadInvitations.LongestText) return await RefuseHere(new Refusal("csv.too_long", 413, "file"));
        using var reader = new StreamReader(file.OpenReadStream(), new UTF8Encoding(false));
        return await SendFile(await reader.ReadToEndAsync(), dry);
    }

    public Task<IActionResult> OnPostCheckedAsync(string? csv, string? language, bool again)
    {
        (Language, Again) = (Known(language), again);
        return SendFile(csv ?? "", checkOnly: false);
    }

    public async Task<IActionResult> OnPostAgainAsync(string? id)
    {
        var outcome = await invite.SendAgain(Actor, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "invite", Address, LoadAsync);
        Flash.Set(Response, "invitation_again", outcome.Value);
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostWithdrawAsync(string? id)
    {
        var outcome = await invite.Withdraw(Actor, id ?? "", Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal, kept, "invite", Address, LoadAsync);
        Flash.Set(Response, "invitation_withdrawn", outcome.Value);
        return Redirect(Address);
    }

    private async Task<IActionResult> SendFile(string csv, bool checkOnly)
    {
        var lines = ReadInvitations.Csv(csv);
        if (!lines.Ok) return await RefuseHere(lines.Refusal);
        if (checkOnly) Checked = csv;
        return await RunAsync(lines.Value, checkOnly, "invite_file");
    }

    private async Task<IActionResult> RunAsync(IReadOnlyList<InviteLine> lines, bool checkOnly, string what)
    {
        var outcome = await invite.Run(Actor, new InviteForm(lines, Language, checkOnly, what == "invite" || Again), Client);
        if (!outcome.Ok) return await RefusedAsync(outcome.Refusal with { Field = outcome.Refusal.Field is null || what == "invite" ? outcome.Refusal.Field : "file" }, kept, what, Address, LoadAsync);
        Results = outcome.Value;
        await LoadAsync();
        return Page();
    }

    private async Task<IActionResult> RefuseHere(Refusal refusal)
    {
        await LoadAsync();
        return Refuse(refusal);
    }

    private static string Known(string? language) => Text.Languages.FirstOrDefault(l => l == language) ?? Text.Languages[0];

    private async Task LoadAsync()
    {
        var own = await db.Read(tx => RoleTable.Of(tx, Actor.WorkspaceId));
        Roles = [.. new[] { Workspaces.Role.Member, Workspaces.Role.Admin }.Concat(own.Select(r => r.Role)).Where(role => Actor.Membership.Rights.WhyNotGrant(role) is null)];
        Open = await invite.Open(Actor, Shown);
    }
}
