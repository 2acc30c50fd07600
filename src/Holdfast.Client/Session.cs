using System.Buffers.Text;
using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Holdfast.Client;

/// <summary>What a session of the product knows. The browser has none of it.</summary>
/// <param name="Key">The store's key, so that contents cannot be swapped there.</param>
/// <param name="IdClaims">The claims of the id token: how the person proved who they are.</param>
/// <param name="Person">The answer of the userinfo endpoint: who they are now.</param>
/// <param name="ProvenAt">By our clock; see <see cref="Demand.ProvenAt"/>.</param>
/// <param name="SecondWithin">Seconds; see <see cref="Demand.SecondWithin"/>.</param>
/// <param name="CheckedAt">When Holdfast last said that it lives, as far as that was written down.</param>
internal sealed record Session(string Key, string Sid, string IdToken, string IdClaims, string Person, DateTimeOffset ProvenAt, string? SecondWithin, string AccessToken, DateTimeOffset AccessEndsAt, string RefreshToken, DateTimeOffset CheckedAt)
{
    public string Subject => ReadToken.Text(Json(IdClaims), "sub")!;

    /// <summary>OpenID Connect Core §5.3.2: the answer must be about the same person.</summary>
    public static bool IsAbout(string person, string subject) => ReadToken.Text(Json(person), "sub") == subject;

    public ClaimsPrincipal Principal()
    {
        var (id, person) = (Json(IdClaims), Json(Person));
        var identity = new ClaimsIdentity(HoldfastHandler.SchemeName, "name", "role");
        foreach (var name in (string[])["sub", "sid", "acr"]) Add(name, ReadToken.Text(id, name));
        foreach (var name in (string[])["name", "email", "locale", "zoneinfo"]) Add(name, ReadToken.Text(person, name));
        Add("auth_time", ReadToken.Time(id, "auth_time")?.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Add(Demand.ProvenAt, ProvenAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        Add(Demand.SecondWithin, SecondWithin);
        if (id.TryGetProperty("amr", out var methods) && methods.ValueKind == JsonValueKind.Array) foreach (var method in methods.EnumerateArray()) Add("amr", method.GetString());
        if (person.TryGetProperty("workspaces", out var workspaces) && workspaces.ValueKind == JsonValueKind.Array) foreach (var workspace in workspaces.EnumerateArray()) Add("workspace", workspace.GetRawText());
        return new ClaimsPrincipal(identity);

        void Add(string type, string? value)
        {
            if (value is not null) identity.AddClaim(new Claim(type, value, ClaimValueTypes.String, ReadToken.Text(id, "iss")));
        }
    }

    /// <summary>The compiler's version would print the tokens.</summary>
    public override string ToString() => nameof(Session);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}

/// <summary>Turns sessions into what is kept and back. The browser has 256 random bits; the store knows their hash.</summary>
internal sealed class Vault(IDataProtectionProvider protection, IOptions<HoldfastOptions> options, TimeProvider clock)
{
    private readonly IDataProtector _protector = protection.CreateProtector("Holdfast.Client", "session", options.Value.Issuer, options.Value.ClientId);

    /// <summary>The key of what a browser shows; null for what cannot be a cookie of ours.</summary>
    public static string? KeyOf(string? cookie) => cookie is { Length: 43 } && Base64Url.IsValid(cookie) ? Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(cookie))) : null;

    public HoldfastSessionEntry Close(Session session) => new(session.Key, session.Sid, clock.GetUtcNow() + options.Value.IdleFor, _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(session)));

    /// <summary>Null when it is over, is another's, or was made with keys that are gone.</summary>
    public Session? Open(HoldfastSessionEntry entry)
    {
        if (entry.EndsAt <= clock.GetUtcNow()) return null;
        try
        {
            return JsonSerializer.Deserialize<Session>(_protector.Unprotect(entry.Content.ToArray())) is { } session && session.Key == entry.Key ? session : null;
        }
        catch (Exception error) when (error is CryptographicException or JsonException)
        {
            return null;
        }
    }
}
