using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Holdfast.Client;

/// <summary>Why a sign-in did not work: codes of OAuth (RFC 6749 §4.1.2.1; OpenID Connect: unmet_authentication_requirements), and these of ours.</summary>
internal static class Failure
{
    /// <summary>This browser began no such sign-in, or it is used up: an old tab, the button Back, a link from elsewhere.</summary>
    public const string NotBegunHere = "not_begun_here";

    /// <summary>What came back was not right. The log says what.</summary>
    public const string Refused = "refused";

    /// <summary>Holdfast gives no answer.</summary>
    public const string Unreachable = "unreachable";
}

/// <summary>Says that a sign-in did not work and how to go on: the product's own page, or a plain one.</summary>
internal static class FailurePage
{
    public static async Task Show(HttpContext context, string failure, string returnPath, HoldfastOptions options)
    {
        var response = context.Response;
        response.Headers.CacheControl = "no-store";
        var isOut = failure is Failure.Unreachable or "server_error" or "temporarily_unavailable";
        if (options.FailurePath is { } path && !isOut)
        {
            response.StatusCode = StatusCodes.Status303SeeOther;
            response.Headers.Location = QueryHelpers.AddQueryString(context.Request.PathBase + path, new Dictionary<string, string?> { ["error"] = failure, ["return"] = returnPath });
            return;
        }
        if (isOut) response.Headers.RetryAfter = "5";
        response.StatusCode = isOut ? StatusCodes.Status503ServiceUnavailable : failure is "access_denied" or "unmet_authentication_requirements" ? StatusCodes.Status403Forbidden : StatusCodes.Status400BadRequest;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        var (title, text) = Words(failure);
        var again = isOut ? returnPath : $"{context.Request.PathBase}{HoldfastEndpoints.SignIn}?return={Uri.EscapeDataString(returnPath)}";
        await response.WriteAsync($"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>{title}</title></head>
            <body><main><h1>{title}</h1><p>{text}</p><p><a href="{WebUtility.HtmlEncode(again)}">Try again</a></p></main></body>
            </html>
            """, context.RequestAborted);
    }

    private static (string Title, string Text) Words(string failure) => failure switch
    {
        "access_denied" => ("You did not sign in", "You chose not to go on."),
        "unmet_authentication_requirements" => ("A second factor is needed", "This page asks for two-factor authentication, and your account has none yet. Set it up on the security page of your account, then try again."),
        Failure.NotBegunHere => ("This sign-in is over", "It was begun in another browser, took too long, or was used already. Nothing is wrong: begin once more."),
        Failure.Unreachable or "server_error" or "temporarily_unavailable" => ("Just a moment", "We cannot tell right now whether you are signed in. You have not been signed out. It should work again shortly."),
        _ => ("Signing in did not work", "Something came back that we did not expect, so we stopped there."),
    };
}
