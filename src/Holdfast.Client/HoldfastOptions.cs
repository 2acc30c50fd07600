using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>How a product trusts Holdfast. Read from the configuration section <c>Holdfast</c>, then changed by what is passed to <c>AddHoldfast</c>. A value out of range, a missing one and an unknown key stop the start.</summary>
public sealed class HoldfastOptions
{
    /// <summary>Holdfast's <c>PublicUrl</c>, the issuer of its tokens: <c>https://id.example.com</c>, or <c>http://</c> to this machine. A slash at its end does not matter. No default.</summary>
    public string Authority { get; set; } = "";

    /// <summary>The client id that <c>holdfast client add</c> printed. No default.</summary>
    public string ClientId { get; set; } = "";

    /// <summary>The secret that came with it: keep it out of the repository (an environment variable <c>Holdfast__ClientSecret</c>, user secrets, a vault). No default.</summary>
    public string ClientSecret { get; set; } = "";

    /// <summary>The product's own address without a path, such as <c>https://app.example.com</c>: return addresses are built from it. Null, the default, takes scheme and host of each request, which is right where the product knows them (behind a proxy: <c>UseForwardedHeaders</c>).</summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// How old the last answer of Holdfast about a session may be when the session is used; an older one is asked for first, once for all requests of that session that wait. This is how soon a session that Holdfast ended is refused here
    /// even if the back channel brings nothing. 0 to 5 minutes; 5 seconds by default. Zero asks for every request: one call to Holdfast each, within a few milliseconds of it.
    /// </summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after Holdfast's last answer a session is still taken for good while Holdfast cannot be reached. After that its requests get 503 until Holdfast answers; nobody is signed out by it. 0 to 15 minutes; 1 minute by default.</summary>
    public TimeSpan UnreachableFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a session lasts here without a request, give or take five minutes. Holdfast has limits of its own, and the sooner one counts; whoever is still signed in there comes back without being asked. 10 minutes to 90 days; 12 hours by default.</summary>
    public TimeSpan IdleFor { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Where people go after signing out: a path of the product. <c>/</c> by default.</summary>
    public string SignedOutPath { get; set; } = "/";

    /// <summary>A page of the product for sign-ins that did not work, with <c>?error=…</c> (a code of OAuth or of <c>docs/guides/dotnet-product.md</c>) and <c>&amp;return=…</c>. Null, the default, shows a plain page of ours.</summary>
    public string? FailurePath { get; set; }

    /// <summary>Keys of the webhook that tells of deletions, as <c>Deletion:NAME:Secret</c> has them: <c>whsec_…</c>, several separated by spaces. Needed for <see cref="ErasureWebhook.MapHoldfastErasure"/> alone. Null by default.</summary>
    public string? WebhookSecrets { get; set; }

    /// <summary>Signing keys of the webhook that tells of security events, as Holdfast showed them: <c>whsec_…</c>, several separated by spaces while one is changed. Needed for <see cref="EventWebhook.MapHoldfastEvents"/> alone. Null by default.</summary>
    public string? EventSecrets { get; set; }

    /// <summary>What carries the calls to Holdfast, for networks that want a proxy or a certificate authority of their own. It must not follow redirects. Null, the default, uses one of ours.</summary>
    public HttpMessageHandler? Handler { get; set; }

    /// <summary>The issuer, as tokens spell it.</summary>
    internal string Issuer => Authority.TrimEnd('/');

    /// <summary>Two products on one host name (ports do not part cookies) keep apart.</summary>
    internal string CookieName => "__Host-holdfast-at-" + ClientId;
}

/// <summary>Says what is wrong with the options, one sentence for each.</summary>
internal sealed class CheckOptions : IValidateOptions<HoldfastOptions>
{
    public ValidateOptionsResult Validate(string? name, HoldfastOptions options)
    {
        var wrong = Wrong(options).ToList();
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static IEnumerable<string> Wrong(HoldfastOptions o)
    {
        if (o.Authority.Length == 0) yield return "Holdfast:Authority is missing: the address of Holdfast, such as https://id.example.com";
        else if (!IsAddress(o.Authority.TrimEnd('/'))) yield return $"Holdfast:Authority is \"{o.Authority}\": an https address is needed (http to this machine alone), without query or fragment";
        if (o.ClientId.Length == 0) yield return "Holdfast:ClientId is missing: it is printed by holdfast client add";
        else if (o.ClientId.Length > 100 || !o.ClientId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) yield return $"Holdfast:ClientId is \"{o.ClientId}\": that is no client id of Holdfast";
        if (o.ClientSecret.Length == 0) yield return "Holdfast:ClientSecret is missing: it is printed by holdfast client add";
        if (o.PublicUrl is { } url && (!IsAddress(url.TrimEnd('/'), browsersOnly: true) || new Uri(url).AbsolutePath != "/")) yield return $"Holdfast:PublicUrl is \"{url}\": an https address is needed (http to this machine alone), without a path";
        if (o.CheckEvery < TimeSpan.Zero || o.CheckEvery > TimeSpan.FromMinutes(5)) yield return $"Holdfast:CheckEvery is {o.CheckEvery}: 0 to 5 minutes";
        if (o.UnreachableFor < TimeSpan.Zero || o.UnreachableFor > TimeSpan.FromMinutes(15)) yield return $"Holdfast:UnreachableFor is {o.UnreachableFor}: 0 to 15 minutes";
        if (o.IdleFor < TimeSpan.FromMinutes(10) || o.IdleFor > TimeSpan.FromDays(90)) yield return $"Holdfast:IdleFor is {o.IdleFor}: 10 minutes to 90 days";
        // The value itself is not said: it is a secret.
        if (o.WebhookSecrets is { } secrets && HoldfastWebhookReader.Keys(secrets) is null) yield return "Holdfast:WebhookSecrets is no key: whsec_ and 24 to 64 bytes in base64, several separated by spaces";
        if (o.EventSecrets is { } keys && HoldfastWebhookReader.Keys(keys) is null) yield return "Holdfast:EventSecrets is no key: whsec_ and 24 to 64 bytes in base64, several separated by spaces";
        if (!LocalPath.Is(o.SignedOutPath)) yield return $"Holdfast:SignedOutPath is \"{o.SignedOutPath}\": a path of the product is needed, such as /";
        if (o.FailurePath is { } path && (!LocalPath.Is(path) || path.AsSpan().ContainsAny('?', '#'))) yield return $"Holdfast:FailurePath is \"{path}\": a path of the product is needed, without a query";
    }

    /// <param name="browsersOnly">Nobody but browsers goes there: they take names below localhost for this machine (RFC 6761 §6.3); other programs may ask the network.</param>
    private static bool IsAddress(string text, bool browsersOnly = false) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.IsLoopback || (browsersOnly && uri.Host.EndsWith(".localhost", StringComparison.Ordinal))))) && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;
}
