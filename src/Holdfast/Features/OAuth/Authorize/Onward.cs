using System.Buffers.Text;
using System.Text;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>Remembers in the browser that an application waits while somebody sets up two-factor, which takes several pages: when it is done they can go on there. A path of ours and nothing else; what it leads to is asked anew.</summary>
public static class Onward
{
    private const int LargestCookie = 3500;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Keeps the way when it leads to an application; leaves everything else as it is.</summary>
    public static void Remember(HttpContext context, string? path)
    {
        if (!LeadsToApplication(path)) return;
        var value = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(path!));
        if (value.Length <= LargestCookie) Cookies.Set(context.Response, Cookies.Onward, value, Lifetime, SameSiteMode.Lax);
    }

    /// <summary>Null when no application waits.</summary>
    public static string? Look(HttpContext context)
    {
        var value = Cookies.Find(context.Request, Cookies.Onward);
        if (value.IsEmpty || value.Length > LargestCookie || !Base64Url.IsValid(value)) return null;
        var path = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(value));
        return LeadsToApplication(path) ? path : null;
    }

    /// <summary>Somebody has gone on, to whichever application.</summary>
    public static void Forget(HttpContext context)
    {
        if (!Cookies.Find(context.Request, Cookies.Onward).IsEmpty) Cookies.Delete(context.Response, Cookies.Onward);
    }

    private static bool LeadsToApplication(string? path) => path is not null && path.StartsWith(AuthorizePage.Address + "?", StringComparison.Ordinal) && ReturnAddress.Local(path) == path;
}
