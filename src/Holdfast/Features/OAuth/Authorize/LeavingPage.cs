using Holdfast.Web;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Features.OAuth;

/// <param name="To">The address, as the application registered it, with our answer.</param>
/// <param name="Application">Its name.</param>
public sealed record Leaving(string To, string Application);

/// <summary>
/// Pages that end in an application's address. Where a form of ours led here, by whatever redirects, Chromium holds the whole way to <c>form-action</c>, which allows our own addresses alone: then a page that goes on by itself stands between
/// (<c>Refresh</c>, so it needs no script), and what it leads to is no form's doing any more. The policy stays as strict as it is.
/// </summary>
public abstract class LeavingPage : HoldfastPage
{
    public Leaving? Leaving { get; private set; }

    public string LeavingTitle => Leaving is { Application.Length: > 0 } leaving ? T["oauth.leaving.title", leaving.Application] : T["oauth.leaving.back"];

    protected IActionResult Leave(string to, string application)
    {
        Onward.Forget(HttpContext);
        if (!ComesFromUs(Request)) return Redirect(to);
        Leaving = new Leaving(to, application);
        Response.Headers["Refresh"] = $"0; url={to}";
        return Page();
    }

    /// <summary>Browsers say where a navigation began; the few that do not, say on which page.</summary>
    private bool ComesFromUs(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() switch
    {
        "same-origin" => true,
        "" => HttpMethods.IsPost(request.Method) || request.Headers.Referer.ToString().StartsWith(Settings.Server.Issuer + "/", StringComparison.Ordinal),
        _ => HttpMethods.IsPost(request.Method),
    };
}
