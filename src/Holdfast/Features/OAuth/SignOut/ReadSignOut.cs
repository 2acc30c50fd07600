using System.Text.Json.Nodes;
using Holdfast.Features.Sessions;
using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>A request to sign the person out, as an application makes it.</summary>
/// <param name="Client">Null when it does not say which it is.</param>
/// <param name="To">Where to go afterwards, with the application's state; null stays here.</param>
/// <param name="HintedSession">The session that the application's id token is about; null without one.</param>
public sealed record SignOutRequest(OAuthClient? Client, string? To, string? HintedSession)
{
    /// <summary>An id token of just this session shows that it is the application's to end: nobody else has it (OpenID Connect RP-Initiated Logout 1.0 §2). Otherwise the person is asked, or any page could sign people out (ASVS 10.6.2).</summary>
    public bool IsSure(Session session) => HintedSession == session.Id;
}

/// <summary>Reads it (§2, §3): the address has to be registered letter by letter, and nobody is sent anywhere else.</summary>
public sealed class ReadSignOut(OAuthClients clients, SigningKeys keys)
{
    /// <summary>Refuses with <c>oauth.request_malformed</c>, <c>oauth.client_unknown</c>, <c>oauth.sign_out_not_registered</c> (400).</summary>
    public async Task<Outcome<SignOutRequest>> Run(IReadOnlyCollection<KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues>> query)
    {
        var read = OAuthForm.Read(query);
        if (!read.Ok) return ReadAuthorize.Malformed;
        var form = read.Value;
        // One that is long over still says who it was for (§2). One that no key of ours signed, or a key that is forgotten after a leak, says nothing: the person is asked.
        var hint = form["id_token_hint"] is { } token ? await keys.Read(token, IdToken.Type) : null;
        var audience = (string?)hint?["aud"];
        if (form["client_id"] is { } named && audience is not null && named != audience) return ReadAuthorize.Malformed;
        var id = form["client_id"] ?? audience;
        var client = id is null ? null : await clients.Find(id);
        if (id is not null && client is null) return ReadAuthorize.ClientUnknown;
        // Without knowing whose the address is nobody is sent there; they can still sign out.
        if (form["post_logout_redirect_uri"] is not { } to || (id is null && form["id_token_hint"] is not null)) return new SignOutRequest(client, null, (string?)hint?["sid"]);
        if (client is not { IsOn: true } || !client.SignOutList.Contains(to, StringComparer.Ordinal)) return new Refusal("oauth.sign_out_not_registered", 400);
        return new SignOutRequest(client, AuthorizeRequest.Return(to, [], form["state"], null), (string?)hint?["sid"]);
    }
}
