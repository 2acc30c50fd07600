using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>A sign-in that is under way: what we sent along, to compare with what comes back.</summary>
/// <param name="State">256 bits, as are the next two.</param>
/// <param name="Verifier">PKCE, RFC 7636 §4.1.</param>
/// <param name="Return">Where the person wants to go: a path of the product.</param>
internal sealed record Attempt(string State, string Nonce, string Verifier, string Return, Demand Demand, DateTimeOffset StartedAt)
{
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
}

/// <summary>Keeps each attempt in an encrypted cookie of its own, so that it is bound to the browser that began it, and two tabs do not get in each other's way.</summary>
internal sealed class Attempts(IDataProtectionProvider protection, IOptions<HoldfastOptions> options, TimeProvider clock)
{
    /// <summary>Long enough to fetch a phone with the codes.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Of one browser at once. Headers have an end.</summary>
    private const int Most = 4;

    private readonly IDataProtector _protector = protection.CreateProtector("Holdfast.Client", "attempt", options.Value.Issuer, options.Value.ClientId);
    private readonly string _prefix = options.Value.CookieName + "-in-";

    /// <summary>Not guessable, so that nobody can be made to finish a sign-in that another began (RFC 9700 §4.7).</summary>
    public static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public Attempt Start(HttpContext context, string returnPath, Demand demand)
    {
        var attempt = new Attempt(Random(), Random(), Random(), returnPath, demand, clock.GetUtcNow());
        var others = context.Request.Cookies.Keys.Where(name => name.StartsWith(_prefix, StringComparison.Ordinal)).ToList();
        foreach (var name in others.Take(others.Count - Most + 1)) Cookies.Delete(context.Response, name);
        Cookies.Set(context.Response, Name(attempt.State), _protector.Protect(JsonSerializer.Serialize(attempt)), Lifetime);
        return attempt;
    }

    /// <summary>The attempt that an answer belongs to, once; null when this browser has begun none with this state in the last half hour.</summary>
    public Attempt? Finish(HttpContext context, string? state)
    {
        if (state is not { Length: 43 } || !Base64Url.IsValid(state) || context.Request.Cookies[Name(state)] is not { } cookie) return null;
        Cookies.Delete(context.Response, Name(state));
        try
        {
            var attempt = JsonSerializer.Deserialize<Attempt>(_protector.Unprotect(cookie))!;
            return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(attempt.State), Encoding.ASCII.GetBytes(state)) && (clock.GetUtcNow() - attempt.StartedAt).Duration() < Lifetime ? attempt : null;
        }
        catch (Exception error) when (error is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private string Name(string state) => _prefix + state[..8];
}

/// <summary>Our cookies: of this host alone (<c>__Host-</c>), over TLS, unseen by script. Browsers take them over http from this machine itself as well.</summary>
internal static class Cookies
{
    /// <param name="lifetime">Null lasts until the browser is closed.</param>
    public static void Set(HttpResponse response, string name, string value, TimeSpan? lifetime = null) => response.Cookies.Append(name, value, Options(lifetime));

    public static void Delete(HttpResponse response, string name) => response.Cookies.Append(name, "", Options(TimeSpan.Zero));

    // Lax: it has to come along when Holdfast sends people back.
    private static CookieOptions Options(TimeSpan? lifetime) => new() { Path = "/", Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true, MaxAge = lifetime };
}
