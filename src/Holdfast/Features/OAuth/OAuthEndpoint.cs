using Holdfast.Web;

namespace Holdfast.Features.OAuth;

/// <summary>What the endpoints for applications share: they look at no cookie, so what guards pages against foreign ones is not for them, and asking them is no use of anybody's session.</summary>
internal static class OAuthEndpoint
{
    internal static readonly object[] Metadata = [new OpenToAllAttribute(), new TakesForeignFormsAttribute(), new NotAUseAttribute()];

    /// <summary>What a call at the token, introspection or revocation endpoint brings, and which application makes it (RFC 6749 §3.2.1). Refuses as <see cref="OAuthForm.Read(HttpRequest)"/> and <see cref="AuthenticateClient.Run"/>.</summary>
    internal static async Task<OAuthOutcome<(OAuthForm Form, OAuthClient Client)>> Read(HttpContext context, AuthenticateClient authenticate)
    {
        var form = await OAuthForm.Read(context.Request);
        if (!form.Ok) return form.Error;
        var client = await authenticate.Run(context.Request, form.Value, Client.Of(context));
        return client.Ok ? (form.Value, client.Value) : client.Error;
    }
}
