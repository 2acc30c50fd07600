using Microsoft.AspNetCore.StaticFiles;

namespace Holdfast.Web;

/// <summary>Headers that every answer carries (ASVS 3.4). No inline code anywhere, so the policy needs no exceptions.</summary>
public static class SecurityHeaders
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    private const string Features = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";

    public static void Set(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = Features;
        headers.CacheControl = "no-store";
        // A year, as ASVS 3.4.1 asks; only ever sent over TLS (RFC 6797 §7.2).
        if (context.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
    }

    /// <summary>For the files of the look: the same for everybody, so they may be kept; all of them are UTF-8 (ASVS 4.1.1).</summary>
    public static void OfFile(StaticFileResponseContext file)
    {
        var response = file.Context.Response;
        response.Headers.CacheControl = "public, max-age=3600";
        if (response.ContentType is { } type) response.ContentType = type + "; charset=utf-8";
    }

    /// <summary>For pages reached by a link that holds a secret.</summary>
    public static void NoReferrer(HttpContext context) => context.Response.Headers["Referrer-Policy"] = "no-referrer";
}
