using Holdfast.Web;

namespace Holdfast.Features.ForwardAuth;

/// <summary>The request that the proxy asks about, as far as its word is taken.</summary>
/// <param name="IsNavigation">A person opens a page: sending them to sign in makes sense. Anything else is a program that wants a plain refusal.</param>
/// <param name="IsRelayed">The proxy hands our refusal to the browser as it is (Caddy, Traefik). nginx keeps it and wants 401 or 403 alone.</param>
/// <param name="ReturnTo">Path and query to come back to; null when nothing trustworthy was said.</param>
public sealed record AskedFor(bool IsNavigation, bool IsRelayed, string? ReturnTo)
{
    public static AskedFor Of(HttpContext context)
    {
        var headers = context.Request.Headers;
        var believed = KnownProxy.Speaks(context);
        // nginx has no names of its own for these; the guide gives it the two older ones. Caddy and Traefik set X-Forwarded-… by themselves.
        var nginx = believed ? headers["X-Original-URI"].ToString() : "";
        var relayed = believed && nginx.Length == 0 ? headers["X-Forwarded-Uri"].ToString() : "";
        var method = believed ? headers[nginx.Length > 0 ? "X-Original-Method" : "X-Forwarded-Method"].ToString() : "";
        if (method.Length == 0) method = context.Request.Method;
        var isNavigation = (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) && WantsPage(headers);
        var uri = nginx.Length > 0 ? nginx : relayed;
        return new AskedFor(isNavigation, relayed.Length > 0, ReturnAddress.Local(uri) == uri ? uri : null);
    }

    /// <summary>Browsers say so themselves (Fetch Metadata); old ones ask for HTML.</summary>
    private static bool WantsPage(IHeaderDictionary headers) => headers["Sec-Fetch-Mode"].ToString() switch
    {
        "" => headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase),
        var mode => mode == "navigate",
    };
}
