using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Holdfast.Client;

/// <summary>Tells ASP.NET Core who is signed in, and what to do with who is not: page loads go to Holdfast and come back, everything else is told 401 with what is missing (RFC 9470 in spirit: <c>acr_values</c>, <c>max_age</c>).</summary>
internal sealed class HoldfastHandler(CheckSession check, StartSignIn start, IHoldfastSessions sessions, IOptions<HoldfastOptions> options, IOptionsMonitor<AuthenticationSchemeOptions> schemes, ILoggerFactory logger, UrlEncoder encoder, TimeProvider clock)
    : SignOutAuthenticationHandler<AuthenticationSchemeOptions>(schemes, logger, encoder)
{
    public const string SchemeName = "Holdfast";

    private static readonly object Unknown = new();

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Vault.KeyOf(Request.Cookies[options.Value.CookieName]) is not { } key) return AuthenticateResult.NoResult();
        var standing = await check.Run(key, Context.RequestAborted);
        if (standing.IsUnknown) Context.Items[Unknown] = true;
        if (standing.Session is not { } session) return AuthenticateResult.Fail("No such session, or it is over");
        var properties = new AuthenticationProperties();
        // GetTokenAsync("access_token") calls what takes this product's tokens.
        properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = session.AccessToken }]);
        return AuthenticateResult.Success(new AuthenticationTicket(session.Principal(), properties, SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => Ask(Demand(), properties.RedirectUri);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        // Signed in, but not with the proof that this place wants: that can be had. Anything else cannot.
        var demand = Demand();
        if (!demand.IsMetBy(Context.User, clock.GetUtcNow())) return Ask(demand, properties.RedirectUri);
        Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    /// <summary>Here alone. The session at Holdfast goes on: sign-out by the person is <c>POST /holdfast/sign-out</c>.</summary>
    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        if (Vault.KeyOf(Request.Cookies[options.Value.CookieName]) is { } key) await sessions.Remove(key, CancellationToken.None);
        Cookies.Delete(Response, options.Value.CookieName);
    }

    private Demand Demand() => Context.GetEndpoint()?.Metadata.GetOrderedMetadata<RequireHoldfastAttribute>().Aggregate(new Demand(), (all, one) => all.And(one.Demand)) ?? new Demand();

    private Task Ask(Demand demand, string? wanted)
    {
        Response.Headers.CacheControl = "no-store";
        if (Context.Items.ContainsKey(Unknown)) return FailurePage.Show(Context, Failure.Unreachable, LocalPath.Or(wanted, "/"), options.Value);
        if (!IsPageLoad) return Refuse(demand);
        return start.Run(Context, LocalPath.Or(wanted, Here()), demand);
    }

    private Task Refuse(Demand demand)
    {
        var parts = new List<string> { $"error=\"{(demand.SecondFactor || demand.MaxAge is not null ? "insufficient_user_authentication" : "login_required")}\"" };
        if (demand.SecondFactor) parts.Add($"acr_values=\"{Client.Demand.TwoFactors}\"");
        if (demand.Seconds is { } seconds) parts.Add($"max_age=\"{seconds}\"");
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = $"{SchemeName} {string.Join(", ", parts)}";
        return Task.CompletedTask;
    }

    /// <summary>Browsers say so; of those that do not, whoever wants HTML. A redirect to another site is of no use to a script.</summary>
    private bool IsPageLoad => Request.Headers["Sec-Fetch-Mode"].ToString() switch
    {
        "navigate" => true,
        "" => Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html"),
        _ => false,
    };

    /// <summary>Where the person is. What a form sent cannot be sent again: then it is the page that the form was on.</summary>
    private string Here()
    {
        if (HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method)) return LocalPath.Or($"{Request.PathBase}{Request.Path}{Request.QueryString}", "/");
        return Uri.TryCreate(Request.Headers[HeaderNames.Referer].ToString(), UriKind.Absolute, out var from) && from.Scheme == Request.Scheme && from.Authority == Request.Host.Value ? LocalPath.Or(from.PathAndQuery, "/") : "/";
    }
}
