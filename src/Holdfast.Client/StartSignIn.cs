using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>Sends the person to Holdfast: authorization code with PKCE (OpenID Connect Core §3.1.2.1, RFC 7636), state and nonce bound to this browser.</summary>
internal sealed class StartSignIn(Provider provider, Attempts attempts, Origin origin, IOptions<HoldfastOptions> options)
{
    /// <summary><c>offline_access</c>: tokens live for minutes, and a session for as long as the one at Holdfast.</summary>
    private const string Scopes = "openid profile email workspaces offline_access";

    /// <param name="returnPath">A path of the product.</param>
    public async Task Run(HttpContext context, string returnPath, Demand demand)
    {
        if (await provider.Describe() is not { } metadata)
        {
            await FailurePage.Show(context, Failure.Unreachable, returnPath, options.Value);
            return;
        }
        var attempt = attempts.Start(context, returnPath, demand);
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code", ["client_id"] = options.Value.ClientId, ["redirect_uri"] = origin.Of(context.Request) + HoldfastEndpoints.Callback, ["scope"] = Scopes, ["state"] = attempt.State, ["nonce"] = attempt.Nonce,
            ["code_challenge"] = attempt.Challenge, ["code_challenge_method"] = "S256", ["acr_values"] = demand.SecondFactor ? Demand.TwoFactors : null, ["max_age"] = demand.Seconds,
        };
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = QueryHelpers.AddQueryString(metadata.Authorization, query.Where(p => p.Value is not null));
    }
}

/// <summary>Where this product is, as browsers see it.</summary>
internal sealed class Origin(IOptions<HoldfastOptions> options)
{
    /// <summary>Set when the endpoints are mapped. Without them nobody could come back.</summary>
    public bool IsMapped { get; set; }

    public string Of(HttpRequest request) => !IsMapped ? throw new InvalidOperationException("app.MapHoldfast() is missing") : (options.Value.PublicUrl?.TrimEnd('/') ?? $"{request.Scheme}://{request.Host}") + request.PathBase;
}
