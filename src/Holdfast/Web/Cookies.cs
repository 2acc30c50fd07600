using Holdfast.Secrets;

namespace Holdfast.Web;

/// <summary>The cookies we set. All but the theme are <c>__Host-</c>: Secure, this host only, path / (ASVS 3.3).</summary>
public static class Cookies
{
    public const string Session = "__Host-holdfast";
    public const string Device = "__Host-holdfast-device";
    public const string Pending = "__Host-holdfast-pending";
    public const string Passkey = "__Host-holdfast-passkey";
    public const string Remembered = "__Host-holdfast-remembered";
    public const string SetupLink = "__Host-holdfast-setup";
    public const string MailedLink = "__Host-holdfast-link";
    public const string Antiforgery = "__Host-holdfast-form";
    public const string Flash = "__Host-holdfast-flash";

    /// <summary>The way back to an application that waits while two-factor is set up. It opens nothing.</summary>
    public const string Onward = "__Host-holdfast-onward";

    public const string Theme = "holdfast-theme";

    /// <summary>The short name of the workspace that was last looked at: which one the sidebar shows elsewhere. It opens nothing.</summary>
    public const string Workspace = "holdfast-workspace";

    /// <summary>Chromium keeps a cookie for 400 days at most.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(400);

    /// <summary>The value of one cookie, without taking the whole header apart. Empty when there is none; the first counts when there are two.</summary>
    public static ReadOnlySpan<char> Find(HttpRequest request, string name)
    {
        foreach (var header in request.Headers.Cookie)
        {
            var rest = header.AsSpan();
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf(';');
                var pair = (end < 0 ? rest : rest[..end]).Trim(' ');
                rest = end < 0 ? default : rest[(end + 1)..];
                if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.Ordinal)) return pair[(name.Length + 1)..];
            }
        }
        return default;
    }

    /// <param name="lifetime">Null makes a cookie that ends with the browser.</param>
    public static void SetSession(HttpResponse response, SecretToken token, TimeSpan? lifetime) => Set(response, Session, token.Reveal(), lifetime, SameSiteMode.Lax);

    /// <summary>Strict: nothing but our own sign-in page leads to the second step.</summary>
    public static void SetPending(HttpResponse response, SecretToken token) => Set(response, Pending, token.Reveal(), Features.SignIn.PendingSignIn.Lifetime, SameSiteMode.Strict);

    public static void SetDevice(HttpResponse response, SecretToken token) => Set(response, Device, token.Reveal(), Longest, SameSiteMode.Lax);

    /// <summary>The hash of a token in a cookie; null when there is none.</summary>
    public static TokenHash? Hash(HttpRequest request, string name) => SecretToken.TryHash(Find(request, name), out var hash) ? hash : null;

    public static void Set(HttpResponse response, string name, string value, TimeSpan? lifetime, SameSiteMode sameSite) => response.Cookies.Append(name, value, new CookieOptions
    {
        HttpOnly = true, Secure = true, SameSite = sameSite, Path = "/", MaxAge = lifetime, IsEssential = true,
    });

    /// <summary>For wishes that are no secret, such as the colours.</summary>
    public static void SetPlain(HttpResponse response, string name, string value) =>
        response.Cookies.Append(name, value, new CookieOptions { MaxAge = Longest, SameSite = SameSiteMode.Lax, Secure = response.HttpContext.Request.IsHttps, HttpOnly = true, Path = "/" });

    public static void Delete(HttpResponse response, string name) => response.Headers.Append("Set-Cookie", $"{name}=; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=0; path=/; secure; samesite=lax; httponly");
}
