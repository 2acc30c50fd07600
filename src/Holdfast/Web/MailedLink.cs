using Holdfast.Secrets;
using Microsoft.AspNetCore.Mvc;

namespace Holdfast.Web;

/// <summary>The secret of a mailed link leaves the address bar before anything else loads: it moves into a short-lived cookie, and the page opens without it (ASVS 14.2.1).</summary>
public static class MailedLink
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    public static IActionResult MoveToCookie(HttpContext context, string token, string page)
    {
        // Lax: the person comes from their mail program, and the redirect is still part of that visit.
        if (SecretToken.TryHash(token, out _)) Cookies.Set(context.Response, Cookies.MailedLink, token, Lifetime, SameSiteMode.Lax);
        else Forget(context.Response);
        return new RedirectResult(page);
    }

    public static bool TryFind(HttpRequest request, out TokenHash link) => SecretToken.TryHash(Cookies.Find(request, Cookies.MailedLink), out link);

    public static void Forget(HttpResponse response) => Cookies.Delete(response, Cookies.MailedLink);
}
