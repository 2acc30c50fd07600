using Holdfast.Features.Sessions;
using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Features.OAuth;

/// <summary>Where applications send people who sign out there (OpenID Connect RP-Initiated Logout 1.0). The session here ends, and every other application that had tokens of it is told.</summary>
[OpenToAll, OpenWhileEnrolling, TakesForeignForms, IgnoreAntiforgeryToken]
public sealed class OAuthSignOutPage(ReadSignOut read) : LeavingPage
{
    public const string Address = "/oauth/logout";

    public SignOutRequest? Asked { get; private set; }

    /// <summary>The person is signed out; there is nowhere to go on to.</summary>
    public bool IsOut { get; private set; }

    public string Carried => Request.QueryString.Value ?? "";

    public async Task<IActionResult> OnGetAsync([FromServices] EndSessions end)
    {
        var asked = await read.Run([.. Request.Query]);
        if (!asked.Ok) return await RefuseWhole(asked.Refusal);
        Asked = asked.Value;
        if (Visitor is { } me)
        {
            if (!Asked.IsSure(me.Session)) return Page();
            await end.SignOut(me, Client);
            Api.ForgetSession(HttpContext);
        }
        return Out();
    }

    /// <summary>§2 allows POST as well; from another site it comes without our cookie, so it is asked again as GET.</summary>
    public async Task<IActionResult> OnPostAsync()
    {
        if (await OAuthForm.Posted(Request) is not { } form || form.Sum(p => p.Key.Length + p.Value.Sum(v => v?.Length ?? 0)) > ReadAuthorize.Longest) return await RefuseWhole(ReadAuthorize.Malformed);
        Response.Headers.Location = Address + QueryString.Create(form.SelectMany(p => p.Value.Select(v => new KeyValuePair<string, string?>(p.Key, v))));
        return StatusCode(303);
    }

    private IActionResult Out()
    {
        if (Asked!.To is { } to) return Leave(to, Asked.Client!.Name);
        IsOut = true;
        return Page();
    }
}

/// <summary>The answer of somebody who was asked whether to sign out.</summary>
[OpenWhileEnrolling]
public sealed class OAuthSignOutAnswerPage(ReadSignOut read, EndSessions end) : LeavingPage
{
    public IActionResult OnGet() => Redirect("/sign-out");

    public async Task<IActionResult> OnPostAsync(string? request)
    {
        var asked = await read.Run([.. QueryHelpers.ParseQuery(request ?? "")]);
        if (!asked.Ok) return await RefuseWhole(asked.Refusal);
        await end.SignOut(Me, Client);
        Api.ForgetSession(HttpContext);
        if (asked.Value.To is { } to) return Leave(to, asked.Value.Client!.Name);
        Flash.Set(Response, "signed_out");
        return Redirect("/sign-in");
    }
}
