using Holdfast.Features.Deletion;
using Holdfast.Features.StepUp;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Export;

/// <summary>The person's data to take along: asked for, prepared, fetched once. The link of the letter leads here; it opens only to whoever is signed in.</summary>
[OpenToAll, OpenWhileClosing]
public sealed class ExportPage(AskForExport ask, FetchExport fetch, LookAtExport look, KeptForm kept) : MailedLinkPage
{
    public const string Address = "/account/export";

    /// <summary>In the address for as long as the person comes from a letter.</summary>
    private const string FromLetter = "letter";

    /// <summary>The newest; null when none was ever asked for.</summary>
    public DataExport? Export { get; private set; }

    /// <summary>The link of the letter was opened in this browser, and is good.</summary>
    public bool HasLink { get; private set; }

    /// <summary>A link of a letter about exports was opened here, and is over. One cookie serves all mailed links: what it holds may be another page's.</summary>
    public bool LinkOver { get; private set; }

    /// <summary>Somebody whose account waits to be deleted has no other pages.</summary>
    public bool Closing => Visitor is { Account.ClosedAt: not null };

    public string Back => Closing ? ClosingPage.Address : DeleteAccountPage.Address;

    protected override string At => $"{Address}?{FromLetter}=1";

    public async Task<IActionResult> OnPostAsync()
    {
        if (Visitor is null) return SignIn();
        var outcome = await ask.Run(Me, Client);
        if (outcome.Ok) Flash.Set(Response, "export_asked");
        else if (outcome.Refusal != ExportRefusals.BeingMade)
        {
            await LoadAsync();
            return Refuse(outcome.Refusal);
        }
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostStopAsync()
    {
        if (Visitor is null) return SignIn();
        if ((await ask.Stop(Me, Client)).Ok) Flash.Set(Response, "export_stopped");
        return Redirect(Address);
    }

    public async Task<IActionResult> OnPostDownloadAsync()
    {
        if (Visitor is null) return SignIn();
        var outcome = MailedLink.TryFind(Request, out var link) ? await fetch.Run(Me, link, Client) : NotMe.LinkRefusals.Over;
        if (outcome.Ok)
        {
            MailedLink.Forget(Response);
            return File(outcome.Value, "application/zip", FileName(Now));
        }
        if (!RequireProof.IsMissing(outcome.Refusal))
        {
            await LoadAsync();
            LinkOver = !HasLink;
            return Page();
        }
        kept.Keep(HttpContext, Me, "fetch_export");
        return Redirect(StepUpPage.Address(Address, second: outcome.Refusal.Code != "step_up.required"));
    }

    internal static string FileName(DateTimeOffset now) => $"my-data-{now.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)}.zip";

    protected override async Task<IActionResult> ShowAsync()
    {
        if (Visitor is null) return SignIn();
        await LoadAsync();
        return Page();
    }

    private async Task LoadAsync()
    {
        Export = await look.Latest(Me);
        if (!MailedLink.TryFind(Request, out var link)) return;
        HasLink = await fetch.Look(Me, link) is not null;
        LinkOver = !HasLink && IsFromLetter;
    }

    private bool IsFromLetter => Request.Query.ContainsKey(FromLetter);

    private RedirectResult SignIn() => Redirect($"/sign-in?return={Uri.EscapeDataString(IsFromLetter ? At : Address)}");
}
