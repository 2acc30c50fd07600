using Holdfast.Features.StepUp;
using Holdfast.Features.TwoFactor;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Holdfast.Features.OAuth;

/// <summary>The authorization endpoint (RFC 6749 §3.1; OpenID Connect Core §3.1.2): signs the person in here, asks what has to be asked, and sends them back with a code. What cannot be trusted is said on our own page.</summary>
[OpenToAll, OpenWhileEnrolling, TakesForeignForms, IgnoreAntiforgeryToken]
public sealed class AuthorizePage(AuthorizeFlow flow, IssueCode issue) : LeavingPage
{
    public const string Address = "/oauth/authorize";

    public ReadRequest.Untrusted? Untrusted { get; private set; }

    /// <summary>The application asks for a second factor, and the person has none.</summary>
    public AuthorizeRequest? NeedsFactor { get; private set; }

    /// <summary>Back to the application, without.</summary>
    public string WithoutFactor => NeedsFactor!.WithError(new OAuthError("unmet_authentication_requirements", "the person has no second factor"), Settings.Server.Issuer);

    public async Task<IActionResult> OnGetAsync()
    {
        var (read, state) = await flow.Look([.. Request.Query], Visitor);
        if (read is ReadRequest.Untrusted untrusted) return Show(untrusted);
        if (read is ReadRequest.Wrong wrong) return Leave(AuthorizeRequest.Error(wrong.Redirect, wrong.State, wrong.Error, Settings.Server.Issuer), "");
        return await GoOnAsync(state!);
    }

    /// <summary>OpenID Connect Core §3.1.2.1 allows POST as well. From another site it comes without our cookie, so it is asked again as GET; nothing is done with it here.</summary>
    public async Task<IActionResult> OnPostAsync()
    {
        if (await OAuthForm.Posted(Request) is not { } form || form.Sum(p => p.Key.Length + p.Value.Sum(v => v?.Length ?? 0)) > ReadAuthorize.Longest) return Show(new ReadRequest.Untrusted(ReadAuthorize.Malformed, null, null));
        Response.Headers.Location = Address + QueryString.Create(form.SelectMany(p => p.Value.Select(v => new KeyValuePair<string, string?>(p.Key, v))));
        return StatusCode(303);
    }

    private async Task<IActionResult> GoOnAsync(AuthorizeState state)
    {
        var request = state.Request;
        if (request.Silent && DecideAuthorize.Silently(state.Step) is { } silent) return Tell(request, silent);
        switch (state.Step)
        {
            case AuthorizeStep.SignIn when Visitor is not null: return Tell(request, new OAuthError("login_required", "somebody else is signed in"));
            case AuthorizeStep.SignIn: return Redirect($"/sign-in?return={Uri.EscapeDataString(flow.AfterSignIn(request))}");
            case AuthorizeStep.Enrol: return Redirect($"{TwoFactorPage.Address}?return={Uri.EscapeDataString(request.Path(Address))}");
            // Asked for a proof and back without one: they thought better of it.
            case AuthorizeStep.Prove or AuthorizeStep.ProveSecond when state.IsBack: return Tell(request, Denied);
            case AuthorizeStep.Prove or AuthorizeStep.ProveSecond: return Redirect(StepUpPage.Address(flow.AfterProof(request), second: state.Step == AuthorizeStep.ProveSecond));
            case AuthorizeStep.NeedFactor:
                NeedsFactor = request;
                return Page();
            case AuthorizeStep.Consent: return Redirect(ConsentPage.Address + Request.QueryString);
        }
        var code = await issue.Run(request, Me, null, Client);
        // The session ended at this very moment: the same request again finds nobody signed in.
        return code.Ok ? Leave(request.WithCode(code.Value.Reveal(), Settings.Server.Issuer), request.Client.Name) : Redirect(request.Path(Address));
    }

    internal static OAuthError Denied => new("access_denied", "the person said no");

    private IActionResult Tell(AuthorizeRequest request, OAuthError error) => Leave(request.WithError(error, Settings.Server.Issuer), request.Client.Name);

    private PageResult Show(ReadRequest.Untrusted untrusted)
    {
        Untrusted = untrusted;
        Response.StatusCode = untrusted.Refusal.Status;
        return Page();
    }
}
