using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>The addresses that a product gets.</summary>
internal static class HoldfastEndpoints
{
    public const string SignIn = "/holdfast/sign-in";
    public const string Callback = "/holdfast/callback";
    public const string SignOut = "/holdfast/sign-out";
    public const string SignedOut = "/holdfast/signed-out";
    public const string SessionEnded = "/holdfast/session-ended";

    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("");
        group.MapGet(SignIn, (HttpContext context, StartSignIn start) => start.Run(context, LocalPath.Or(context.Request.Query["return"], "/"), Wanted(context.Request.Query)));
        group.MapGet(Callback, (HttpContext context, FinishSignIn finish) => finish.Run(context));
        group.MapPost(SignOut, (HttpContext context, SignOut signOut) => signOut.Run(context));
        group.MapGet(SignedOut, (HttpContext context, IOptions<HoldfastOptions> options) => Results.LocalRedirect("~" + options.Value.SignedOutPath));
        group.MapPost(SessionEnded, (HttpContext context, HearOfEnd hear) => hear.Run(context));
        // They look after themselves: a fallback policy of the product must not close them, and what reaches them from Holdfast has no anti-forgery token.
        group.AllowAnonymous().DisableAntiforgery().ExcludeFromDescription();
        return group;
    }

    /// <summary>For scripts that were told 401 with what is missing. It can only ask for more, so anybody may write such a link.</summary>
    private static Demand Wanted(IQueryCollection query) =>
        new(query["second_factor"] == "true", int.TryParse(query["max_age"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 60 and <= 86400 ? TimeSpan.FromSeconds(seconds) : null);
}

/// <summary>Signs out here, and then at Holdfast (OpenID Connect RP-Initiated Logout 1.0 §2), which tells the other products.</summary>
internal sealed class SignOut(Provider provider, Vault vault, IHoldfastSessions sessions, Origin origin, IOptions<HoldfastOptions> options)
{
    public async Task Run(HttpContext context)
    {
        // A page elsewhere must not sign people out. Its form brings no cookie (SameSite=Lax) unless it stands on a neighbouring host: then browsers say so.
        if (context.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = context.Request.PathBase + options.Value.SignedOutPath;
        if (Vault.KeyOf(context.Request.Cookies[options.Value.CookieName]) is not { } key) return;
        var session = await sessions.Find(key, CancellationToken.None) is { } entry ? vault.Open(entry) : null;
        await sessions.Remove(key, CancellationToken.None);
        Cookies.Delete(context.Response, options.Value.CookieName);
        if (session is null || await provider.Describe() is not { } metadata) return;
        context.Response.Headers.Location = QueryHelpers.AddQueryString(metadata.EndSession, new Dictionary<string, string?> { ["id_token_hint"] = session.IdToken, ["post_logout_redirect_uri"] = origin.Of(context.Request) + HoldfastEndpoints.SignedOut });
    }
}

/// <summary>
/// Holdfast tells that a session is over (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8). A token that comes twice does nothing twice, since no session has the same id again; so it is not refused: Holdfast asks again with the same <c>jti</c> when our answer got
/// lost, and a list of those that were seen would keep it from ever getting through if we failed half-way.
/// </summary>
internal sealed class HearOfEnd(ReadToken read, IHoldfastSessions sessions, ILogger<HearOfEnd> logger)
{
    private const string Event = "http://schemas.openid.net/event/backchannel-logout";

    private const int Largest = 32 * 1024;

    public async Task Run(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await Token(context.Request) is not { } token)
        {
            await Answer(context, "a form with one logout_token is needed");
            return;
        }
        var answer = await read.Run(token, ReadToken.Logout);
        if (answer.Error == Provider.Unreachable) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else if (answer.Value is not { } claims || SessionOf(JsonElement.Parse(claims)) is not { } session) await Answer(context, "the logout token is not right");
        else
        {
            // If it fails, it fails aloud: Holdfast tells us again.
            await sessions.End(session, CancellationToken.None);
            logger.LogInformation("Holdfast ended session {Session}", session);
        }
    }

    /// <summary>§2.6 steps 4 to 7. Holdfast always names the session: a token for all sessions of a person is not one of its.</summary>
    private static string? SessionOf(JsonElement claims) =>
        !claims.TryGetProperty("nonce", out _) && ReadToken.Text(claims, "jti") is not null && claims.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Object
        && events.TryGetProperty(Event, out var what) && what.ValueKind == JsonValueKind.Object ? ReadToken.Text(claims, "sid") : null;

    private static async Task<string?> Token(HttpRequest request)
    {
        if (request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) != true || request.ContentLength is null or > Largest) return null;
        try
        {
            return (await request.ReadFormAsync())["logout_token"] is [{ Length: > 0 } token] ? token : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>§2.8.</summary>
    private static Task Answer(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsJsonAsync(new Dictionary<string, string> { ["error"] = "invalid_request", ["error_description"] = why });
    }
}
