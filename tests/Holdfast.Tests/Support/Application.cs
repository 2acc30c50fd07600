using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace Holdfast.Tests.Support;

/// <summary>An application that people sign in to: what its own code would do.</summary>
/// <param name="id">Its client id.</param>
/// <param name="secret">Null for one that runs on the person's device.</param>
public sealed class Application(TestApp app, string id, string? secret, string redirect, string scope = "openid profile email workspaces offline_access")
{
    public const string ShopRedirect = "https://app.quayside.example/signed-in";
    public const string TideRedirect = "https://tidecalendar.example/signed-in";
    public const string ApiAddress = "https://api.quayside.example/";
    public const string MailAddress = "https://mail.quayside.example/";
    public const string LoopbackRedirect = "http://127.0.0.1/in";
    public const string AfterSignOut = "https://app.quayside.example/bye";

    /// <summary>What the settings of the tests register: two applications of the product's own (one of them on people's devices), its API, and one by others.</summary>
    public static IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["OAuth:Scopes:bookings.read"] = "Read your bookings",
        ["OAuth:Clients:shop:Name"] = "Quayside shop", ["OAuth:Clients:shop:Redirects"] = $"{ShopRedirect}, https://app.quayside.example/signed-in?to=1", ["OAuth:Clients:shop:Secret"] = Secret("shop"), ["OAuth:Clients:shop:SignOuts"] = AfterSignOut,
        ["OAuth:Clients:shop-api:Name"] = "Quayside API", ["OAuth:Clients:shop-api:Redirects"] = "https://api.quayside.example/unused", ["OAuth:Clients:shop-api:Secret"] = Secret("shop-api"), ["OAuth:Clients:shop-api:Resources"] = $"{ApiAddress}, {MailAddress}",
        ["OAuth:Clients:phone:Name"] = "Quayside for phones", ["OAuth:Clients:phone:Redirects"] = $"com.example.quayside:/signed-in, {LoopbackRedirect}, https://spa.quayside.example/in",
        ["OAuth:Clients:tide:Name"] = "Tide calendar", ["OAuth:Clients:tide:Maker"] = "Tidewater Tools", ["OAuth:Clients:tide:Own"] = "false", ["OAuth:Clients:tide:Redirects"] = TideRedirect, ["OAuth:Clients:tide:Secret"] = Secret("tide"),
        ["OAuth:Clients:tide:Scopes"] = "openid, profile, email, workspaces, offline_access, bookings.read",
    };

    public static string Secret(string id) => $"a-secret-of-{id}-that-is-long-enough-for-it";

    public static Application Shop(TestApp app) => new(app, "shop", Secret("shop"), ShopRedirect);

    public static Application Api(TestApp app) => new(app, "shop-api", Secret("shop-api"), "https://api.quayside.example/unused");

    public static Application Phone(TestApp app) => new(app, "phone", null, "https://spa.quayside.example/in");

    public static Application Tide(TestApp app) => new(app, "tide", Secret("tide"), TideRedirect);

    public string Id { get; } = id;

    public string? OwnSecret { get; } = secret;

    public string Redirect { get; } = redirect;

    public string Verifier { get; } = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    /// <summary>Where the application sends the person.</summary>
    /// <param name="other">Parameters instead of the usual ones; an empty value leaves one out.</param>
    public string Authorize(params (string Name, string Value)[] other)
    {
        var all = new List<(string Name, string Value)>
        {
            ("response_type", "code"), ("client_id", Id), ("redirect_uri", Redirect), ("scope", scope), ("state", "a state & more"), ("nonce", "n-0S6"), ("code_challenge", Challenge), ("code_challenge_method", "S256"),
        };
        foreach (var (name, value) in other)
        {
            all.RemoveAll(p => p.Name == name);
            if (value.Length > 0) all.Add((name, value));
        }
        return "/oauth/authorize?" + string.Join('&', all.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"));
    }

    /// <summary>What came back to the application's address, by a redirect or by the page that goes on by itself; the address must be its own.</summary>
    public IReadOnlyDictionary<string, string> Back(Answer answer)
    {
        var to = answer.Location ?? answer.Header("Refresh")?.Split("url=", 2)[1] ?? throw new InvalidOperationException($"Nobody was sent anywhere: {answer}\n{answer.Body}");
        Assert.StartsWith(Redirect, to, StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(to[Redirect.Length..]);
        Assert.All(query, p => Assert.Single(p.Value));
        return query.ToDictionary(p => p.Key, p => p.Value.ToString(), StringComparer.Ordinal);
    }

    /// <summary>Asks for a code for somebody who is signed in, and needs to be asked nothing.</summary>
    public async Task<string> Code(Visitor visitor, params (string Name, string Value)[] other) => Back((await visitor.Get(Authorize(other))).Expect(302))["code"];

    public Task<Answer> Exchange(string code, params (string Name, string Value)[] other) =>
        Call("/oauth/token", [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Redirect), ("code_verifier", Verifier), .. other]);

    /// <summary>The whole way to tokens for somebody who is signed in.</summary>
    public async Task<JsonElement> Tokens(Visitor visitor, params (string Name, string Value)[] other) => (await Exchange(await Code(visitor, other))).Expect(200).Json;

    public Task<Answer> Refresh(string token) => Call("/oauth/token", ("grant_type", "refresh_token"), ("refresh_token", token));

    public async Task<bool> IsActive(string token) => (await Introspect(token)).GetProperty("active").GetBoolean();

    public async Task<JsonElement> Introspect(string token) => (await Call("/oauth/introspect", ("token", token))).Expect(200).Json;

    public Task<Answer> Revoke(string token) => Call("/oauth/revoke", ("token", token));

    public async Task<Answer> UserInfo(string token, Action<HttpRequestMessage>? prepare = null) => await app.Visitor().Send(HttpMethod.Get, "/oauth/userinfo", null, request =>
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        prepare?.Invoke(request);
    });

    /// <summary>A call with the client's own proof: in the body.</summary>
    public Task<Answer> Call(string path, params (string Name, string Value)[] parameters) =>
        Post(path, OwnSecret is null ? [.. parameters, ("client_id", Id)] : [.. parameters, ("client_id", Id), ("client_secret", OwnSecret)]);

    /// <summary>The same by client_secret_basic.</summary>
    public Task<Answer> CallBasic(string path, string secret, params (string Name, string Value)[] parameters) =>
        Post(path, parameters, request => request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(Id)}:{Uri.EscapeDataString(secret)}"))));

    public async Task<Answer> Post(string path, (string Name, string Value)[] parameters, Action<HttpRequestMessage>? prepare = null)
    {
        using var body = new FormUrlEncodedContent(parameters.Select(p => new KeyValuePair<string, string>(p.Name, p.Value)));
        return await app.Visitor("shop/1.0").Send(HttpMethod.Post, path, body, prepare);
    }

    public static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>The claims of a signed token, once its signature was checked against the published keys.</summary>
    public async Task<(JsonElement Header, JsonElement Claims)> Read(string token)
    {
        var keys = (await app.Visitor().Get("/oauth/jwks")).Expect(200).Json.GetProperty("keys").EnumerateArray().ToList();
        var parts = token.Split('.');
        var header = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[0])).RootElement;
        var key = keys.Single(k => Text(k, "kid") == Text(header, "kid"));
        Assert.Equal("ES256", Text(header, "alg"));
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Base64Url.DecodeFromChars(Text(key, "x")), Y = Base64Url.DecodeFromChars(Text(key, "y")) } });
        Assert.True(ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        return (header, JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement);
    }
}
