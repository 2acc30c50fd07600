using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Holdfast.Client;

/// <summary>What Holdfast says of itself (OpenID Connect Discovery 1.0 §3), with the keys that it signs with.</summary>
internal sealed record Metadata(string Authorization, string Token, string UserInfo, string EndSession, IReadOnlyList<SecurityKey> Keys);

/// <summary>The answer to a call. Exactly one of the two is there.</summary>
/// <param name="Error">An error code of OAuth, or <see cref="Provider.Unreachable"/>.</param>
internal sealed record Answered<T>(T? Value, string? Error) where T : class
{
    public bool Ok => Value is not null;
}

/// <summary>Tokens as they came. It prints nothing of them.</summary>
internal sealed class Tokens(string access, string refresh, string? id, TimeSpan lifetime)
{
    public string Access { get; } = access;

    public string Refresh { get; } = refresh;

    /// <summary>Null at a refresh.</summary>
    public string? Id { get; } = id;

    public TimeSpan Lifetime { get; } = lifetime;
}

/// <summary>Every call to Holdfast. Redirects are not followed; an answer has ten seconds and 256 KiB.</summary>
internal sealed class Provider : IDisposable
{
    /// <summary>No answer, or none that tells anything: try again later.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The token is not taken: it is over, or what it hangs on is.</summary>
    public const string Over = "invalid_token";

    /// <summary>Holdfast asks for five minutes; a key is published a day before it signs.</summary>
    private static readonly TimeSpan KeepMetadata = TimeSpan.FromMinutes(5);

    /// <summary>Tokens that name keys which there are not must not make us ask for each of them.</summary>
    private static readonly TimeSpan NewKeysEvery = TimeSpan.FromSeconds(10);

    /// <summary>Where one call found nobody, others do not wait for the same.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly HoldfastOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<Provider> _logger;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Kept? _metadata;
    private long _failedAt;

    private sealed record Kept(Metadata Metadata, DateTimeOffset At);

    public Provider(IOptions<HoldfastOptions> options, TimeProvider clock, ILogger<Provider> logger)
    {
        (_options, _clock, _logger) = (options.Value, clock, logger);
        var handler = _options.Handler ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TimeSpan.FromSeconds(3), PooledConnectionLifetime = TimeSpan.FromMinutes(2) };
        _http = new HttpClient(handler, disposeHandler: _options.Handler is null) { Timeout = TimeSpan.FromSeconds(10), MaxResponseContentBufferSize = 256 * 1024 };
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    /// <param name="newKeys">A key is missing: what is kept is not new enough, unless it was fetched a moment ago.</param>
    /// <returns>Null when it is not known, and Holdfast cannot be reached.</returns>
    public async Task<Metadata?> Describe(bool newKeys = false)
    {
        if (Serves(_metadata, newKeys)) return _metadata!.Metadata;
        await _turn.WaitAsync();
        try
        {
            if (Serves(_metadata, newKeys)) return _metadata!.Metadata;
            // What was true five minutes ago is better than nothing: whoever cannot fetch keys can exchange no code either.
            if (!IsPaused && await Fetch() is { } found) _metadata = new Kept(found, _clock.GetUtcNow());
            return _metadata?.Metadata;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A code for tokens (RFC 6749 §4.1.3, RFC 7636 §4.5).</summary>
    public Task<Answered<Tokens>> Exchange(string code, string verifier, string redirect) =>
        Grant([new("grant_type", "authorization_code"), new("code", code), new("code_verifier", verifier), new("redirect_uri", redirect)], withId: true);

    public Task<Answered<Tokens>> Refresh(string token) => Grant([new("grant_type", "refresh_token"), new("refresh_token", token)], withId: false);

    /// <summary>Who the person is now; <see cref="Over"/> when the token, or what it hangs on, is over.</summary>
    public async Task<Answered<string>> UserInfo(string accessToken)
    {
        if (IsPaused || await Describe() is not { } metadata) return new(null, Unreachable);
        var (status, body) = await Call(HttpMethod.Get, metadata.UserInfo, request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken));
        if (status == HttpStatusCode.Unauthorized) return new(null, Over);
        // OpenID Connect Core §5.3.2: it always says about whom. A page of something in between does not.
        if (status != HttpStatusCode.OK || Text(Parse(body), "sub") is null) return Strange<string>("userinfo", status, null);
        return new(body, null);
    }

    private async Task<Answered<Tokens>> Grant(KeyValuePair<string, string>[] form, bool withId)
    {
        if (IsPaused || await Describe() is not { } metadata) return new(null, Unreachable);
        using var content = new FormUrlEncodedContent(form);
        var (status, body) = await Call(HttpMethod.Post, metadata.Token, request => (request.Content, request.Headers.Authorization) = (content, Basic()));
        var json = Parse(body);
        if (status == HttpStatusCode.OK)
        {
            // RFC 6749 §5.1. What we asked for we need: without a refresh token the session would be over in five minutes.
            return Text(json, "access_token") is { } access && Text(json, "refresh_token") is { } refresh && "Bearer".Equals(Text(json, "token_type"), StringComparison.OrdinalIgnoreCase) && (!withId || Text(json, "id_token") is not null)
                && json is { } answer && answer.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var lifetime) && lifetime > 0
                ? new(new Tokens(access, refresh, Text(json, "id_token"), TimeSpan.FromSeconds(lifetime)), null) : Strange<Tokens>("token", status, null);
        }
        return Text(json, "error") is "invalid_grant" ? new(null, "invalid_grant") : Strange<Tokens>("token", status, Text(json, "error"));
    }

    /// <summary>Discovery §4.3: the issuer must be just the one that was asked, and everything lies below it: what we send our secret to is Holdfast.</summary>
    private async Task<Metadata?> Fetch()
    {
        var (status, body) = await Call(HttpMethod.Get, _options.Issuer + "/.well-known/openid-configuration", _ => { });
        if (status is null) return null;
        var json = Parse(body);
        string? Below(string name) => Text(json, name) is { } address && address.StartsWith(_options.Issuer + "/", StringComparison.Ordinal) ? address : null;
        if (status != HttpStatusCode.OK || Text(json, "issuer") is not { } issuer) return Refuse($"{(int)status} and no metadata");
        if (issuer != _options.Issuer) return Refuse($"the metadata of {issuer}: Holdfast:Authority must be its PublicUrl");
        if ((Below("authorization_endpoint"), Below("token_endpoint"), Below("userinfo_endpoint"), Below("end_session_endpoint"), Below("jwks_uri")) is not ({ } authorization, { } token, { } userInfo, { } endSession, { } keys)) return Refuse("metadata that lack an address of its own");
        (status, body) = await Call(HttpMethod.Get, keys, _ => { });
        if (status is null) return null;
        if (status != HttpStatusCode.OK || Parse(body) is not { ValueKind: JsonValueKind.Object }) return Refuse($"{(int)status} and no keys");
        try
        {
            return new Metadata(authorization, token, userInfo, endSession, [.. new JsonWebKeySet(body).Keys.Where(k => k is { Kty: "EC", Crv: "P-256", Kid.Length: > 0 } && k.Use is null or "sig")]);
        }
        catch (Exception error) when (error is ArgumentException or JsonException)
        {
            return Refuse("keys that cannot be read");
        }
    }

    private Metadata? Refuse(string what)
    {
        _logger.LogError("{Authority} answered with {What}", _options.Issuer, what);
        return null;
    }

    /// <summary>An answer that tells nothing about the session: our secret is wrong, too many calls, a fault there. Nobody is signed out for it, and nobody stays in for long.</summary>
    private Answered<T> Strange<T>(string endpoint, HttpStatusCode? status, string? error) where T : class
    {
        if (status is not null) _logger.LogError("The {Endpoint} endpoint of {Authority} answered {Status} {Error}", endpoint, _options.Issuer, (int)status, error is { Length: < 60 } ? error : "");
        return new(null, Unreachable);
    }

    private async Task<(HttpStatusCode? Status, string Body)> Call(HttpMethod method, string address, Action<HttpRequestMessage> prepare)
    {
        try
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Accept.ParseAdd("application/json");
            prepare(request);
            // Not bound to whoever waits: a refresh token that was used must be followed by the next, even if the browser hangs up.
            using var response = await _http.SendAsync(request, CancellationToken.None);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(CancellationToken.None));
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
        {
            Interlocked.Exchange(ref _failedAt, Stopwatch.GetTimestamp());
            _logger.LogWarning("{Authority} cannot be reached: {Problem}", _options.Issuer, error is OperationCanceledException ? "no answer in time" : error.Message.ReplaceLineEndings(" "));
            return (null, "");
        }
    }

    private bool IsPaused => Interlocked.Read(ref _failedAt) is var at && at != 0 && Stopwatch.GetElapsedTime(at) < Pause;

    private bool Serves(Kept? kept, bool newKeys) => kept is not null && ((_clock.GetUtcNow() - kept.At).Duration() < (newKeys ? NewKeysEvery : KeepMetadata) || IsPaused);

    /// <summary>RFC 6749 §2.3.1: both parts are form-encoded before they are put into the header of RFC 7617.</summary>
    private AuthenticationHeaderValue Basic() => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(_options.ClientId)}:{WebUtility.UrlEncode(_options.ClientSecret)}")));

    private static JsonElement? Parse(string body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement? json, string name) => json is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}
