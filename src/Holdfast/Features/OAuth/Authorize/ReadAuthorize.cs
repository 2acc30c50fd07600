using System.Buffers.Text;
using System.Globalization;
using Holdfast.Configuration;
using Holdfast.Web;
using Microsoft.Extensions.Primitives;

namespace Holdfast.Features.OAuth;

/// <summary>What a request to the authorization endpoint comes to when it is read.</summary>
public abstract record ReadRequest
{
    private ReadRequest() { }

    /// <summary>It cannot be trusted: nobody is sent anywhere (RFC 6749 §4.1.2.1, RFC 9700 §4.11.2).</summary>
    /// <param name="Application">Its name, when it is known.</param>
    /// <param name="AskedFor">The address that it asked for; null when it named none.</param>
    public sealed record Untrusted(Refusal Refusal, string? Application, string? AskedFor) : ReadRequest;

    /// <summary>Client and return address are right, something else is not: the application is told there.</summary>
    public sealed record Wrong(string Redirect, string? State, OAuthError Error) : ReadRequest;

    public sealed record Right(AuthorizeRequest Request) : ReadRequest;
}

/// <summary>Reads a request to the authorization endpoint, in the order that keeps us from sending people to a stranger: client, return address, and only then the rest (RFC 6749 §4.1.1; OpenID Connect Core §3.1.2.1; OAuth 2.1).</summary>
public sealed class ReadAuthorize(OAuthClients clients, SigningKeys keys, HoldfastSettings settings)
{
    /// <summary>Characters of the whole request: it goes through our own pages as a return address, and request lines end at 8 KiB.</summary>
    public const int Longest = 3000;

    public static readonly Refusal ClientUnknown = new("oauth.client_unknown", 400);
    public static readonly Refusal RedirectMissing = new("oauth.redirect_missing", 400);
    public static readonly Refusal RedirectUnknown = new("oauth.redirect_not_registered", 400);
    public static readonly Refusal Malformed = new("oauth.request_malformed", 400);

    public async Task<ReadRequest> Run(IReadOnlyCollection<KeyValuePair<string, StringValues>> query)
    {
        // RFC 6749 §3.1: none may come twice. Where it is one that says who asks or where to go, nobody can be told.
        if (Twice(query, "client_id") || Twice(query, "redirect_uri") || query.Sum(p => p.Key.Length + p.Value.Sum(v => v?.Length ?? 0) + 2) > Longest) return new ReadRequest.Untrusted(Malformed, null, null);
        var asked = One(query, "redirect_uri");
        if (await clients.Find(One(query, "client_id")) is not { IsOn: true } client) return new ReadRequest.Untrusted(ClientUnknown, null, asked);
        if (asked is null) return new ReadRequest.Untrusted(RedirectMissing, client.Name, null);
        if (!client.Allows(asked)) return new ReadRequest.Untrusted(RedirectUnknown, client.Name, asked);
        var read = OAuthForm.Read(query);
        if (!read.Ok) return new ReadRequest.Wrong(asked, Twice(query, "state") ? null : One(query, "state"), read.Error);
        var outcome = await Rest(read.Value, client, asked, query);
        return outcome.Ok ? new ReadRequest.Right(outcome.Value) : new ReadRequest.Wrong(asked, read.Value["state"], outcome.Error);
    }

    private async Task<OAuthOutcome<AuthorizeRequest>> Rest(OAuthForm form, OAuthClient client, string redirect, IReadOnlyCollection<KeyValuePair<string, StringValues>> query)
    {
        // OpenID Connect Core §6.1, §6.2: what is not supported is refused, not passed over.
        if (form["request"] is not null) return new OAuthError("request_not_supported", "request objects are not supported");
        if (form["request_uri"] is not null) return new OAuthError("request_uri_not_supported", "request objects are not supported");
        if (form["response_type"] is not { } type) return OAuthError.Request("response_type is missing");
        if (type != "code") return new OAuthError("unsupported_response_type", "only response_type=code is supported");
        if (form["response_mode"] is { } mode && mode != "query") return OAuthError.Request("only response_mode=query is supported");
        // RFC 7636 §4.3, §4.4.1: without a method it would be "plain", which is not supported.
        if (form["code_challenge"] is not { } challenge) return OAuthError.Request("code_challenge is missing: PKCE is needed");
        if (form["code_challenge_method"] != "S256") return OAuthError.Request("code_challenge_method must be S256");
        if (challenge.Length != 43 || !Base64Url.IsValid(challenge)) return OAuthError.Request("code_challenge must be the SHA-256 of the verifier in base64url");
        if (form["scope"] is not { } scope || Scope.Split(scope) is not { Count: > 0 } scopes) return new OAuthError("invalid_scope", "scope is missing");
        if (scopes.FirstOrDefault(s => !client.ScopeList.Contains(s, StringComparer.Ordinal)) is not null) return new OAuthError("invalid_scope", "this client may not ask for all of these scopes");
        if (await Audience(form["resource"], client, scopes) is { } wrong) return wrong;
        if (form["nonce"] is { Length: > 500 }) return OAuthError.Request("nonce is longer than 500 characters");
        var prompts = form["prompt"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (prompts.Contains("select_account", StringComparer.Ordinal)) return new OAuthError("account_selection_required", "a browser has one account here: prompt=select_account is not supported");
        if (prompts.Any(p => p is not ("none" or "login" or "consent")) || (prompts.Contains("none", StringComparer.Ordinal) && prompts.Length > 1)) return OAuthError.Request("prompt is none, or login and consent");
        TimeSpan? maxAge = null;
        if (form["max_age"] is { } age)
        {
            if (!int.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) return OAuthError.Request("max_age is not a number of seconds");
            maxAge = TimeSpan.FromSeconds(seconds);
        }
        var (two, one) = Levels(form["acr_values"], client);
        return new AuthorizeRequest(client, redirect, form["state"], Scope.Join(scopes), form["resource"] ?? "", challenge, form["nonce"], prompts, maxAge, two, one, await Hinted(form["id_token_hint"]), [.. query.Select(p => new KeyValuePair<string, string>(p.Key, p.Value.ToString())).Where(p => p.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))]);
    }

    /// <summary>RFC 8707 §2: an address that some application here answers for. Others than ours have to ask for something there besides.</summary>
    private async Task<OAuthError?> Audience(string? resource, OAuthClient client, IReadOnlyList<string> scopes)
    {
        if (resource is null) return null;
        var known = (await clients.All()).Any(c => c.IsOn && c.ResourceList.Contains(resource, StringComparer.Ordinal));
        if (!known || (!client.FirstParty && !scopes.Any(s => settings.OAuth.Scopes.Any(own => own.Name == s)))) return new OAuthError("invalid_target", "this resource is unknown, or nothing is asked for there");
        return null;
    }

    /// <summary>OpenID Connect Core §3.1.2.1, in order of preference. What we do not know is passed over: the values are a wish, and the answer says what was reached.</summary>
    private static (bool WantsTwo, bool TakesOne) Levels(string? values, OAuthClient client)
    {
        string[] known = [.. (values ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(v => Acr.All.Contains(v, StringComparer.Ordinal))];
        if (client.SecondFactor) return (true, false);
        return known is [Acr.Two, ..] ? (true, known.Contains(Acr.One, StringComparer.Ordinal)) : (false, true);
    }

    /// <summary>Whom the application believes to be signed in; null when it does not say. A hint that we did not sign names nobody there is.</summary>
    private async Task<string?> Hinted(string? hint) => hint is null ? null : (string?)(await keys.Read(hint, IdToken.Type))?["sub"] ?? "";

    private static bool Twice(IEnumerable<KeyValuePair<string, StringValues>> query, string name) => query.Any(p => p.Key == name && p.Value.Count > 1);

    private static string? One(IEnumerable<KeyValuePair<string, StringValues>> query, string name) => query.FirstOrDefault(p => p.Key == name).Value.ToString() is { Length: > 0 } value ? value : null;
}
