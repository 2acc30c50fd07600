using System.Text;
using Holdfast.Configuration;
using Holdfast.Features.SignIn;
using Holdfast.Secrets;
using Holdfast.Storage;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>
/// Which application makes a call to the token, introspection or revocation endpoint (RFC 6749 §2.3, §3.2.1): by client_secret_basic or client_secret_post when it has a secret, by its client_id alone when it has none.
/// </summary>
public sealed class AuthenticateClient(Db db, OAuthClients clients, KeyRing keys, Throttle throttle, HoldfastSettings settings, TimeProvider clock)
{
    /// <summary>Refuses with <c>invalid_client</c> (401; 429 with the wait once too many wrong secrets came from one network) and <c>invalid_request</c> for two methods at once.</summary>
    public async Task<OAuthOutcome<OAuthClient>> Run(HttpRequest request, OAuthForm form, Client caller)
    {
        string? id = form["client_id"], secret = form["client_secret"];
        var byHeader = request.Headers.Authorization.ToString() is { Length: > 0 } header;
        if (byHeader)
        {
            // RFC 6749 §2.3: not more than one method in a request.
            if (secret is not null) return OAuthError.Request("the client authenticates in two ways at once");
            if (!TryBasic(request.Headers.Authorization.ToString(), out var user, out secret)) return OAuthError.Client(byHeader);
            if (id is not null && id != user) return OAuthError.Request("two clients are named");
            id = user;
        }
        if (id is null) return OAuthError.Client(byHeader);
        var now = clock.GetUtcNow();
        if (await clients.Find(id) is not { IsOn: true } client) return OAuthError.Client(byHeader);
        // The right one always serves: whoever guesses behind the same address stops nobody's application.
        if (await Shows(client, secret, now)) return client;
        if (secret is null || !client.Confidential) return OAuthError.Client(byHeader);
        // Counted for applications that there are, from this network: what strangers invent fills no table.
        var counted = keys.Hash("throttle", $"client_secret\n{caller.Network}\n{id}");
        return await db.Write(tx => throttle.ChargeNetwork(tx, counted, settings.SignIn.NetworkLimit, now)) is { } wait ? OAuthError.Wait(wait) : OAuthError.Client(byHeader);
    }

    private async Task<bool> Shows(OAuthClient client, string? secret, DateTimeOffset now)
    {
        // One without a secret that shows one is mistaken for another.
        if (!client.Confidential) return secret is null;
        if (secret is null) return false;
        return client.IsFromSettings ? ClientSecret.Matches(keys, client.Id, secret, clients.SecretsOfSettings(client.Id)) : ClientSecret.Matches(keys, client.Id, secret, await db.Read(tx => ClientTable.Secrets(tx, client.Id, now)));
    }

    /// <summary>RFC 6749 §2.3.1: both parts are form-encoded before they are put into the header of RFC 7617.</summary>
    private static bool TryBasic(string header, out string? id, out string? secret)
    {
        (id, secret) = (null, null);
        const string Scheme = "Basic ";
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > 1000) return false;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length)) return false;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1) return false;
        (id, secret) = (System.Net.WebUtility.UrlDecode(text[..colon]), System.Net.WebUtility.UrlDecode(text[(colon + 1)..]));
        return true;
    }
}
