using Holdfast.Configuration;

namespace Holdfast.Features.Passkeys;

/// <summary>
/// Who this server is to authenticators: the host name and the origin of <c>PublicUrl</c>, and nothing that a request says. A passkey that was made for one name works under no other.
/// </summary>
public sealed record RelyingParty
{
    public RelyingParty(ServerSettings server)
    {
        // As browsers write it: the name in ASCII (RFC 5891), the port only where it is not the usual one.
        Id = server.PublicUrl.IdnHost;
        Origin = $"{server.PublicUrl.Scheme}://{Id}{(server.PublicUrl.IsDefaultPort ? "" : $":{server.PublicUrl.Port}")}";
        IsPossible = server.PublicUrl.HostNameType == UriHostNameType.Dns;
    }

    /// <summary>The RP ID: a host name such as <c>id.example.com</c>.</summary>
    public string Id { get; }

    /// <summary>Such as <c>https://id.example.com</c>.</summary>
    public string Origin { get; }

    /// <summary>False for a numeric address: browsers make passkeys for names alone (WebAuthn L3 §5.1.3).</summary>
    public bool IsPossible { get; }
}
