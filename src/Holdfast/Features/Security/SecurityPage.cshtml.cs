using Holdfast.Features.Audit;
using Holdfast.Features.Passwords;
using Holdfast.Features.Secure;
using Holdfast.Features.Sessions;
using Holdfast.Features.TwoFactor;
using Holdfast.Features.Unusual;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.Security;

/// <summary>How the person signs in, and where they are signed in now: the page that everything else is reached from.</summary>
public sealed class SecurityPage(Db db, ChangePassword changePassword, ListSessions sessions, ListActivity activity, CloseUnusual unusual, SecureAccount secure) : HoldfastPage
{
    /// <summary>Sessions on this page; the others are one click away.</summary>
    public const int SessionsShown = 8;

    public PasswordRow? Password { get; private set; }

    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public IReadOnlyList<ActivityItem> Recent { get; private set; } = [];

    /// <summary>Failed sign-ins of the last 30 days.</summary>
    public int Failures { get; private set; }

    public bool SignOutOthers { get; private set; } = true;

    public Factors Factors { get; private set; } = Factors.None;

    /// <summary>Such as "One app and 2 passkeys".</summary>
    public string FactorsInWords => SecureAccount.Say(Factors, T);

    /// <summary>What looks wrong and is not dealt with.</summary>
    public IReadOnlyList<UnusualEvent> Unusual { get; private set; } = [];

    /// <summary>"Secure my account" that is under way.</summary>
    public SecureRun? Securing { get; private set; }

    public async Task<IActionResult> OnGetAsync()
    {
        await LoadAsync();
        // After "This wasn't me" the next sign-in goes on with it.
        if (Securing is { LeadsOn: true }) return Redirect(SecurePage.Address);
        // A recovery code was used: the new device comes first, until it is set up or put off.
        return Factors.AsksForNewDevice ? Redirect(NewDevicePage.Address) : Page();
    }

    public async Task<IActionResult> OnPostPasswordAsync(string? currentPassword, string? newPassword, string? newPasswordAgain, bool signOutOthers)
    {
        SignOutOthers = signOutOthers;
        var form = new ChangePasswordForm(PlainPassword.From(currentPassword), PlainPassword.From(newPassword), PlainPassword.From(newPasswordAgain), signOutOthers);
        var outcome = await changePassword.Run(Me, form, Client);
        if (!outcome.Ok)
        {
            if (outcome.Refusal.Status == 401) return Redirect("/sign-in");
            await LoadAsync();
            return Refuse(outcome.Refusal);
        }
        Api.SetCookie(HttpContext, outcome.Value.Fresh);
        var count = outcome.Value.SignedOut;
        Flash.Set(Response, count switch { 0 => "password_changed", 1 => "password_changed.one", _ => "password_changed.other" }, count.ToString(T.Culture));
        return Redirect("/account/security");
    }

    private async Task LoadAsync()
    {
        (Password, Factors) = await db.Read<(PasswordRow?, Factors)>(async tx => (await PasswordTable.Of(tx, Me.Account.Id), await TwoFactorTable.Of(tx, Me.Account.Id)));
        (Unusual, Securing) = (await unusual.Open(Me), await secure.Open(Me));
        Sessions = (await sessions.Run(Me, withEnded: false)).Live;
        Recent = (await activity.Run(Me, null, 30, null, T, 5)).Items;
        Failures = (await activity.Run(Me, "sign-ins", 30, null, T, 200)).Items.Count(i => i.Kind == AuditKind.SignInFailed);
    }
}
