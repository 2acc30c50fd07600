namespace Holdfast.Features.OAuth;

/// <summary>
/// Which pages of other sites may read an answer: those of an application that runs in the browser, has no secret, and returns to that site. Others need no such thing, and get none.
/// No cookie is ever looked at where this is used, so nothing of a person's is opened by it.
/// </summary>
public sealed class Cors(OAuthClients clients)
{
    public async Task Allow(HttpContext context)
    {
        context.Response.Headers.Append("Vary", "Origin");
        if (context.Request.Headers.Origin.ToString() is not { Length: > 0 } origin || !await IsOfAnApplication(origin)) return;
        context.Response.Headers.AccessControlAllowOrigin = origin;
        context.Response.Headers.AccessControlAllowHeaders = "authorization, content-type";
        context.Response.Headers.AccessControlAllowMethods = "GET, POST";
        context.Response.Headers.AccessControlMaxAge = "600";
    }

    /// <summary>The question that browsers ask first.</summary>
    public async Task<IResult> Preflight(HttpContext context)
    {
        await Allow(context);
        return Results.NoContent();
    }

    private async Task<bool> IsOfAnApplication(string origin) =>
        (await clients.All()).Any(c => c is { IsOn: true, Confidential: false } && c.RedirectList.Any(address => address.StartsWith("http", StringComparison.Ordinal) && new Uri(address).GetLeftPart(UriPartial.Authority) == origin));
}
